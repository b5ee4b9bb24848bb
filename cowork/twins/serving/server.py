"""The scheduler: it sleeps until something is due, lets twins beat beside each other, and ends in order when told to.

It keeps nothing that the database does not have: killed and started again, it goes on where it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from dataclasses import dataclass
from typing import Any

from cowork.core.clock import from_millis, millis
from cowork.core.errors import CoworkError
from cowork.policy import store as policies
from cowork.twins.beats.beating import beat
from cowork.twins.beats.work import Setup
from cowork.twins.delivering import deliver_and_tell
from cowork.twins.store import due as store_due
from cowork.twins.store import leases, outbox, roles, schedule, servers
from cowork.twins.store.due import Due
from cowork.twins.store.servers import Server
from cowork.twins.twin import Twin

TICK_S = 30.0
"""The longest sleep: new twins, edits and requests of other processes are seen by then."""
DRAIN_S = 60.0
_HELD_MS = 60_000
_LOOK_AGAIN_S = 5.0
_WAIT = frozenset({"database.locked"})


@dataclass(frozen=True)
class Served:
    """How a scheduler ended: its heartbeats and results, and how many heartbeats were cut off and given back."""

    beats: int
    results: int
    failed: int
    cut_off: int
    started_at: str
    stopped_at: str


class _Server:
    def __init__(self, setup: Setup, jobs: int, drain_s: float) -> None:
        self._setup = setup
        self._jobs = jobs
        self._drain_s = drain_s
        self._stop = asyncio.Event()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._held: dict[str, int] = {}  # twins that are not tried again before a moment
        self._owner = leases.owner()
        self._started = self._now()
        self._delivering: asyncio.Task[None] | None = None
        self._beats = self._results = self._failed = 0

    async def run(self, *, once: bool) -> Served:
        """Serve until told to stop; with `once` only until nothing is due."""
        self._setup.emit("serve.started", {"jobs": self._jobs})
        try:
            self._hear_signals()
            while not self._stop.is_set():
                following = self._tick()
                if once and not self._running:
                    break
                await self._pause(following)
            cut_off = await self._drain()
            if self._delivering:
                await self._delivering
            if not cut_off:
                await self._delivered()  # what the last heartbeats found
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)
            with contextlib.suppress(CoworkError):
                servers.gone(self._owner)
        stopped = from_millis(self._now())
        self._setup.emit("serve.stopped", {"beats": self._beats, "cut_off": cut_off})
        return Served(self._beats, self._results, self._failed, cut_off, from_millis(self._started), stopped)

    def _tick(self) -> int | None:
        """Start what is due, as far as there is room; when something is due next."""
        try:
            now = self._now()
            store_due.mend_clock(now)
            self._start(now)
            following = schedule.next_due(now)
            self._deliver(now)
            servers.seen(Server(self._owner, self._started, now, following))
        except CoworkError as error:
            if error.code not in _WAIT:
                raise
            self._setup.emit("serve.problem", {"code": error.code, "message": error.message})
            return None
        return following

    def _deliver(self, now: int) -> None:
        """Beside everything else: an address that does not answer keeps nobody waiting."""
        if self._delivering and not self._delivering.done():
            return
        moment = outbox.waiting(now)
        if moment is not None and moment <= now:
            self._delivering = asyncio.create_task(self._delivered())

    async def _delivered(self) -> None:
        told: list[tuple[str, dict[str, Any]]] = []
        await asyncio.to_thread(deliver_and_tell, self._setup.clock, lambda *event: told.append(event))
        for event in told:
            self._setup.emit(*event)

    def _start(self, now: int) -> None:
        room = min(self._jobs, int(policies.load().value("agents.maxConcurrentAgents"))) - len(self._running)
        waiting = [item for item in store_due.due(now) if self._is_free(item, now)][: max(0, room)]
        twins = {twin.id: twin for twin in roles.twins([item.twin_id for item in waiting])}
        for item in waiting:
            if twin := twins.get(item.twin_id):
                task = asyncio.create_task(self._beat(twin, item))
                self._running[twin.id] = task
                task.add_done_callback(lambda _, key=twin.id: self._running.pop(key, None))  # type: ignore[misc]

    def _is_free(self, item: Due, now: int) -> bool:
        return item.twin_id not in self._running and self._held.get(item.twin_id, 0) <= now

    async def _beat(self, twin: Twin, due: Due) -> None:
        try:
            ended = await beat(twin, due, self._setup)
        except CoworkError as error:  # the others go on
            self._failed += 1
            self._held[twin.id] = self._now() + _HELD_MS
            self._setup.emit("beat.failed", {"twin": twin.name, "code": error.code, "message": error.message})
        else:
            if ended is not None:
                self._beats += 1
                self._results += len(ended.results)

    async def _pause(self, following: int | None) -> None:
        """Until something is due, a twin is ready, or it is time to look again."""
        seconds = TICK_S if following is None else (following - self._now()) / 1000
        # What is due already is at work or held back: it is looked at again in a while, or when another twin is ready.
        seconds = min(TICK_S, seconds if seconds > 0 else _LOOK_AGAIN_S)
        stop = asyncio.create_task(self._stop.wait())
        nap = None if self._running else asyncio.create_task(self._sleep(seconds))
        ready = {stop, nap} if nap else {stop, *self._running.values()}
        try:
            await asyncio.wait(ready, timeout=None if nap else seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()
            if nap:
                nap.cancel()

    async def _sleep(self, seconds: float) -> bool:
        await self._setup.clock.sleep(seconds)
        return True

    async def _drain(self) -> int:
        """Let what runs come to its end, for a while; how many heartbeats had to be cut off."""
        if not self._running:
            return 0
        self._setup.emit("serve.draining", {"running": len(self._running), "seconds": self._drain_s})
        _, left = await asyncio.wait(set(self._running.values()), timeout=self._drain_s)
        return len(left)

    def _hear_signals(self) -> None:
        """The first signal asks to stop, the second cuts off what still runs. The loop forgets them when it is closed."""

        def stop() -> None:
            if self._stop.is_set():
                for task in self._running.values():
                    task.cancel()
            self._stop.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop)

    def _now(self) -> int:
        return millis(self._setup.clock.now())


def serve(setup: Setup, *, jobs: int, drain_s: float = DRAIN_S, once: bool = False) -> Served:
    """Let twins beat whenever something is due, until SIGTERM or SIGINT.

    Raises `database.*` errors that waiting does not help, and policy errors.
    """

    async def run() -> Served:
        return await _Server(setup, jobs, drain_s).run(once=once)

    return asyncio.run(run())
