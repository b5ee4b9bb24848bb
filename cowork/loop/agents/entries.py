"""The section `agents` of the user's config.yaml: agents for loops under names of the user's own.

Every key may be written as in Python or as in JavaScript: `default_flags` or `defaultFlags`. Only the user's own file has this
section, never a project's: what it names is run.
"""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cowork.core.config_sections import Entry
from cowork.core.errors import InvalidInput
from cowork.core.outcome import Notice
from cowork.core.text import did_you_mean, one_line
from cowork.loop.agents.work import AgentSpec
from cowork.models.command_line.dialects import DIALECTS

_NAME = re.compile(r"[A-Za-z0-9_][\w.-]{0,59}", re.ASCII)
_MOST_BACKOFF_MS, _MOST_RETRIES = 300_000, 10


@dataclass(frozen=True)
class AgentEntry:
    """What an entry says; None and empty where it says nothing.

    `plugin` is the agent that it is made of, and `command` the words in place of its program. `flags` come after those that
    the agent has. `dialect` and `prompt` say how a program of the user's own speaks, `model_flag` how it is told its model.
    `env_passthrough` and `env_exclude` are names of variables or patterns of them. `retry_*` are for its rate limits.
    """

    plugin: str | None = None
    command: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    model: str | None = None
    model_flag: str | None = None
    dialect: str | None = None
    prompt: str | None = None
    timeout_s: float | None = None
    fallback_agents: tuple[str, ...] = ()
    env_passthrough: tuple[str, ...] = ()
    env_exclude: tuple[str, ...] = ()
    retry_enabled: bool | None = None
    retry_max: int | None = None
    retry_base_ms: int | None = None
    recover_primary: bool | None = None

    @property
    def plain(self) -> tuple[tuple[str, Any], ...]:
        """What it says, as `AgentSpec.settings` keeps it."""
        return tuple((name, value) for name, value in vars(self).items() if value not in (None, ()))

    @classmethod
    def of(cls, spec: AgentSpec) -> AgentEntry:
        """The entry in a spec's settings, also when they come from a journal."""
        known: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in spec.settings
            if name in cls.__dataclass_fields__
        }
        return cls(**known)


def read(name: str, entry: Entry) -> tuple[AgentEntry, tuple[Notice, ...]]:
    """An entry, judged; unknown keys are notices. Raises `config.invalid` naming the file, the key and its rule."""
    if not _NAME.fullmatch(name):
        raise _invalid(entry, name, "must be a name of letters, digits, dots, dashes and underscores")
    found, notices = _fields(entry, name, entry.value, _FIELDS)
    if (limits := found.pop("rate_limit_handling", None)) is not None:
        handling, more = _fields(entry, f"{name}.rate_limit_handling", limits, _HANDLING)
        found, notices = found | handling, notices + more
    if "plugin" not in found and "command" not in found:
        raise _invalid(entry, name, "must have a plugin, which is an agent that is known, or a command")
    return AgentEntry(**found), tuple(notices)


def _fields(
    entry: Entry, where: str, value: Mapping[str, Any], rules: Mapping[str, _Rule]
) -> tuple[dict[str, Any], list[Notice]]:
    found: dict[str, Any] = {}
    notices: list[Notice] = []
    for key, raw in value.items():
        rule = rules.get(_snake(str(key)))
        if rule is None:
            hint = did_you_mean(str(key), rules, f"there are {', '.join(rules)}")
            text = f"{entry.source}: unknown key 'agents.{where}.{one_line(str(key), 60)}' ({hint})"
            notices.append(Notice("config.unknown_key", text))
        elif raw is not None:
            field, judge = rule
            if field in found:
                raise _invalid(entry, f"{where}.{key}", "is given twice, in two spellings")
            try:
                found[field] = judge(raw)
            except _WrongError as wrong:
                raise _invalid(entry, f"{where}.{key}", str(wrong)) from None
    return found, notices


def _snake(key: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: "_" + match[1].lower(), key)


def _invalid(entry: Entry, key: str, rule: str) -> InvalidInput:
    return InvalidInput(
        "config.invalid",
        f"{entry.source}: agents.{one_line(key, 120)} {rule}",
        hint="for example: agents: {mine: {plugin: claude, model: opus}}",
        details={"key": f"agents.{key}", "source": entry.source},
    )


class _WrongError(Exception):
    pass


def _text(raw: Any) -> str:
    if not isinstance(raw, str) or not raw.strip() or "\0" in raw:
        raise _WrongError("must be a text")
    return raw.strip()


def _words(raw: Any) -> tuple[str, ...]:
    """A list of words, taken as they are, or a text, parted as a shell would; no shell ever sees them."""
    if isinstance(raw, str):
        try:
            raw = shlex.split(raw)
        except ValueError as error:
            raise _WrongError(f"cannot be parted into words: {error}") from None
    return _texts(raw)


def _command(raw: Any) -> tuple[str, ...]:
    found = _words(raw)
    if not found or not found[0].strip():
        raise _WrongError("must name a program")
    return found


def _texts(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(item, str) and "\0" not in item for item in raw):
        raise _WrongError("must be a list of texts")
    return tuple(raw)


def _choice(*choices: str) -> Callable[[Any], str]:
    def chosen(raw: Any) -> str:
        if raw not in choices:
            raise _WrongError(f"must be one of {', '.join(choices)}")
        return str(raw)

    return chosen


def _seconds(raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)) or not 0 < raw < math.inf:
        raise _WrongError("must be a number of seconds above 0")
    return float(raw)


def _milliseconds(raw: Any) -> float:
    return _seconds(raw) / 1000


def _truth(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise _WrongError("must be true or false")
    return raw


def _count(most: int) -> Callable[[Any], int]:
    def counted(raw: Any) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= most:
            raise _WrongError(f"must be a whole number from 0 to {most}")
        return raw

    return counted


def _mapping(raw: Any) -> Mapping[str, Any]:
    if not isinstance(raw, dict):
        raise _WrongError("must be a mapping")
    return raw


_Rule = tuple[str, Callable[[Any], Any]]
_FIELDS: Mapping[str, _Rule] = {
    "plugin": ("plugin", _text),
    "command": ("command", _command),
    "default_flags": ("flags", _words),
    "model": ("model", _text),
    "model_flag": ("model_flag", _text),
    "dialect": ("dialect", _choice(*DIALECTS)),
    "prompt": ("prompt", _choice("stdin", "argument")),
    "timeout_s": ("timeout_s", _seconds),
    "timeout": ("timeout_s", _milliseconds),
    "fallback_agents": ("fallback_agents", _texts),
    "env_passthrough": ("env_passthrough", _texts),
    "env_exclude": ("env_exclude", _texts),
    "rate_limit_handling": ("rate_limit_handling", _mapping),
}
_HANDLING: Mapping[str, _Rule] = {
    "enabled": ("retry_enabled", _truth),
    "max_retries": ("retry_max", _count(_MOST_RETRIES)),
    "base_backoff_ms": ("retry_base_ms", _count(_MOST_BACKOFF_MS)),
    "recover_primary_between_iterations": ("recover_primary", _truth),
}
