"""Who works: the first agent that can, and that is not known to be of no use for the task."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from cowork.core.clock import Clock, rfc3339
from cowork.core.errors import CoworkError
from cowork.loop.agents.entries import AgentEntry
from cowork.loop.agents.work import AgentSpec
from cowork.loop.engine.book import Book
from cowork.loop.engine.order import RateLimits
from cowork.loop.engine.state import TaskState
from cowork.models.errors import ProviderError

LONGEST_BACKOFF_S = 3600.0


class Staff:
    """The agents of a run, and which of them cannot work for now.

    Limits are kept by elapsed time, so a clock that is put back makes nobody wait longer. What makes an agent unusable, such as
    a key that is refused, counts for this process: who resumes may have mended it.
    """

    def __init__(self, agents: Sequence[AgentSpec], rates: RateLimits, book: Book, clock: Clock) -> None:
        self._agents = tuple(agents)
        self._rates = rates
        self._book = book
        self._clock = clock
        self._unusable: dict[str, CoworkError] = {}
        self._open_at: dict[str, float] = {}
        for name, until in book.state.limited.items():
            left = (datetime.fromisoformat(until) - clock.now()).total_seconds()
            wait = book.state.waits.get(name, LONGEST_BACKOFF_S)
            self._open_at[name] = clock.monotonic() + max(0.0, min(left, wait))

    def line(self, own: AgentSpec | None) -> tuple[AgentSpec, ...]:
        """Who may work, in order: the task's own agent first, where it names one."""
        if own is None:
            return self._agents
        return (own, *(agent for agent in self._agents if agent.name != own.name))

    def choose(self, task: TaskState, own: AgentSpec | None) -> AgentSpec | None:
        """Who works now; None when everybody is limited or unusable."""
        line = self.line(own)
        able = [agent for agent in line if agent.name not in self._unusable and not self._left(agent.name)]
        if not able:
            return None
        willing = [agent for agent in able if agent.name not in task.avoid] or able
        chosen = willing[0]
        current = self._book.state.agent
        if own is None and not self._goes_back():
            chosen = next((agent for agent in willing if agent.name == current), chosen)
        if chosen.name != current:
            self._book.note(
                "agent.switched", before=current, after=chosen.name, reason=self._why(current, chosen, line, task, own)
            )
        return chosen

    def others(self, task: TaskState, own: AgentSpec | None) -> bool:
        """Whether somebody else could be tried on a task than who worked last and those that came to a standstill on it."""
        known = {*task.avoid, task.agent}
        return any(agent.name not in known and agent.name not in self._unusable for agent in self.line(own))

    def limit(self, agent: AgentSpec, error: ProviderError) -> None:
        """An agent is limited: until the moment it named, else for a time that grows with every limit in a row."""
        count = self._book.state.backoffs.get(agent.name, 0)
        backoff = min(self._rates.base_backoff_ms / 1000 * 3**count, LONGEST_BACKOFF_S)
        wait = backoff if error.retry_after is None else max(0.0, error.retry_after)
        self._open_at[agent.name] = self._clock.monotonic() + wait
        until = rfc3339(self._clock.now() + timedelta(seconds=min(wait, timedelta(days=3650).total_seconds())))
        self._book.keep("agent.limited", agent=agent.name, until=until, wait_s=round(wait, 3), message=error.message)

    def drop(self, agent: AgentSpec, error: CoworkError) -> None:
        """An agent cannot be used as things are."""
        self._unusable[agent.name] = error

    def let_in(self) -> None:
        """Forget all limits: where nobody is really asked, nobody is waited for."""
        self._open_at.clear()

    def wait(self, own: AgentSpec | None) -> float | None:
        """Seconds until the first of them may work again; None when none ever will."""
        left = [self._left(agent.name) for agent in self.line(own) if agent.name not in self._unusable]
        return min(left) if left else None

    def trouble(self, own: AgentSpec | None) -> CoworkError | None:
        """Why the first of those that are unusable is."""
        return next((self._unusable[agent.name] for agent in self.line(own) if agent.name in self._unusable), None)

    def _goes_back(self) -> bool:
        """Whether the first agent works again as soon as it can: what its own entry says counts before the settings."""
        own = AgentEntry.of(self._agents[0]).recover_primary if self._agents else None
        return self._rates.recover_primary if own is None else own

    def _left(self, name: str) -> float:
        return max(0.0, self._open_at.get(name, 0.0) - self._clock.monotonic()) if name in self._open_at else 0.0

    def _why(self, before: str, after: AgentSpec, line: Sequence[AgentSpec], task: TaskState, own: AgentSpec | None) -> str:
        if own is not None and after.name == own.name:
            return "task"
        if before in self._unusable:
            return "unusable"
        if self._left(before):
            return "limited"
        if before in task.avoid:
            return "stagnation"
        return "primary" if after.name == line[0].name else "task"
