"""The agents of a run, opened when they are first needed and closed with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from cowork.core.clock import Clock
from cowork.core.sandboxing.plan import Sandbox
from cowork.core.settings import Settings
from cowork.loop import heads
from cowork.loop.agents import confining, opening, programs
from cowork.loop.agents.pattern import records
from cowork.loop.agents.recording import Recording
from cowork.loop.agents.replaying import Given, Replaying, Tape
from cowork.loop.agents.work import Agent, AgentSpec
from cowork.loop.engine.judging import EXITED
from cowork.loop.engine.order import LoopOrder
from cowork.loop.engine.state import LoopState
from cowork.models.command_line.model import Wrap
from cowork.sessions.places import Workplace
from cowork.sessions.reading import Stream

_GIVEN = ("agent.completed", "counsel.given", "agent.failed")


class AgentPool:
    """Opens agents by their specs. `events` are those of the journal: what a table answered is not asked again, what was
    replayed is not replayed again. Raises `replay.unreadable` and `replay.corrupt`.
    """

    def __init__(
        self, place: Workplace, order: LoopOrder, settings: Settings, clock: Clock, events: Sequence[dict[str, Any]] = ()
    ) -> None:
        self._place = place
        self._order = order
        self._settings = settings
        self._clock = clock
        self._limiter = opening.shared_limiter(settings, clock)
        self._answered = records([event for event in events if "job" in event["data"]])
        self._sandboxes: dict[tuple[str, str], Sandbox | None] = {}
        self._open: dict[tuple[str, str, str], Agent] = {}
        self._tape = Tape(Path(order.replay), _given(events)) if order.replay is not None else None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for agent in self._open.values():
            await agent.close()

    def agent(self, spec: AgentSpec, directory: Path) -> Agent:
        """The agent of a spec, to work in a directory. Raises `sandbox.*`, `replay.*` and provider errors."""
        confined = str(directory) if self._order.sandbox.mode != "off" else ""
        key = spec.name, spec.label, confined  # one name may be two agents, for a task may choose its model
        if key not in self._open:
            self._open[key] = self._opened(spec, directory)
        return self._open[key]

    def table(self, pattern: str, directory: Path) -> Agent:
        """The models that deliberate in a pattern."""
        return self.agent(AgentSpec(f"pattern:{pattern}", "pattern", "pattern", pattern), directory)

    def _opened(self, spec: AgentSpec, directory: Path) -> Agent:
        order = self._order
        if self._tape is not None:
            return Replaying(self._tape, spec)
        request = heads.restored(order.patterns[spec.model]) if spec.kind == "pattern" else None
        agent = opening.open_agent(
            spec,
            self._settings,
            self._clock,
            limiter=self._limiter,
            wrap=self._agent_wrap(spec, directory),
            pattern=request,
            record=self._answered,
            mode=order.permissions.mode,
            allow=order.permissions.allow,
            deny=order.permissions.deny,
        )
        return agent if order.record is None else Recording(agent, Path(order.record))

    def confined(self, directory: Path) -> Wrap | None:
        """What puts a check into the sandbox: it runs what agents wrote. None where there is none. Raises `sandbox.*`."""
        key = "", str(directory)
        if key not in self._sandboxes:
            self._sandboxes[key] = confining.for_checks(self._order.sandbox, directory, self._place.path)
        return _wrap(self._sandboxes[key], directory)

    def tampered(self) -> tuple[Path, ...]:
        """What sandboxed programs left where others would follow it: no git should be run there until somebody has looked."""
        found = (path for sandbox in self._sandboxes.values() if sandbox is not None for path in sandbox.tampered())
        return tuple(dict.fromkeys(found))

    def _agent_wrap(self, spec: AgentSpec, directory: Path) -> Wrap | None:
        """What puts a program into the sandbox that is asked for. Raises `sandbox.unavailable` and `sandbox.unsupported`."""
        commands = [programs.command_of(spec)] if spec.kind == "command" else []
        sandbox = confining.for_agent(spec.kind, commands, self._order.sandbox, directory, self._place.path)
        self._sandboxes[spec.name, str(directory)] = sandbox
        return _wrap(sandbox, directory)


def had(place: Workplace, order: LoopOrder, state: LoopState) -> list[dict[str, Any]]:
    """The events of the journal that agents go on with: calls of tables in iterations that are open, and what was replayed."""
    if order.replay is None and not (order.patterns and state.open):
        return []
    jobs = {f"{number}{of}" for number in state.open for of in ("", "c")}
    found = []
    for event in Stream(place.journal):
        if event["data"].get("job") in jobs:
            found.append(event)
        elif order.replay is not None and event["type"] in _GIVEN:
            found.append({**event, "data": {**event["data"], "message": ""}})  # which calls they were is all that is asked
    return found


def _given(events: Sequence[dict[str, Any]]) -> Iterator[Given]:
    """The calls that a journal tells of."""
    for event in events:
        kind, data = event["type"], event["data"]
        if kind in ("agent.completed", "counsel.given"):
            yield Given(data["key"], data["task"])
        elif kind == "agent.failed" and data["code"] != EXITED:  # that one had answered
            yield Given(f"{data['iteration']}", data["task"], failed=True)


def _wrap(sandbox: Sandbox | None, directory: Path) -> Wrap | None:
    return None if sandbox is None else lambda argv: sandbox.wrap(argv, directory)
