"""Running a pattern as a session: journal, checkpoint, one terminal event, whatever happens."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Self

from cowork import __version__
from cowork.core.clock import Clock
from cowork.core.errors import CoworkError, Degraded, Interrupted, Terminated, Unavailable
from cowork.core.files import cannot_write
from cowork.core.ids import session_id
from cowork.core.plain import to_plain
from cowork.core.settings import Settings
from cowork.core.stopping import Stopping, stopped_by_signals
from cowork.loop import sessions
from cowork.loop.report import report
from cowork.loop.request import LoopRequest
from cowork.loop.results import LoopRun
from cowork.loop.table import ModelSeats
from cowork.models.limiter import Limiter
from cowork.models.retrying import RetryPolicy
from cowork.patterns.debate import DebateSeats, debate
from cowork.patterns.protocol import Asker, PatternResult
from cowork.patterns.solo import solo
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.sessions import places
from cowork.sessions.journal import Journal, Listener

_CHECKED_BY_HAND = "see what was said with: cowork loop show {session}"


def start(request: LoopRequest, settings: Settings, clock: Clock, listeners: tuple[Listener, ...] = ()) -> LoopRun:
    """Run the pattern to its end and return what came of it.

    Raises Degraded or Unavailable with the run as `data`, Interrupted or Terminated when told to stop, and `file.*`
    errors when the session cannot be written. In every case the journal says how the run ended.
    """
    gate.require(Action("loop start", what=request.pattern.name))
    place = places.create(session_id(clock.now()))
    with places.held(place):
        journal = Journal(place.journal, clock, listeners)
        try:
            run = asyncio.run(_Session(place, request, settings, clock, journal).run())
        finally:
            journal.close()
        sessions.checkpoint(place)
    return _judge(run)


def _judge(run: LoopRun) -> LoopRun:
    hint = _CHECKED_BY_HAND.format(session=run.session_id)
    why = "; ".join(run.problems) or None
    if run.status == "failed":
        raise Unavailable("loop.failed", "no seat gave an answer", cause=why, hint=hint, data=run)
    if run.status == "degraded":
        raise Degraded("loop.degraded", "the run lost a seat: its result is not the full one", cause=why, hint=hint, data=run)
    return run


class _Session:
    def __init__(
        self, place: places.Workplace, request: LoopRequest, settings: Settings, clock: Clock, journal: Journal
    ) -> None:
        self._place = place
        self._request = request
        self._settings = settings
        self._clock = clock
        self._journal = journal
        self._stopping = Stopping(
            Interrupted("loop.interrupted", "the run was interrupted", hint=self._hint()),
            Terminated("loop.terminated", "the run was asked to end", hint=self._hint()),
        )

    async def run(self) -> LoopRun:
        """The whole run. Exactly one terminal event is written."""
        self._journal.append("run.started", self._head())
        try:
            with stopped_by_signals(self._stopping):
                run = await self._iteration()
        except asyncio.CancelledError:
            stopped = self._stopping.error or Interrupted("loop.interrupted", "the run was interrupted")
            self._end("run.interrupted", {"message": stopped.message, "result": None})
            raise stopped from None
        except CoworkError as error:
            self._end("run.failed", {"code": error.code, "message": error.message, "result": None})
            raise
        except Exception as error:
            self._end("run.failed", {"code": "internal", "message": f"{type(error).__name__}: {error}", "result": None})
            raise
        kind = run.status if run.status in ("degraded", "failed") else "completed"
        self._journal.append(f"run.{kind}", {"message": run.verdict.reason if run.verdict else "", "result": to_plain(run)})
        return run

    async def _iteration(self) -> LoopRun:
        request = self._request
        self._journal.append("iteration.started", {"iteration": 1})
        limiter = Limiter(self._clock, self._journal.append, RetryPolicy.of(self._settings))
        started = self._clock.monotonic()
        with _OutputLog(self._place.output(1)) as log:
            async with ModelSeats(request, self._settings, self._clock, self._journal.append, log.write, limiter) as seats:
                result = await play(request, seats)
        seconds = round(self._clock.monotonic() - started, 3)
        self._journal.append("iteration.completed", {"iteration": 1, "outcome": result.outcome, "answer": result.answer})
        return report(self._place.session_id, request, result, seats.spent, retries=limiter.retried, seconds=seconds)

    def _end(self, kind: str, data: dict[str, Any]) -> None:
        self._journal.append(kind, data)
        sessions.checkpoint(self._place)

    def _head(self) -> dict[str, Any]:
        request = self._request
        return {
            "session": self._place.session_id,
            "version": __version__,
            "pattern": request.pattern.name,
            "task": request.task,
            "context": [{"name": item.name, "characters": len(item.text)} for item in request.documents],
            "seats": [
                {"name": seat.name, "role": seat.role, "provider": seat.target.provider, "model": seat.target.model}
                for seat in request.seats
            ],
            "rounds": request.rounds,
            "seed": request.seed,
            "rehearsal": any(seat.target.rehearsal for seat in request.seats),
        }

    def _hint(self) -> str:
        return _CHECKED_BY_HAND.format(session=self._place.session_id)


async def play(request: LoopRequest, asker: Asker) -> PatternResult:
    """Run the request's pattern over its seats."""
    by_role = {seat.role: seat.name for seat in request.seats}
    if request.pattern.name == "solo":
        return await solo(asker, by_role["solo"])
    names = tuple(sorted({name for seat in request.seats for name in (seat.target.provider, seat.target.model)}))
    seats = DebateSeats(by_role["first"], by_role["second"], by_role["judge"], by_role.get("tie-break"), names)
    return await debate(asker, seats, rounds=request.rounds, run_seed=str(request.seed))


class _OutputLog:
    """What the seats say, on disk from its first byte; every line begins with its seat's name."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seat: str | None = None

    def __enter__(self) -> Self:
        try:
            self._file = self._path.open("a", encoding="utf-8", errors="replace")
        except OSError as error:
            raise cannot_write(self._path, error) from error
        return self

    def write(self, seat: str, text: str) -> None:
        """Take a piece of a seat's text. Raises `file.not_writable`."""
        pieces: list[str] = []
        for line in text.splitlines(keepends=True):
            if self._seat != seat:
                pieces.append(f"[{seat}] " if self._seat is None else f"\n[{seat}] ")
            pieces.append(line)
            self._seat = None if line.endswith("\n") else seat
        try:
            self._file.write("".join(pieces))
            self._file.flush()
        except OSError as error:
            raise cannot_write(self._path, error) from error

    def __exit__(self, *_: object) -> None:
        self._file.close()
