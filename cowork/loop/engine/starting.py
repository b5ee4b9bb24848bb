"""A working loop as a session: begun, gone on with, and judged. In every case the journal says how it ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cowork import __version__
from cowork.core.clock import Clock
from cowork.core.errors import Conflict, CoworkError
from cowork.core.ids import session_id
from cowork.core.plain import to_plain
from cowork.core.settings import Settings
from cowork.core.stopping import stopped_by_signals
from cowork.loop import ends
from cowork.loop.control.inbox import Inbox
from cowork.loop.engine import closing, orphans, pages
from cowork.loop.engine.book import Book
from cowork.loop.engine.endings import Ending
from cowork.loop.engine.order import LoopOrder
from cowork.loop.engine.reading import read
from cowork.loop.engine.results import LoopReport
from cowork.loop.engine.run import Run
from cowork.loop.engine.state import LoopState
from cowork.loop.notifying import PATIENCE_S
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.sessions import journal as journals
from cowork.sessions import lock, places
from cowork.sessions.journal import Journal, Listener
from cowork.sessions.places import Workplace

_CUT = "the journal ended with part of an event, as after a crash: that was cut off"


def start(order: LoopOrder, settings: Settings, clock: Clock, listeners: tuple[Listener, ...] = ()) -> LoopReport:
    """Work until it is done, or something ends it.

    Raises `session.locked` (Conflict) when another run works on the project. With the report as `data`: LimitReached for a
    limit, open questions or a stop, Unavailable when every agent is limited, `loop.stagnated`, `loop.failed`, `loop.aborted`,
    Degraded when only some tasks are done, Interrupted and Terminated for signals. And `file.*`, `tasks.*`, `template.*`,
    and what `require_room` raises.
    """
    gate.require(Action("loop run", what=pages.pattern_of(order)))
    session = session_id(clock.now())
    with _project(order, session, clock) as hold:
        require_room(order)
        place = prepare(order, clock, listeners, session=session)
        with hold(place):
            return _go(place, settings, clock, listeners, mended=False, again=False)


def start_detached(order: LoopOrder, clock: Clock) -> LoopReport:
    """Begin in the background, and return once it works. Raises `session.locked` and `loop.not_detached`."""
    from cowork.loop.control.detaching import detach

    gate.require(Action("loop run", what=pages.pattern_of(order)))
    session = session_id(clock.now())
    with _project(order, session, clock):
        require_room(order)
        place = prepare(order, clock, session=session)
    pid = detach(place.session_id)
    return replace(closing.report_of(session, read(place), background(session, pid)), status="detached")


def background(session: str, pid: int) -> tuple[str, ...]:
    """What there is to know of a run in the background."""
    return f"process {pid} works on it", f"follow it: cowork loop watch {session}", f"end it: cowork loop stop {session}"


def require_room(order: LoopOrder) -> None:
    """Refuse worktrees and commits where none can be, before a session exists. Raises `loop.no_repository`, `loop.dirty_tree`
    and others.
    """
    from cowork.loop.engine import workshops

    if order.parallel > 1:
        asyncio.run(workshops.require_room(order))
    elif order.commit is not None:
        asyncio.run(workshops.require_committable(order))


def prepare(order: LoopOrder, clock: Clock, listeners: tuple[Listener, ...] = (), *, session: str | None = None) -> Workplace:
    """A session that is ready to run, and does not. Raises `file.not_writable`."""
    place = places.create(session or session_id(clock.now()))
    book = Book(Journal(place.journal, clock, listeners), LoopState())
    try:
        book.keep("run.started", **_head(order, place))
        pages.checkpoint(place, book.state)
    finally:
        book.close()
    return place


def resume(
    place: Workplace,
    settings: Settings,
    clock: Clock,
    listeners: tuple[Listener, ...] = (),
    *,
    limits: dict[str, Any] | None = None,
    again: bool = False,
    take_over: bool = False,
) -> LoopReport:
    """Go on with a run that was cut short or ended before it was done. What is finished is not done again.

    `limits` are new ones, by their names. With `again` tasks that were given up get another chance. Raises what `start` raises,
    `session.finished` and `session.journal_corrupt`.
    """
    state = read(place)
    if state.end == "completed":
        with contextlib.suppress(CoworkError):  # who worked on it may have died before that
            pages.checkpoint(place, state)
    require_open(place, state)
    assert state.order is not None
    gate.require(Action("loop resume", what=pages.pattern_of(state.order)))
    inbox = Inbox(place)
    before = inbox.names()  # what comes once this process has the lock is meant for it
    with _project(state.order, place.session_id, clock, take_over=take_over) as hold, hold(place):
        inbox.left(before)
        mended = journals.mend(place.journal)
        return _go(place, settings, clock, listeners, mended=bool(mended.cut), again=again, limits=limits)


def require_open(place: Workplace, state: LoopState) -> None:
    """Refuse to go on with what is done (`session.finished`)."""
    if state.end == "completed":
        hint = f"see what came of it with: cowork loop show {place.session_id}"
        raise Conflict("session.finished", f"session {place.session_id} is complete", hint=hint)


@contextlib.contextmanager
def _project(order: LoopOrder, session: str, clock: Clock, *, take_over: bool = False) -> Iterator[Any]:
    """Hold the project for a session: nobody else's run works on it. What it gives holds the session as well."""
    project = Path(order.project)

    @contextlib.contextmanager
    def hold(place: Workplace) -> Iterator[None]:
        with lock.hold(place.lock, session=place.session_id, clock=clock, take_over=take_over):
            yield

    with lock.hold(lock.project_lock(project), session=session, clock=clock, take_over=take_over, project=project):
        yield hold


