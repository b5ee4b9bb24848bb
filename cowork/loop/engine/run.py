"""What every part of a run shares: its order, its book, its people, and its waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cowork.core.clock import Clock
from cowork.core.settings import Settings
from cowork.loop.agents.work import Agent, AgentSpec
from cowork.loop.checking import Wrap
from cowork.loop.engine.book import Book
from cowork.loop.engine.endings import Ending
from cowork.loop.engine.guarding import Guard
from cowork.loop.engine.order import LoopOrder
from cowork.loop.engine.source import Source
from cowork.loop.engine.staffing import Staff
from cowork.loop.engine.state import LoopState
from cowork.loop.tasks.selection import Choice
from cowork.loop.tasks.task import Task, TaskList
from cowork.sessions.places import Workplace


class EndRun(Exception):
    """The run ends here: whoever works lets go of what is not finished."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.message)
        self.ending = ending


class Waits(Exception):
    """What a task came to is there, and cannot be handed over before the user has done something."""


class Bell:
    """Wakes everybody who waits for something to have changed. Who looks and then waits misses nothing."""

    def __init__(self) -> None:
        self._next: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """Wake those who wait now."""
        if self._next is not None and not self._next.done():
            self._next.set_result(None)
        self._next = None

    async def heard(self) -> None:
        """Return with the next ring."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._next)


class Workshop(Protocol):
    """Where tasks are worked on, and how what was done there is handed over."""

    async def directory(self, task: Task) -> Path:
        """The directory for a task, made if it is not there. Raises `repository.*`."""

    async def deliver(self, iteration: int, task: Task) -> tuple[str, ...]:
        """Hand over what a task came to: nothing when that went well, else what is in the way. May be done again.

        Raises Waits for what no agent can mend.
        """

    async def close(self) -> None:
        """The run is over: clean up, and say what is left."""


class Desk(Protocol):
    """Makes prompts."""

    async def prompt(
        self, iteration: int, chosen: Choice, tasks: TaskList, agent: AgentSpec, directory: Path, counsel: str = ""
    ) -> str:
        """The prompt of an iteration; `prompt.built` is noted. Raises `template.*` and `context.*`."""

    async def question(self, iteration: int, chosen: Choice, tasks: TaskList, table: AgentSpec, directory: Path) -> str:
        """What models are asked for their counsel. Raises what `prompt` raises."""

    def remember(self, tasks: TaskList) -> None:
        """Write down what iterations came to, for the prompts to come. Raises `file.not_writable`."""


@dataclass
class Run:
    """A run under way. The `bell` rings whenever somebody waiting should look again; `ending` is set once it is to end."""

    place: Workplace
    order: LoopOrder
    book: Book
    source: Source
    staff: Staff
    settings: Settings
    clock: Clock
    workshop: Workshop
    desk: Desk
    agent: Callable[[AgentSpec, Path], Agent]
    table: Callable[[str, Path], Agent]
    confined: Callable[[Path], Wrap | None]
    tampered: Callable[[], tuple[Path, ...]]
    own: Callable[[Task], AgentSpec | None]
    digest: Callable[[Path], Awaitable[str | None]]
    guard: Guard = field(init=False)
    bell: Bell = field(default_factory=Bell)
    working: int = 0
    ending: Ending | None = None
    _since: float = 0.0
    _before: float = 0.0
    _paused: float | None = None

    def __post_init__(self) -> None:
        self.guard = Guard(self.source, self.book)
        self._since, self._before = self.clock.monotonic(), self.book.state.seconds

    @property
    def state(self) -> LoopState:
        """How it stands."""
        return self.book.state

    def elapsed(self) -> float:
        """Seconds it has worked or waited for limits, in all its resumptions; paused ones do not count."""
        until = self.clock.monotonic() if self._paused is None else self._paused
        return self._before + until - self._since

    def output(self, iteration: int) -> Path:
        """The file of what an iteration's agent prints."""
        return self.place.output(iteration)

    async def rest(self, seconds: float) -> None:
        """Wait; what others do beside it makes it no shorter. Raises EndRun when the run ends meanwhile."""
        until = self.clock.monotonic() + seconds
        self.heed()
        while (left := until - self.clock.monotonic()) > 0:
            nap = asyncio.ensure_future(self.clock.sleep(left))
            called = asyncio.ensure_future(self.bell.heard())
            try:
                await asyncio.wait({nap, called}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                nap.cancel()
                called.cancel()
            self.heed()
            await self.hold()

    def heed(self) -> None:
        """Raise EndRun when the run is over, or somebody wants it to end."""
        if self.ending is not None:
            raise EndRun(self.ending)
        if self.state.stopping == "cancel":
            raise EndRun(Ending("run.aborted", "cancelled", "it was cancelled"))
        if self.state.stopping:
            raise EndRun(Ending("run.interrupted", "stopped", "it was told to stop"))

    async def hold(self) -> None:
        """Stay while the run pauses. It is paused once nobody works any more."""
        while self.state.phase in ("pausing", "paused"):
            if self.state.phase == "pausing" and self.working == 0:
                self.book.keep("run.paused", elapsed_s=round(self.elapsed(), 3))
                self._paused = self.clock.monotonic()
            await self.bell.heard()
            self.heed()
        if self._paused is not None:  # once, however many wait here
            self._since += self.clock.monotonic() - self._paused
            self._paused = None
