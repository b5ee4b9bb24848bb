"""The agents of a run, opened when they are first needed and closed with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from cowork.core.clock import Clock
from cowork.core.settings import Settings
from cowork.loop import heads
from cowork.loop.agents import opening
from cowork.loop.agents.pattern import records
from cowork.loop.agents.work import Agent, AgentSpec
from cowork.loop.engine.order import LoopOrder
from cowork.sessions.places import Workplace


class AgentPool:
    """Opens agents by their specs. `events` are those of the journal: what a table of models answered is not asked again."""

    def __init__(
        self, place: Workplace, order: LoopOrder, settings: Settings, clock: Clock, events: Sequence[dict[str, Any]] = ()
    ) -> None:
        self._place = place
        self._order = order
        self._settings = settings
        self._clock = clock
        self._limiter = opening.shared_limiter(settings, clock)
        self._answered = records([event for event in events if "job" in event["data"]])
        self._open: dict[tuple[str, str], Agent] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for agent in self._open.values():
            await agent.close()

    def agent(self, spec: AgentSpec) -> Agent:
        """The agent of a spec. Raises what opening it raises: `sandbox.unavailable`, `replay.*`, provider errors."""
        key = spec.name, spec.label  # one name may be two agents, for a task may choose its model
        if key not in self._open:
            self._open[key] = self._opened(spec)
        return self._open[key]

    def table(self, pattern: str) -> Agent:
        """The models that deliberate in a pattern."""
        return self.agent(AgentSpec(f"pattern:{pattern}", "pattern", "pattern", pattern))

    def _opened(self, spec: AgentSpec) -> Agent:
        order = self._order
        if order.replay is not None:
            from cowork.loop.agents.recording import Replaying

            return Replaying(Path(order.replay), spec)
        agent = opening.open_agent(
            spec,
            self._settings,
            self._clock,
            limiter=self._limiter,
            pattern=heads.restored(order.patterns[spec.model]) if spec.kind == "pattern" else None,
            record=self._answered,
            mode=order.permissions.mode,
            allow=order.permissions.allow,
            deny=order.permissions.deny,
        )
        if order.record is not None:
            from cowork.loop.agents.recording import Recording

            return Recording(agent, Path(order.record))
        return agent