def _head(order: LoopOrder, place: Workplace) -> dict[str, Any]:
    return {
        "kind": "loop",
        "session": place.session_id,
        "version": __version__,
        "task": pages.task_of(order),
        "pattern": pages.pattern_of(order),
        "rehearsal": pages.is_rehearsal(order),
        "order": to_plain(order),
    }


def _go(
    place: Workplace,
    settings: Settings,
    clock: Clock,
    listeners: tuple[Listener, ...],
    *,
    mended: bool,
    again: bool,
    limits: dict[str, Any] | None = None,
) -> LoopReport:
    state = read(place)
    since = _killed_at(state)
    book = Book(Journal(place.journal, clock, listeners, after=state.seq), state, listeners)
    try:
        if state.seq > 1 or mended:
            which = {"session": place.session_id, "project": pages.order_of(state).project}
            book.keep("run.resumed", lost_s=_lost(place, state), mended=mended, again=again, **which)
        if limits:
            book.keep("limits.changed", limits=limits)
        report = asyncio.run(_Session(place, book, settings, clock, since).run())
    finally:
        book.close()
    if mended:
        report = replace(report, notes=(_CUT, *report.notes))
    ends.require_completed(report.ended(), report)
    return report


def _killed_at(state: LoopState) -> float | None:
    """When a run that has no end wrote its last event, if it has begun."""
    return datetime.fromisoformat(state.updated_at).timestamp() if state.end is None and state.seq > 1 else None


def _lost(place: Workplace, state: LoopState) -> float:
    """Seconds between what was last counted and the last sign of life of a run that was cut short."""
    if state.end is not None or state.phase == "paused":
        return 0.0
    files = [place.journal, *(place.output(number) for number in state.open)]
    last = max((path.stat().st_mtime for path in files if path.exists()), default=0.0)
    return round(max(0.0, last - datetime.fromisoformat(state.clocked_at).astimezone(UTC).timestamp()), 3)


_HURRY_S = 5.0  # for telling people of an end that somebody waits for at the keyboard


class _Session:
    def __init__(self, place: Workplace, book: Book, settings: Settings, clock: Clock, killed_at: float | None) -> None:
        self._place = place
        self._killed_at = killed_at
        self._book = book
        self._settings = settings
        self._clock = clock
        assert book.state.order is not None
        self._order = book.state.order
        self._stopping = ends.signals(place.session_id)

    async def run(self) -> LoopReport:
        """The whole run. Exactly one terminal event is written."""
        from cowork.loop.engine.assembling import assembled
        from cowork.loop.engine.machine import Machine

        run: Run | None = None

        def ended(kind: str, reason: str, message: str) -> None:
            worked = run.elapsed() if run is not None else self._book.state.seconds
            closing.end(self._place, self._book, Ending(kind, reason, message), worked)

        try:
            with stopped_by_signals(self._stopping), orphans.marked(self._place.session_id):
                await self._end_orphans()
                async with assembled(self._place, self._book, self._settings, self._clock) as run:
                    ending = await Machine(run).work()
                    closing.end(self._place, self._book, ending, run.elapsed())
        except asyncio.CancelledError:
            stopped = self._stopping.error or self._stopping.interrupt
            ended("run.interrupted", ends.reason_of(self._stopping), stopped.message)
            return closing.report_of(self._place.session_id, self._book.state, await self._told(_HURRY_S))
        except CoworkError as error:
            with contextlib.suppress(CoworkError):  # a disk that takes no event takes this one neither
                ended("run.failed", error.code, error.message)
            await self._told()
            raise
        except BrokenPipeError:
            ended("run.interrupted", "unread", "whoever read its events has gone")
            raise
        except Exception as error:
            ended("run.failed", "internal", f"{type(error).__name__}: {error}")
            await self._told()
            raise
        return closing.report_of(self._place.session_id, self._book.state, await self._told())

    async def _end_orphans(self) -> None:
        """End what a run that was killed has left: nobody else may work for this session."""
        if self._killed_at is not None:
            commits = self._order.commit is not None and self._order.parallel == 1
            since = self._killed_at if commits else None
            await orphans.end_orphans(self._place.session_id, Path(self._order.project), committing_since=since)

    async def _told(self, patience_s: float = PATIENCE_S) -> tuple[str, ...]:
        """Tell those who want to hear of the end; what went wrong with that."""
        if not self._order.notify or not self._settings["notify_urls"] or self._book.state.end is None:
            return ()
        from cowork.loop.engine.announcing import announce

        return await announce(self._place, self._book, self._settings, patience_s)
