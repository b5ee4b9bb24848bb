"""What every tool of an agent is: a name, a schema, what it touches, and a way to run it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from cowork.core.clock import Clock

if TYPE_CHECKING:
    from cowork.agent.tools.shells import Shell

Access = Literal["read", "write"]


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
    access: Access


class ToolFailure(Exception):
    """An ordinary failure of a call, in words that help the model to do better: what, why, what to do instead."""


@dataclass
class Workspace:
    """Where an agent works and what its tools remember during one run; a subagent has one of its own.

    `root` is the directory paths are relative to, with its links resolved. `environment` is what child processes are given,
    without secrets. `output` is a directory of the session for output that is too long for a message. `on_event` takes
    events such as `shell.started`. `stopping` is set when the run is told to end: long work looks at it.

    `judge` is asked of every real path right before it is opened, after links were resolved for the last time: it answers with
    the reason why the path may not be touched, or None. So a link that is swapped after a call was judged leads nowhere, and
    a search does not show what may not be read.
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
    judge: Callable[[Path, Access], str | None] | None = None
    shells: dict[str, Shell] = field(default_factory=dict)  # in the background, by id
    commands: int = 0  # started so far

    def path(self, text: str) -> Path:
        """The absolute path a call means; links are not resolved. A `~` of nobody is a name like any other."""
        path = Path(text)
        with contextlib.suppress(RuntimeError):
            path = path.expanduser()
        return self.root / path

    def real(self, text: str) -> Path:
        """The path a call means, without links, as far as they can be resolved. Never raises."""
        path = self.path(text)
        try:
            return Path(os.path.realpath(path))
        except (OSError, ValueError):  # a NUL in the name: opening it fails with words
            return path

    def shown(self, path: Path) -> str:
        """A path as results show it: relative to the root when it is below, on one line, safe for a terminal."""
        from cowork.core.text import one_line

        return one_line(str(path.relative_to(self.root) if path.is_relative_to(self.root) else path), 1000)

    def touches(self, text: str, access: Access) -> tuple[Touch, ...]:
        """A path as the call names it, and what it leads to when that is another."""
        named, real = self.path(text), self.real(text)
        first = Touch(text, access)
        return (first,) if named == real else (first, Touch(str(real), access))


class Tool(Protocol):
    """A tool. `read_only` tools change nothing anywhere, so they may run side by side and without being asked about."""

    name: str
    parameters: Mapping[str, Any]
    read_only: bool

    @property
    def description(self) -> str:
        """What the model is told about it."""

    def touches(self, arguments: Mapping[str, Any], workspace: Workspace) -> tuple[Touch, ...]:
        """The paths a call would touch: each as the call names it, and the target of a link. Arguments have passed the
        schema. Never raises, never opens anything.
        """

    async def run(self, arguments: Mapping[str, Any], workspace: Workspace) -> ToolResult:
        """Do it. What can go wrong in the ordinary way is a result with `error`; CancelledError must pass through."""


class BuiltIn:
    """What the tools of this package share: a description from the templates, and failures that become results."""

    name: str
    parameters: Mapping[str, Any]
    read_only: bool = False

    @property
    def description(self) -> str:
        """What the model is told about it: `templates/tools/<Name>.md`."""
        from cowork.agent.tools.descriptions import describe

        return describe(self.name)

    def touches(self, arguments: Mapping[str, Any], workspace: Workspace) -> tuple[Touch, ...]:
        """No path, unless a tool says otherwise."""
        return ()

    async def run(self, arguments: Mapping[str, Any], workspace: Workspace) -> ToolResult:
        """Do it; a ToolFailure is a result with `error`."""
        try:
            return await self.perform(arguments, workspace)
        except ToolFailure as failure:
            return ToolResult(str(failure), error=True, response={"error": str(failure)})

    async def perform(self, arguments: Mapping[str, Any], workspace: Workspace) -> ToolResult:
        """What the tool does. Raises ToolFailure."""
        raise NotImplementedError


def schema(required: str, **properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """The JSON Schema of a tool's arguments; `required` are names, `properties` the rules. Other names are refused."""
    return {"type": "object", "properties": dict(properties), "required": required.split(), "additionalProperties": False}
