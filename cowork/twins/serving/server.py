"""The scheduler: it sleeps until something is due, lets twins beat beside each other, and ends in order when told to.

It keeps nothing that the database does not have: killed and started again, it goes on where it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import signal
import threading
from typing import Any

from cowork.core.clock import from_millis, millis
from cowork.core.errors import CoworkError, LimitReached
from cowork.core.outcome import Notice
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.twins import pruning
from cowork.twins.beats.running import Ended, run_one
from cowork.twins.beats.threads import settled
from cowork.twins.beats.verdict import Standing, require_whole, standing
from cowork.twins.beats.work import Setup
from cowork.twins.delivering import deliver_and_tell
from cowork.twins.serving.looking import look
from cowork.twins.serving.served import Served
from cowork.twins.serving.waiting import Waiting
from cowork.twins.store import due as store_due
from cowork.twins.store import leases, servers
from cowork.twins.store.due import Due

TICK_S = 30.0
"""The longest sleep: new twins, edits and requests of other processes are seen by then."""
DRAIN_S = 60.0
PRUNE_MS = 3_600_000
"""How often it is looked whether it is time to let old things go."""
_WAIT = frozenset(
    {"database.locked", "database.full", "database.failed", "database.read_only", "file.not_writable", "policy.unreadable"}
)
"""What may be over in a while: another process writes, the disk is full, somebody mends what cannot be read or written."""


class _Server:
    def __init__(self, setup: Setup, jobs: int, drain_s: float, *, once: bool) -> None:
        self._setup = dataclasses.replace(setup, emit=self._tell)
        self._emit = setup.emit
        self._jobs = jobs
        self._drain_s = drain_s
        self._once = once
        self._stop = asyncio.Event()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._waiting = Waiting()
        self._owner = leases.owner()
        self._started = self._now()
        self._delivering: asyncio.Task[None] | None = None
        self._pruning: asyncio.Task[None] | None = None
        self._asked = 0
        self._looked = self._unheard = False
        self._beats = self._results = self._failed = self._degraded = self._cut_off = 0
        self._standings: list[Standing] = []
        self._notices: dict[str, Notice] = {}

    async def run(self) -> Served:
        """Serve until told to stop, or once until nothing is due. Raises BrokenPipeError when nobody reads its events.

        Whatever ends it, what runs has its time to come to its end.
        """
        self._hear_signals()
        problem: Exception | None = None
        try:
            self._tell("scheduler.started", {"jobs": self._jobs})
            try:
                await self._serve()
            except Exception as error:
                problem = error
            await self._drain()
            if self._once and not self._cut_off and problem is None:
                await self._delivered()  # what the last heartbeats found
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(
                *self._running.values(), *filter(None, [self._delivering, self._pruning]), return_exceptions=True
            )
            with contextlib.suppress(CoworkError):
                await settled(servers.gone, self._owner)
        stopped = from_millis(self._now())
        self._tell("scheduler.stopped", {"beats": self._beats, "cut_off": self._cut_off})
        if self._unheard:
            raise BrokenPipeError
        if problem is not None:
            raise problem
        counts = (self._beats, self._results, self._failed, self._degraded, self._cut_off)
        left = len(store_due.due(self._now())) if self._once else 0
        return self._judged(Served(*counts, left, from_millis(self._started), stopped))

    async def _serve(self) -> None:
        while not self._stop.is_set():
            following = await self._tick()
            if self._once and not self._running:
                break
            await self._pause(following)

    def _judged(self, served: Served) -> Served:
        """Once is judged as every call that lets twins beat. Raises LimitReached `twin.work_left` when there is more to do."""
        if not self._once:
            return served
        notices = tuple(self._notices.values())
        require_whole(self._standings, served, notices)
        if served.left:
            raise LimitReached(
                "twin.work_left",
                f"{served.left} twins have something to do still",
                cause="; ".join(notice.message for notice in notices[:3]) or None,
                hint="see: cowork twin status",
                data=served,
                notices=notices,
            )
        return served

    async def _tick(self) -> int | None:
        """Start what is due, as far as there is room; when to look again, None for in a while."""
        try:
            now = self._now()
            following, coming, parcels = await settled(look, self._owner, self._started, now, frozenset(self._running))
            self._deliver(now, parcels)
            self._prune(now)
            await self._start(now)
        except CoworkError as error:
            if error.code not in _WAIT or self._once or not self._looked:
                raise
            self._problem(error)
            return None
        self._looked = True
        if following == now:  # it is at work, or held back
            following = min(filter(None, (self._waiting.soonest(now), coming)))
        return following

    def _deliver(self, now: int, moment: int | None) -> None:
        """Beside everything else: an address that does not answer keeps nobody waiting."""
        if self._delivering and not self._delivering.done():
            return
        if moment is not None and moment <= now:
            self._delivering = asyncio.create_task(self._delivered())

    def _prune(self, now: int) -> None:
        """Beside everything else; whether it is time is asked now and then."""
        if abs(now - self._asked) >= PRUNE_MS:
            self._asked = now
            self._pruning = asyncio.create_task(self._pruned())

    async def _pruned(self) -> None:
        with contextlib.suppress(CoworkError):  # another day
            await asyncio.to_thread(pruning.once_a_day, self._setup.clock)

    async def _delivered(self) -> None:
        """Within a bound, so that an end does not wait for long. Events are told from here, not from the thread."""
        told: list[tuple[str, dict[str, Any]]] = []
        await asyncio.to_thread(deliver_and_tell, self._setup.clock, lambda *event: told.append(event))
        for event in told:
            self._tell(*event)

    async def _start(self, now: int) -> None:
        room = min(self._jobs, int(gate.policies_or_refuse().value("agents.maxConcurrentAgents"))) - len(self._running)
        if room <= 0 or not self._waiting.has_room(now):
            return
        free = [item for item in await settled(store_due.due, now) if item.twin_id not in self._running]
        chosen = [item for item in free if self._waiting.is_free(item.twin_id, now)][:room]
        for item in [] if self._stop.is_set() else chosen:
            task = asyncio.create_task(self._beat(item))
            self._running[item.twin_id] = task
            task.add_done_callback(lambda _, key=item.twin_id: self._running.pop(key, None))  # type: ignore[misc]

    async def _beat(self, due: Due) -> None:
        """A twin's turn, and what it means for the next one."""
        try:
            ended = await run_one(due, self._setup)
        except asyncio.CancelledError:
            self._cut_off += 1
            raise
        if self._once:
            self._remember(ended)
        if ended.error is not None and ended.put_off:
            self._waiting.put_off(due.twin_id, ended.error.code, self._now())
            self._tell_of(ended, "beat.put_off", ended.error)
        elif ended.error is not None:  # not to be met again at once
            self._failed += 1
            self._waiting.hold(due.twin_id, self._now())
            self._tell_of(ended, "beat.failed", ended.error)
        else:
            self._waiting.forget(due.twin_id)
            if ended.beat is not None:
                self._beats += 1
                self._results += len(ended.beat.results)
                self._degraded += ended.beat.status != "done"

    def _remember(self, ended: Ended) -> None:
        """For the exit code: how it stands, and the last word on a twin that was put off."""
        if found := standing(ended):
            self._standings.append(found)
        if notice := ended.notice():
            self._notices[ended.due.twin_id] = notice
        else:
            self._notices.pop(ended.due.twin_id, None)

    def _tell_of(self, ended: Ended, kind: str, error: CoworkError) -> None:
        self._tell(kind, {"twin": ended.due.name, "code": error.code, "message": error.message})

    async def _pause(self, following: int | None) -> None:
        """Until something is due, a twin is ready, or it is time to look again."""
        seconds = TICK_S if following is None else min(TICK_S, max(0.0, (following - self._now()) / 1000))
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

    async def _drain(self) -> None:
        """Let what runs come to its end, for a while."""
        if self._running:
            self._tell("scheduler.draining", {"running": len(self._running), "seconds": self._drain_s})
            await asyncio.wait(set(self._running.values()), timeout=self._drain_s)

    def _hear_signals(self) -> None:
        """The first signal asks to stop, the second cuts off what still runs. The loop forgets them when it is closed.

        SIGHUP, a terminal that is closed, is one of them unless it is ignored, as below nohup.
        """

        def stop() -> None:
            if self._stop.is_set():
                for task in self._running.values():
                    task.cancel()
            self._stop.set()

        if threading.current_thread() is not threading.main_thread():
            return  # Python tells no other of signals
        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            numbers.append(signal.SIGHUP)
        for number in numbers:
            asyncio.get_running_loop().add_signal_handler(number, stop)

    def _problem(self, error: CoworkError) -> None:
        self._tell("scheduler.problem", {"code": error.code, "message": error.message})

    def _tell(self, kind: str, data: dict[str, Any]) -> None:
        """Without a reader it is no use to go on: what runs comes to its end, and is stored."""
        try:
            if not self._unheard:
                self._emit(kind, data)
        except BrokenPipeError:
            self._unheard = True
            self._stop.set()

    def _now(self) -> int:
        return millis(self._setup.clock.now())


def serve(setup: Setup, *, jobs: int, drain_s: float = DRAIN_S, once: bool = False) -> Served:
    """Let twins beat whenever something is due, until SIGTERM or SIGINT.

    Raises `database.*` errors that waiting does not help; at its first look, and with `once`, all, and `policy.unreadable`.
    Later it begins nothing while something cannot be read or written, says so, and goes on when it can. With `once` it raises
    as `waking.wake` does what the heartbeats come to, and LimitReached `twin.work_left` when something is due still.
    """
    gate.require(Action("twin serve"))

    async def run() -> Served:
        return await _Server(setup, jobs, drain_s, once=once).run()

    return asyncio.run(run())
