"""Settings: flag > COWORK_* environment > project config > user config > default, each value with its origin.

The only module that reads configuration from the environment or from `config.yaml`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from cowork.core.errors import InvalidInput, NotFound
from cowork.core.files import read_regular
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
_MAX_CONFIG_BYTES = 64 * 1024
_INFINITE = float("inf")


@dataclass(frozen=True)
class Value:
    """A setting's value and where it comes from: default, user, project, env or flag; `source` names the file or variable."""

    key: str
    value: Any
    origin: str
    source: str
    help: str


class Settings:
    """The settings in force for one command."""

    def __init__(self, values: Mapping[str, Value], notices: tuple[Notice, ...]) -> None:
        self._values = dict(values)
        self.notices = notices

    def __getitem__(self, key: str) -> Any:
        return self._values[key].value

    def all(self) -> list[Value]:
        """Every value, sorted by key."""
        return sorted(self._values.values(), key=lambda value: value.key)

    def value(self, key: str) -> Value:
        """One value with its origin. Raises `config.unknown_key`."""
        if key not in self._values:
            hint = did_you_mean(key, self._values, "list them with: cowork config show")
            raise NotFound("config.unknown_key", f"there is no setting '{key}'", hint=hint, details={"key": key})
        return self._values[key]


def load(environ: Mapping[str, str] | None = None, flags: Mapping[str, Any] | None = None) -> Settings:
    """Read all layers. Raises `config.invalid` naming the file or variable, the key and the rule; unknown keys are notices."""
    environment = os.environ if environ is None else environ
    values = {item.key: Value(item.key, item.default, "default", "built in", item.help) for item in SETTINGS}
    notices: list[Notice] = []
    project = project_dir() / ".cowork" / "config.yaml"
    user = home() / "config.yaml"
    for origin, path in (("user", user), ("project", project)):
        if origin == "project" and path == user:
            continue
        for key, raw in _read_yaml(path).items():
            setting = _BY_KEY.get(key)
            if setting is None:
                hint = did_you_mean(key, _BY_KEY, "see: cowork config show")
                notices.append(Notice("config.unknown_key", f"{path}: unknown setting '{key}' ({hint})"))
            elif origin == "project" and not setting.project_safe:
                text = f"{path}: '{key}' is ignored: only you, not a project, may set it"
                notices.append(Notice("config.untrusted", text))
            else:
                values[key] = _value(setting, raw, origin, str(path))
    for setting in SETTINGS:
        if setting.env in environment:
            values[setting.key] = _value(setting, _from_text(setting, environment[setting.env]), "env", setting.env)
    for key, raw in (flags or {}).items():
        if raw is not None:
            values[key] = _value(_BY_KEY[key], raw, "flag", "command line")
    return Settings(values, tuple(notices))


def one(key: str) -> Any:
    """One setting's value, without the price of reading YAML where no file mentions it. Raises what `load` raises."""
    setting = _BY_KEY[key]
    files = [home() / "config.yaml", *([project_dir() / ".cowork" / "config.yaml"] if setting.project_safe else ())]
    if setting.env in os.environ or any(_mentions(path, key) for path in files):
        return load()[key]
    return setting.default


def _mentions(path: Path, key: str) -> bool:
    try:
        raw = read_regular(path, _MAX_CONFIG_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # `load` says what is wrong with it
    return key.encode() in raw or b"\\" in raw  # an escape could spell it


def _value(setting: Setting, raw: Any, origin: str, source: str) -> Value:
    wanted = "a number" if setting.type in (int, float) else "text"
    value = _as_float(raw) if setting.type is float and isinstance(raw, int) and not isinstance(raw, bool) else raw
    rule = None
    if isinstance(value, bool) or not isinstance(value, setting.type):
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


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        raw = read_regular(path, _MAX_CONFIG_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise _corrupt(path, error.strerror or str(error)) from error
    if len(raw) > _MAX_CONFIG_BYTES:
        raise _corrupt(path, f"it is larger than {_MAX_CONFIG_BYTES} bytes")
    try:
        document = _parse(raw)
    except Exception as error:  # besides YAMLError, PyYAML lets a dozen others through, KeyError for `!!bool perhaps`
        raise _corrupt(path, " ".join(str(error).split()) or type(error).__name__) from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise _corrupt(path, "it must hold a mapping of settings")
    return {str(key): value for key, value in document.items()}


def _parse(raw: bytes) -> Any:
    import yaml

    class Plain(yaml.SafeLoader):
        """YAML without aliases: with them and `<<`, a few bytes stand for more than the memory holds."""

        def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
            if self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("aliases are not allowed in a configuration")
            return super().compose_node(parent, index)

    return yaml.load(raw, Loader=Plain)  # noqa: S506 - it is a SafeLoader


def _corrupt(path: Path, cause: str) -> InvalidInput:
    return InvalidInput(
        "config.corrupt",
        f"cannot read the configuration {path}",
        cause=cause,
        hint="mend the file or move it away",
        details={"path": str(path)},
    )
