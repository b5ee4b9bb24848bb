"""Settings: flag > COWORK_* environment > project config > user config > default, each value with its origin.

Beside settings a file has sections: mappings of names to mappings, which other rooms read and judge.

Nothing else reads configuration from the environment or from `config.yaml`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cowork.core.config_files import mentions, read_yaml
from cowork.core.config_sections import SECTIONS, Entry, Section, entries
from cowork.core.errors import InvalidInput, NotFound
from cowork.core.outcome import Notice
from cowork.core.paths import home, project_dir
from cowork.core.text import did_you_mean


class Setting(NamedTuple):
    """One setting. `project_safe` says whether a project that is not trusted may set it."""

    key: str
    type: type
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    project_safe: bool = True

    @property
    def env(self) -> str:
        """The environment variable that sets it."""
        return "COWORK_" + self.key.upper()


SETTINGS = (
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
    Setting("rate_limit_max_retries", int, 1, "How often one call is tried again.", minimum=0, project_safe=False),
    Setting("request_timeout_s", float, 120.0, "Seconds one model call may take.", minimum=1, project_safe=False),
    Setting(
        "subagent_tracing_level",
        str,
        "moderate",
        "What is reported of the subagents of command-line agents.",
        ("off", "minimal", "moderate", "full"),
    ),
)
_BY_KEY = {setting.key: setting for setting in SETTINGS}


_INFINITE = float("inf")
_TRUTHS = dict.fromkeys(("yes", "true", "on", "1"), True) | dict.fromkeys(("no", "false", "off", "0"), False)


class Value(NamedTuple):
    """A setting's value and where it comes from: default, user, project, env or flag; `source` names the file or variable."""

    key: str
    value: Any
    origin: str
    source: str
    help: str


class Settings:
    """The settings in force for one command."""

    def __init__(
        self,
        values: Mapping[str, Value],
        notices: tuple[Notice, ...],
        sections: Mapping[str, Mapping[str, Entry]] | None = None,
    ) -> None:
        self._values = dict(values)
        self._sections = dict(sections or {})
        self.notices = notices

    def __getitem__(self, key: str) -> Any:
        return self._values[key].value

    def section(self, name: str) -> Mapping[str, Entry]:
        """The entries of a section by name; a project's takes the place of the user's of that name."""
        return self._sections.get(name, {})

    def all(self) -> list[Value]:
        """Every value, sorted by key. A section that a file has is one, too: it says which names are in it."""
        return sorted(self._shown().values(), key=lambda value: value.key)

    def value(self, key: str) -> Value:
        """One value with its origin. Raises `config.unknown_key`."""
        shown = self._shown()
        if key not in shown:
            hint = did_you_mean(key, shown, "list them with: cowork config show")
            raise NotFound("config.unknown_key", f"there is no setting '{key}'", hint=hint, details={"key": key})
        return shown[key]

    def _shown(self) -> dict[str, Value]:
        shown = dict(self._values)
        for name, held in self._sections.items():
            if held:
                origin = max((entry.origin for entry in held.values()), key=("user", "project").index)
                sources = dict.fromkeys(entry.source for entry in held.values())
                shown[name] = Value(name, ", ".join(sorted(held)), origin, ", ".join(sources), SECTIONS[name].help)
        return shown


def load(environ: Mapping[str, str] | None = None, flags: Mapping[str, Any] | None = None) -> Settings:
    """Read all layers. Raises `config.invalid` naming the file or variable, the key and the rule; unknown keys are notices."""
    environment = os.environ if environ is None else environ
    values = {item.key: Value(item.key, item.default, "default", "built in", item.help) for item in SETTINGS}
    notices: list[Notice] = []
    sections: dict[str, dict[str, Entry]] = {}
    for origin, path in _files():
        for key, raw in read_yaml(path).items():
            known = _BY_KEY.get(key) or SECTIONS.get(key)
            if known is None:
                hint = did_you_mean(key, (*_BY_KEY, *SECTIONS), "see: cowork config show")
                notices.append(Notice("config.unknown_key", f"{path}: unknown setting '{key}' ({hint})"))
            elif origin == "project" and not known.project_safe:
                text = f"{path}: '{key}' is ignored: only you, not a project, may set it"
                notices.append(Notice("config.untrusted", text))
            elif isinstance(known, Section):
                sections.setdefault(key, {}).update(entries(known, raw, origin, str(path)))
            else:
                values[key] = _value(known, raw, origin, str(path))
    for setting in SETTINGS:
        if setting.env in environment:
            values[setting.key] = _value(setting, _from_text(setting, environment[setting.env]), "env", setting.env)
    for key, raw in (flags or {}).items():
        if raw is not None:
            values[key] = _value(_BY_KEY[key], raw, "flag", "command line")
    return Settings(values, tuple(notices), sections)


def one(key: str) -> Any:
    """One setting's value, without the price of reading YAML where no file mentions it. Raises what `load` raises."""
    setting = _BY_KEY[key]
    if setting.env in os.environ or any(mentions(path, key) for path in _files_of(setting)):
        return load()[key]
    return setting.default


def section(name: str) -> Mapping[str, Entry]:
    """One section's entries, as `Settings.section` has them, and as cheap as `one`; the rest of the files is not judged."""
    known, found = SECTIONS[name], dict[str, Entry]()
    for path in _files_of(known):
        if mentions(path, name):
            origin = "user" if path == home() / "config.yaml" else "project"
            found.update(entries(known, read_yaml(path).get(name), origin, str(path)))
    return found


def _files() -> tuple[tuple[str, Path], ...]:
    """The configuration files with their origins, the weaker first."""
    user, project = home() / "config.yaml", project_dir() / ".cowork" / "config.yaml"
    return (("user", user),) if project == user else (("user", user), ("project", project))


def _files_of(known: Setting | Section) -> list[Path]:
    return [path for origin, path in _files() if origin == "user" or known.project_safe]


def _value(setting: Setting, raw: Any, origin: str, source: str) -> Value:
    wanted = "a number" if setting.type in (int, float) else "yes or no" if setting.type is bool else "text"
    value = _as_float(raw) if setting.type is float and isinstance(raw, int) and not isinstance(raw, bool) else raw
    if setting.type is bool and isinstance(raw, str):
        value = _TRUTHS.get(raw.casefold(), raw)
    rule = None
    if isinstance(value, bool) is not (setting.type is bool) or not isinstance(value, setting.type):
        rule = f"must be {wanted}"
    elif isinstance(value, float) and not -_INFINITE < value < _INFINITE:  # NaN too
        rule = "must be a finite number"
    elif setting.choices and value not in setting.choices:
        rule = f"must be one of {', '.join(setting.choices)}"
    elif setting.minimum is not None and isinstance(value, (int, float)) and value < setting.minimum:
        rule = f"must be at least {setting.minimum:g}"
    if rule:
        raise InvalidInput(
            "config.invalid",
            f"{source}: {setting.key} {rule}",
            cause=f"it is {raw!r}" if isinstance(raw, (str, int, float)) else f"it is a {type(raw).__name__}",
            hint=f"default: {setting.default!r}",
            details={"key": setting.key, "source": source},
        )
    return Value(setting.key, value, origin, source, setting.help)


def _as_float(number: int) -> float:
    try:
        return float(number)
    except OverflowError:
        return _INFINITE


def _from_text(setting: Setting, text: str) -> Any:
    if setting.type in (int, float):
        try:
            return setting.type(text)
        except ValueError:
            return text  # judged, and refused, by the rule for every source
    return text
