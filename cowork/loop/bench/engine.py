"""Running a bench as a session: what is on record is not asked again, and exactly one terminal event says how it ended."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from cowork.core.clock import Clock
from cowork.core.errors import Conflict, CoworkError, Degraded, Interrupted, LimitReached, Terminated, Unavailable
from cowork.core.ids import session_id
from cowork.core.plain import to_plain
from cowork.core.settings import Settings
from cowork.core.stopping import Stopping, stopped_by_signals
from cowork.loop.bench.files import write_files
from cowork.loop.bench.jobs import Purse, Queue, is_lost
from cowork.loop.bench.record import Bench, BenchRecord, batches, bench_of, head, record_of
from cowork.loop.bench.report import report
from cowork.loop.bench.results import BenchReport
from cowork.loop.bench.runs import Runner
from cowork.loop.budget import Budget
from cowork.loop.connections import Connections
from cowork.models import select
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.sessions import journal as journals
from cowork.sessions import places
from cowork.sessions.journal import Journal, Listener

_RESUME = "go on where it stood with: cowork bench resume {bench}"
_HOPELESS = 5
"""So many runs in turn that reached nobody, and the bench stops: the rest would fail like them."""


def start(
    bench: Bench, settings: Settings, clock: Clock, listeners: tuple[Listener, ...] = (), *, output: Path | None = None
) -> BenchReport:
    """Make every run of the bench and return what came of it; `output` is a directory for the report as JSON, CSV and SVG.

    Raises LimitReached when the budget has no room for the next run, Degraded when runs could not reach
    a seat, Unavailable when none has an answer or nobody can be reached any more, Interrupted or Terminated when told to stop;
    each with the report as `data`.
    """
    gate.require(Action("bench run", what=", ".join(arm.name for arm in bench.arms)))
    place = places.create(session_id(clock.now()))
    with places.held(place):
        journal = Journal(place.journal, clock, listeners)
        return _run(_Session(place, bench, settings, clock, journal, None), output)


def resume(
    name: str,
    settings: Settings,
    clock: Clock,
    listeners: tuple[Listener, ...] = (),
    *,
    budget: Budget | None = None,
    output: Path | None = None,
) -> BenchReport:
    """Go on with a bench: runs that are not made, or could not reach a seat, are made. `budget` replaces the former caps.

    Raises `session.not_found`, `session.finished` or `session.running` (Conflict), `session.not_resumable`, and what `start`
    raises.
    """
    place = resumable(name)
    with places.held(place):
        mended = journals.mend(place.journal)
        bench, record = on_record(place, budget)
        gate.require(Action("bench resume", what=", ".join(arm.name for arm in bench.arms)))
        for target in {seat.target for arm in bench.arms for seat in arm.request.seats}:
            select.require_ready(target)
        journal = Journal(place.journal, clock, listeners, after=mended.last)
        return _run(_Session(place, bench, settings, clock, journal, record), output)


def resumable(name: str) -> places.Workplace:
    """The bench of this name when nobody runs it. Raises `session.not_found`, `session.ambiguous`, `session.running`."""
    place = places.find(name, places.of_kind("bench"), verb="bench list")
    if places.alive(place):
        raise Conflict("session.running", f"bench {place.session_id} is running", hint="see: cowork bench list")
    return place


def on_record(place: places.Workplace, budget: Budget | None = None) -> tuple[Bench, BenchRecord]:
    """The bench and what it has. Raises `session.finished`, `session.not_resumable`."""
    from dataclasses import replace

    events = journals.read(place.journal)
    places.head_of(place, events)
    if events[-1]["type"] == "run.completed":
        hint = f"see its numbers with: cowork bench show {place.session_id}"
        raise Conflict("session.finished", f"bench {place.session_id} is complete", hint=hint)
    bench = bench_of(events)
    if budget is not None and not budget.unlimited:
        bench = replace(bench, budget=budget)
    return bench, record_of(events)


def _run(session: _Session, output: Path | None) -> BenchReport:
    try:
        asyncio.run(session.run())
    except CoworkError as error:
        if error.data is not None:
            error.data = write_files(error.data, output)
        raise
    finally:
        session.journal.close()
    return write_files(session.report("completed"), output)


class _Session:
    def __init__(
        self,
        place: places.Workplace,
        bench: Bench,
        settings: Settings,
        clock: Clock,
        journal: Journal,
        record: BenchRecord | None,
    ) -> None:
        self._place = place
        self._bench = bench
        self._settings = settings
        self._clock = clock
        self._resumed = record is not None
        self._record = record or BenchRecord()
        self.journal = journal
        self._queue = Queue(bench, self._record.rows)
        self._purse = Purse(bench.budget, self._record.spent)
        self._fruitless = 0
        hint = _RESUME.format(bench=place.session_id)
        self._stopping = Stopping(
            Interrupted("bench.interrupted", "the bench was interrupted; what is done is kept", hint=hint),
            Terminated("bench.terminated", "the bench was asked to end; what is done is kept", hint=hint),
        )

    def report(self, status: str) -> BenchReport:
        """The bench so far."""
        return report(self._place, self._bench, self._record.rows, status)

    async def run(self) -> None:
        """Every run that is left. Exactly one terminal event is written; whatever is raised has the report."""
        try:
            with stopped_by_signals(self._stopping):
                self._begin()
                await self._work()
            self._judge()
        except asyncio.CancelledError:
            stopped = self._stopping.error or Interrupted("bench.interrupted", "the bench was interrupted")
            raise self._ended("interrupted", stopped) from None
        except (LimitReached, Degraded, Unavailable) as error:
            kinds = {LimitReached: "limit", Degraded: "degraded", Unavailable: "failed"}
            raise self._ended(kinds[type(error)], error) from None
        except CoworkError as error:
            raise self._ended("failed", error) from error
        except Exception as error:
            self._end("failed", f"{type(error).__name__}: {error}")
            raise
        self._end("completed", "")

    def _begin(self) -> None:
        if self._resumed:
            self.journal.append("run.resumed", {"rows": len(self._record.rows), "runs": self._bench.runs})
            return
        self.journal.append("run.started", head(self._bench, self._place.session_id))
        for batch in batches(self._bench):
            self.journal.append("bench.questions", batch)

    async def _work(self) -> None:
        async with Connections(self._settings, self._clock) as connections:
            runner = Runner(self._settings, self._clock, self.journal, connections, self._record)
            running: set[asyncio.Task[None]] = set()
            try:
                while self._queue or running:
                    self._start_more(runner, running)
                    done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        task.result()
            finally:
                for task in running:
                    task.cancel()
                await asyncio.gather(*running, return_exceptions=True)

    def _start_more(self, runner: Runner, running: set[asyncio.Task[None]]) -> None:
        """As many jobs as may run at the same time. Raises LimitReached when nothing runs and the next one finds no room."""
        while self._queue and len(running) < self._bench.parallel:
            job = self._queue.first()
            request = self._purse.hand_out(job)
            if request is None:
                if running:
                    return  # what they leave over may be enough
                raise LimitReached(
                    "bench.budget_spent",
                    f"the budget has no room for the next run, {job.arm.name} on '{job.question.id}'",
                    hint=_RESUME.format(bench=self._place.session_id) + " and a higher cap",
                )
            self._queue.take()
            running.add(asyncio.create_task(self._one(runner, job, request)))

    async def _one(self, runner: Runner, job: Any, request: Any) -> None:
        row, spent = await runner.run(job, request)
        self._purse.settle(job, spent)
        self._queue.done(job)
        self._fruitless = self._fruitless + 1 if row.outcome == "failed" and is_lost(row) else 0
        if self._fruitless >= _HOPELESS:
            why = "; ".join(row.problems) or None
            hint = _RESUME.format(bench=self._place.session_id)
            raise Unavailable("bench.hopeless", f"{_HOPELESS} runs in turn reached nobody, so it stopped", cause=why, hint=hint)

    def _judge(self) -> None:
        rows = self._record.rows.values()
        lost = sum(is_lost(row) for row in rows)
        hint = "ask again for what was lost: cowork bench resume " + self._place.session_id
        if lost and all(row.outcome == "failed" for row in rows):
            why = "; ".join(next(iter(rows)).problems) or None
            raise Unavailable("bench.failed", "no run has an answer", cause=why, hint=hint)
        if lost:
            raise Degraded("bench.degraded", f"{lost} of {len(rows)} runs could not reach a seat", hint=hint)

    def _ended(self, status: str, error: CoworkError) -> CoworkError:
        self._end(status, error.message)
        error.data = self.report(status)
        return error

    def _end(self, status: str, message: str) -> None:
        done = len(self._record.rows)
        self.journal.append(f"run.{status}", {"message": message, "result": to_plain({"done": done, "runs": self._bench.runs})})
