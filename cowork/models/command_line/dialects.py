"""The dialects by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cowork.core.errors import InvalidInput
from cowork.core.text import did_you_mean
from cowork.models.command_line import claude, codex, gemini, opencode, plain
from cowork.models.command_line.events import Event

Dialect = Callable[[Mapping[str, Any]], Iterator[Event]]
DIALECTS: Mapping[str, Dialect] = {
    "claude": claude.events,
    "codex": codex.events,
    "gemini": gemini.events,
    "opencode": opencode.events,
    "text": plain.events,
}


def dialect(name: str) -> Dialect:
    """What reads the records of an agent. Raises `provider.no_dialect`."""
    if name not in DIALECTS:
        hint = did_you_mean(name, DIALECTS, f"one of {', '.join(DIALECTS)}")
        raise InvalidInput("provider.no_dialect", f"no command-line agent speaks '{name}'", hint=hint)
    return DIALECTS[name]
