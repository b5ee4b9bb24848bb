"""Running a pattern as a session: journal, checkpoint, one terminal event, whatever happens."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from cowork.core.clock import Clock
from cowork.core.errors import Conflict, CoworkError
from cowork.core.ids import session_id
from cowork.core.plain import to_plain
from cowork.core.plan import Step
from cowork.core.settings import Settings
from cowork.core.stopping import stopped_by_signals
from cowork.loop import ends, heads, sessions
from cowork.loop.ends import Ended
from cowork.loop.output import OutputLog
from cowork.loop.replay import Record, recorded
from cowork.loop.report import dry_run, report
from cowork.loop.request import LoopRequest
from cowork.loop.results import LoopRun
from cowork.loop.seats import ModelSeats
from cowork.loop.worst import require_affordable
from cowork.models import select
from cowork.patterns.steps import play
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.sessions import journal as journals
from cowork.sessions import places
from cowork.sessions.journal import Journal, Listener

_CHECKED_BY_HAND = "see what was said with: cowork loop show {session}"
_IN_ITS_WAY = frozenset(("skipped_budget", "unasked", "not_needed"))


def start(request: LoopRequest, settings: Settings, clock: Clock, listeners: tuple[Listener, ...] = ()) -> LoopRun:
    """Run the pattern to its end and return what came of it.

    Raises `loop.budget_too_small` before anything is asked; Degraded, Unavailable or LimitReached with the run as `data`,
    Interrupted or Terminated when told to stop, and `file.*` errors when the session cannot be written. In every case the
    journal says how the run ended.
    """
    require_affordable(request)
    gate.require(Action("loop start", what=request.pattern.name))
    place = places.create(session_id(clock.now()))
    with places.held(place):
        return _run(_Session(place, request, settings, clock, Journal(place.journal, clock, listeners)), place)


def resume(name: str, settings: Settings, clock: Clock, listeners: tuple[Listener, ...] = ()) -> LoopRun:
    """Go on with a session that was cut short or lost seats: what was answered is not asked again, unless the question changed.

    Raises `session.not_found`, `session.finished` or `session.running` (Conflict), `session.not_resumable`, and what `start`
    raises.
    """
    place = _resumable(name)
    with places.held(place):
        mended = journals.mend(place.journal)
        request, known = _on_record(place)
        gate.require(Action("loop resume", what=request.pattern.name))
        for target in {target: None for seat in request.seats for target in (seat.target, *seat.fallbacks)}:
            select.require_ready(target)
        journal = Journal(place.journal, clock, listeners, after=mended.last)
        return _run(_Session(place, request, settings, clock, journal, known), place)


def resume_plan(name: str) -> LoopRun:
    """What `resume` would do; nothing is asked and nothing is written. Raises what `resume` raises before it asks."""
    request, known = _on_record(_resumable(name))
    plan = dry_run(request, verb="loop resume")
    kept = f"{len(known.answers)} on record, not asked again unless their seats get to see something else"
    return replace(plan, plan=(Step("keep", "answers", kept), *plan.plan))


def _resumable(name: str) -> places.Workplace:
    place = places.find(name, places.of_kind("loop"), verb="loop list")
    if places.alive(place):
        raise Conflict("session.running", f"session {place.session_id} is running", hint="see: cowork loop list")
    return place


def _on_record(place: places.Workplace) -> tuple[LoopRequest, Record]:
    events = journals.read(place.journal)
    places.head_of(place, events)
    if events[-1]["type"] == "run.completed":
        hint = _CHECKED_BY_HAND.format(session=place.session_id)
        raise Conflict("session.finished", f"session {place.session_id} is complete", hint=hint)
    try:
        return heads.request_of(events), recorded(events)
    except (KeyError, TypeError, ValueError) as error:
        raise heads.not_resumable(place.session_id, error) from error


def _run(session: _Session, place: places.Workplace) -> LoopRun:
    try:
        run = asyncio.run(session.run())
    finally:
        session.journal.close()
    run = _projected(run, place)
    ends.require_completed(Ended(place.session_id, run.status, _reason(run), "; ".join(run.problems)), run)
    return run


def _projected(run: LoopRun, place: places.Workplace) -> LoopRun:
    """The run, also when the projection cannot be written: the journal holds all of it, and its answers are paid for."""
    try:
        sessions.checkpoint(place)
    except CoworkError as error:
        return replace(run, notes=(*run.notes, f"{error.message}: {error.cause}; the journal holds the run"))
    return run


def _reason(run: LoopRun) -> str:
    """Why it ended as it did, as a word."""
    if run.status != "failed":
        return ""
    return "budget" if _IN_ITS_WAY.issuperset(seat.state for seat in run.seats) else "unanswered"


class _Session:
    def __init__(
        self,
        place: places.Workplace,
        request: LoopRequest,
        settings: Settings,
        clock: Clock,
        journal: Journal,
        known: Record | None = None,
    ) -> None:
        self._place = place
        self._request = request
        self._settings = settings
        self._clock = clock
        self._known = known
        self.journal = journal
        self._stopping = ends.signals(place.session_id)

    async def run(self) -> LoopRun:
        """The whole run. Exactly one terminal event is written."""
        try:
            with stopped_by_signals(self._stopping):
                self._begin()
                run = await self._iteration()
        except asyncio.CancelledError:
            stopped = self._stopping.error or self._stopping.interrupt
            reason = ends.reason_of(self._stopping)
            self._end("run.interrupted", {"reason": reason, "message": stopped.message, "result": None})
            raise stopped from None
        except CoworkError as error:
            self._end("run.failed", {"code": error.code, "message": error.message, "result": None})
            raise
        except BrokenPipeError:
            self._end("run.interrupted", {"reason": "unread", "message": "whoever read its events has gone", "result": None})
            raise
        except Exception as error:
            self._end("run.failed", {"code": "internal", "message": f"{type(error).__name__}: {error}", "result": None})
            raise
        kind = run.status if run.status in ("degraded", "failed") else "completed"
        said = {"reason": _reason(run), "message": run.verdict.reason if run.verdict else "", "result": to_plain(run)}
        self.journal.append(f"run.{kind}", said)
        return run

    def _begin(self) -> None:
        if self._known is not None:
            self.journal.append("run.resumed", {"answers": len(self._known.answers)})
            return
        self.journal.append("run.started", heads.head(self._request, self._place.session_id))
        for material in heads.materials(self._request):
            self.journal.note("run.material", material)

    async def _iteration(self) -> LoopRun:
        request = self._request
        self.journal.note("iteration.started", {"iteration": 1})
        started = self._clock.monotonic()
        with OutputLog(self._place.output(1)) as log:
            book = self.journal
            async with ModelSeats(
                request, self._settings, self._clock, book.note, log.write, self._known, committed=book.commit
            ) as seats:
                result = await play(seats, request.pattern, request.setup, request.steps)
        seconds = round(self._clock.monotonic() - started, 3)
        self.journal.note("iteration.completed", {"iteration": 1, "outcome": result.outcome, "answer": result.answer})
        return report(self._place.session_id, request, result, seats.spent, seconds=seconds)

    def _end(self, kind: str, data: dict[str, Any]) -> None:
        self.journal.append(kind, data)
        sessions.checkpoint(self._place)
