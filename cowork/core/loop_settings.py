"""The settings of loops, by key.

A project may say how a loop of it goes, but not who gets its material, what is run beside agents, what is told to whom, and how
much may be spent: limits are the user's.
"""

from __future__ import annotations

from cowork.core.setting import Setting

LOOP = (
    Setting(
        "agent_idle_s",
        float,
        0.0,
        "Seconds an agent of a loop may say nothing before it is ended; 0 for no limit.",
        minimum=0,
        project_safe=False,
    ),
    Setting(
        "auto_commit",
        bool,
        False,
        "Whether a loop commits what was changed for a task once it is done.",
        project_safe=False,  # a commit runs the repository's hooks
    ),
    Setting("check_timeout_s", float, 600.0, "Seconds one check command of a loop may take.", minimum=1),
    Setting(
        "commit_message",
        str,
        "{{taskId}}: {{taskTitle}}",
        "The template of the messages of a loop's commits.",
        blank=True,
    ),
    Setting(
        "completion_promise",
        str,
        "COMPLETE",
        "What stands between <promise> and </promise> in an agent's final message when the work is done.",
        blank=True,
    ),
    Setting(
        "continue_on_nonzero_exit",
        bool,
        False,
        "Whether the answer of an agent whose program ended with a failure counts as an answer.",
    ),
    Setting("default_agent", str, "claude", "Who works in a loop when no agent is named.", project_safe=False),
    Setting(
        "error_strategy",
        str,
        "retry",
        "What follows a failed iteration: try again, leave the task alone, or end the run.",
        ("retry", "skip", "abort"),
    ),
    Setting(
        "fallback_agents",
        tuple,
        ("gemini", "codex"),
        "Who works when the agent is limited or useless, in this order; only those that are there.",
        project_safe=False,
    ),
    Setting("iteration_delay_ms", int, 0, "Milliseconds between two iterations of a loop.", minimum=0),
    Setting(
        "iteration_timeout_s",
        float,
        0.0,
        "Seconds one iteration may take in all; 0 for no limit but that of a command-line agent's answer.",
        minimum=0,
        project_safe=False,
    ),
    Setting(
        "max_attempts",
        int,
        10,
        "Iterations one task may take before it is given up; 0 for no limit.",
        minimum=0,
        project_safe=False,
    ),
    Setting(
        "max_failures",
        int,
        5,
        "Failed iterations in a row after which a loop ends; 0 for no limit.",
        minimum=0,
        project_safe=False,
    ),
    Setting("max_iterations", int, 50, "Iterations of one run of a loop; 0 for no limit.", minimum=0, project_safe=False),
    Setting(
        "max_retries",
        int,
        3,
        "How often a failed iteration is tried again before its task is left alone.",
        minimum=0,
        project_safe=False,
    ),
    Setting(
        "max_run_seconds",
        float,
        0.0,
        "Seconds a run of a loop may work, over all its resumptions; 0 for no limit.",
        minimum=0,
        project_safe=False,
    ),
    Setting(
        "multi_model_per_iteration",
        bool,
        False,
        "Whether several models deliberate, by default_pattern, in every iteration of a loop.",
        project_safe=False,
    ),
    Setting(
        "notify_urls",
        tuple,
        (),
        "Whom to tell of the end of a loop: addresses as apprise has them. They are secrets, and never shown.",
        project_safe=False,
        secret=True,
    ),
    Setting(
        "recover_primary_between_iterations",
        bool,
        True,
        "Whether the first agent is tried again between iterations while another stands in for it.",
    ),
    Setting("retry_delay_ms", int, 1000, "Milliseconds before a failed iteration is tried again.", minimum=0),
    Setting(
        "sandbox",
        str,
        "off",
        "The sandbox that agents of a loop work in; auto takes the one of this system.",
        ("off", "auto", "bwrap", "sandbox-exec"),
        project_safe=False,
    ),
    Setting("sandbox_network", bool, True, "Whether agents in a sandbox reach the network.", project_safe=False),
    Setting(
        "stagnation_limit",
        int,
        3,
        "Iterations in a row with the same changes and the same final message that mean nothing moves; 0 for no limit.",
        minimum=0,
        project_safe=False,
    ),
)
