"""The settings of everything but loops, by key."""

from __future__ import annotations

from cowork.core.setting import Setting

GENERAL = (
    Setting("agent_max_calls", int, 300, "Answers that all models of one agent run may give together.", minimum=1),
    Setting(
        "agent_max_turns", int, 50, "Answers of one agent in one run, when neither it nor the command line says.", minimum=1
    ),
    Setting(
        "agent_output_tokens", int, 8192, "The longest answer of an agent's turn, in tokens.", minimum=1, project_safe=False
    ),
    Setting(
        "allowed_tools",
        str,
        "restrict",
        "What allowed-tools of skills and commands mean: restrict and approve, or only approve, as in Claude Code.",
        ("restrict", "approve"),
        project_safe=False,
    ),
    Setting("argument_base", int, 0, "The number of the first positional argument in commands and skills.", minimum=0),
    Setting("color", str, "auto", "When to colour the terminal's text.", ("auto", "always", "never")),
    Setting(
        "command_secrets",
        str,
        "",
        "Variables with secrets that command-line agents are given beside their own, comma-separated, such as AWS_PROFILE.",
        project_safe=False,
    ),
    Setting(
        "command_timeout_s",
        float,
        1800.0,
        "Seconds one answer of a command-line agent may take.",
        minimum=1,
        project_safe=False,
    ),
    Setting("context_tokens", int, 150_000, "Estimated tokens of a conversation beyond which it is compacted.", minimum=1000),
    Setting("debate_rounds", int, 1, "Rebuttal rounds of a debate.", minimum=0),
    Setting("default_pattern", str, "solo", "The pattern of `loop start` when none is named."),
    # A project must not choose who receives the user's material, nor spend on the user's keys.
    Setting("max_output_tokens", int, 2048, "The longest answer asked of a model, in tokens.", minimum=1, project_safe=False),
    Setting("model", str, "", "The model used when none is named; empty for the provider's default.", project_safe=False),
    Setting(
        "pack_registry",
        str,
        "https://raw.githubusercontent.com/CoWork-OS/CoWork-OS/main/registry",
        "Where the catalogue of packs is: an address or a directory; PLUGIN_PACK_REGISTRY in the environment comes first.",
        project_safe=False,
    ),
    Setting(
        "pack_registries",
        str,
        "",
        "Further registries of packs, as name=address, comma-separated; `pack install name/id` takes from one.",
        project_safe=False,
    ),
    Setting(
        "private_hosts",
        str,
        "",
        "Hosts (name or name:port, comma-separated) that may have private addresses and be reached over plain http.",
        project_safe=False,
    ),
    Setting("provider", str, "", "The provider used when none is named; empty to choose by what is there.", project_safe=False),
    Setting(
        "rate_limit_base_backoff_ms",
        int,
        5000,
        "Milliseconds before a second try, tripled each time.",
        minimum=0,
        project_safe=False,
    ),
    Setting(
        "rate_limit_enabled",
        bool,
        True,
        "Whether to wait and try again when a provider refuses for a while.",
        project_safe=False,
    ),
    Setting(
        "rate_limit_longest_wait_s",
        float,
        30.0,
        "The longest wait before a call, in seconds; beyond it the call fails.",
        minimum=0,
        project_safe=False,
    ),
    # The plan says 5: an unreachable server would keep whoever waits for an answer for minutes. Loops wait by themselves.
    Setting(
        "rate_limit_max_retries",
        int,
        1,
        "How often one call is tried again; few, as people wait for it: a loop waits for a reset by itself.",
        minimum=0,
        project_safe=False,
    ),
    Setting("request_timeout_s", float, 120.0, "Seconds one model call may take.", minimum=1, project_safe=False),
    Setting(
        "subagent_tracing_level",
        str,
        "moderate",
        "What is reported of the subagents of command-line agents.",
        ("off", "minimal", "moderate", "full"),
    ),
    Setting(
        "twin_evidence_tokens",
        int,
        12_000,
        "Estimated tokens of evidence that a twin's model is given at a heartbeat.",
        minimum=500,
        project_safe=False,
    ),
    Setting("twin_jobs", int, 4, "How many twins one process lets work at a time.", minimum=1, project_safe=False),
    Setting(
        "twin_keep_days",
        int,
        90,
        "How many days results of twins are kept; 0 for ever. Those that were judged, and the last of each task, stay.",
        minimum=0,
        project_safe=False,
    ),
    Setting(
        "twin_memory_tokens",
        int,
        800,
        "The most that a twin is told of what it remembers and of facts, in estimated tokens; 0 for nothing.",
        minimum=0,
        project_safe=False,
    ),
)
