"""Following the subagents an agent sends for: who sent for whom, how deep, and how it went.

What is reported, by the setting `subagent_tracing_level`:

off        nothing.
minimal    `started` and `ended` of each subagent: its id, its parent, its depth, and whether it failed.
moderate   also what kind it is, what it was sent for in a line, how long it took and how many tools it used.
full       also the prompt it was given, each `tool` it uses, and the `text` it says; texts are cut to 2,000 characters.

An agent in the middle of a chain of two has depth 1, the one it sends for depth 2. One that nobody sent for as far as is known
has no parent and depth 1. What still runs when the agent that was asked ends is reported as `ended`, `failed` being None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cowork.core.clock import Clock
from cowork.core.text import one_line
from cowork.models.command_line.events import Event, SubagentEnded, SubagentStarted, Text, ToolEnded, ToolStarted

OFF, MINIMAL, MODERATE, FULL = LEVELS = ("off", "minimal", "moderate", "full")
MOST = 1000
"""Subagents that are followed at a time; what is beyond is not reported."""
_LONGEST_ID, _LONGEST_LINE, _LONGEST_TEXT = 200, 200, 2000


@dataclass(frozen=True)
class SubagentReport:
    """Something about a subagent. `event` is started, ended, tool or text; what the level leaves out is empty or None."""

    event: str
    id: str
    parent: str
    depth: int
    failed: bool | None = None
    kind: str = ""
    description: str = ""
    seconds: float | None = None
    tools: int | None = None
    prompt: str = ""
    tool: str = ""
    text: str = ""


OnSubagent = Callable[[SubagentReport], object]


@dataclass
class _Subagent:
    start: SubagentStarted
    depth: int
    began: float
    tools: int = 0


class Tracer:
    """Takes events and reports what they say of subagents."""

    def __init__(self, level: str, told: OnSubagent, clock: Clock) -> None:
        self._level = LEVELS.index(level)
        self._told = told
        self._clock = clock
        self._running: dict[str, _Subagent] = {}

    def take(self, event: Event) -> None:
        """Report what an event says of a subagent, if anything."""
        if not self._level:
            return
        if isinstance(event, SubagentStarted):
            self._start(event)
        elif isinstance(event, SubagentEnded):
            self._end(event.id, event.failed)
        elif isinstance(event, ToolEnded):
            found = self._find(event.id)
            if found and not found.start.background:
                self._end(event.id, event.failed)
        elif isinstance(event, (ToolStarted, Text)):
            self._act(event)

    def end(self) -> None:
        """The agent that was asked has ended, and all its subagents with it."""
        for agent in sorted(self._running.values(), key=lambda agent: -agent.depth):  # the innermost first
            self._end(agent.start.id, None)

    def _start(self, event: SubagentStarted) -> None:
        id = event.id[:_LONGEST_ID]
        if not id or id in self._running or len(self._running) >= MOST:
            return
        parent = self._find(event.parent)
        if parent:
            parent.tools += 1
        agent = _Subagent(event, parent.depth + 1 if parent else 1, self._clock.monotonic())
        self._running[id] = agent
        self._report("started", agent, prompt=event.prompt)

    def _act(self, event: ToolStarted | Text) -> None:
        agent = self._find(event.parent)
        if agent is None:
            return
        if isinstance(event, ToolStarted):
            agent.tools += 1
            if self._shows(FULL):
                self._report("tool", agent, tool=event.name)
        elif self._shows(FULL) and event.text:
            self._report("text", agent, text=event.text)

    def _end(self, id: str, failed: bool | None) -> None:
        agent = self._find(id)
        if agent is None:
            return
        self._report("ended", agent, failed=failed, ended=True)
        del self._running[id[:_LONGEST_ID]]

    def _find(self, id: str) -> _Subagent | None:
        return self._running.get(id[:_LONGEST_ID])

    def _shows(self, level: str) -> bool:
        return self._level >= LEVELS.index(level)

    def _report(
        self,
        event: str,
        agent: _Subagent,
        *,
        failed: bool | None = None,
        ended: bool = False,
        prompt: str = "",
        tool: str = "",
        text: str = "",
    ) -> None:
        more, start = self._shows(MODERATE), agent.start
        parent = self._find(start.parent)
        self._told(
            SubagentReport(
                event,
                start.id[:_LONGEST_ID],
                start.parent[:_LONGEST_ID] if parent or agent.depth > 1 else "",
                agent.depth,
                failed,
                kind=one_line(start.kind, _LONGEST_LINE) if more else "",
                description=one_line(start.description, _LONGEST_LINE) if more else "",
                seconds=round(self._clock.monotonic() - agent.began, 3) if more and ended else None,
                tools=agent.tools if more and ended else None,
                prompt=prompt[:_LONGEST_TEXT] if self._shows(FULL) else "",
                tool=one_line(tool, _LONGEST_LINE),
                text=text[:_LONGEST_TEXT],
            )
        )
