"""What every tool of an agent is: a name, a schema, what it touches, and a way to run it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from cowork.core.clock import Clock


@dataclass(frozen=True)
class ToolResult:
    """What a call came to. `text` is for the model; `error` says that it failed; `response` is what hooks see of it."""

    text: str
    error: bool = False
    response: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Touch:
    """A path that a call would read or write, as the call names it."""

    path: str
    access: Literal["read", "write"]


@dataclass
class Workspace:
    """Where an agent works and what its tools remember during one run; a subagent has one of its own.

    `root` is the directory paths are relative to, with its links resolved. `environment` is what child processes are given,
    without secrets. `output` is a directory of the session for output that is too long for a message. `on_event` takes
    events such as `shell.started`. `stopping` is set when the run is told to end: long work looks at it.
    """

    root: Path
    environment: Mapping[str, str]
    output: Path
    clock: Clock
    on_event: Callable[[str, dict[str, Any]], object]
    stopping: asyncio.Event
    read: dict[Path, tuple[int, int]] = field(default_factory=dict)  # files seen: (mtime in ns, size) when they were
    todos: list[dict[str, str]] = field(default_factory=list)
    closers: list[Callable[[], Awaitable[object]]] = field(default_factory=list)  # run when the run ends: shells, servers

    def path(self, text: str) -> Path:
        """The absolute path a call means; links are not resolved."""
        return self.root / Path(text).expanduser()


class Tool(Protocol):
    """A tool. `read_only` tools change nothing anywhere, so they may run side by side and without being asked about."""

    name: str
    parameters: Mapping[str, Any]
    read_only: bool

    @property
    def description(self) -> str:
        """What the model is told about it."""

    def touches(self, arguments: Mapping[str, Any], workspace: Workspace) -> tuple[Touch, ...]:
        """The paths a call would touch; arguments have passed the schema. Never raises, never follows links."""

    async def run(self, arguments: Mapping[str, Any], workspace: Workspace) -> ToolResult:
        """Do it. What can go wrong in the ordinary way is a result with `error`; CancelledError must pass through."""
