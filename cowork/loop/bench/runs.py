"""One run of a bench: the pattern through its real seats, and the row that comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cowork.core.clock import Clock
from cowork.core.plain import to_plain
from cowork.core.settings import Settings
from cowork.loop.bench.jobs import Job
from cowork.loop.bench.judging import is_right
from cowork.loop.bench.record import BenchRecord
from cowork.loop.bench.results import Row
from cowork.loop.budget import Charge
from cowork.loop.connections import Connections
from cowork.loop.replay import Record
from cowork.loop.request import LoopRequest
from cowork.loop.seats import ModelSeats
from cowork.loop.spending import Spent
from cowork.patterns.protocol import Question, Reply, SeatLost
from cowork.patterns.results import PatternResult
from cowork.patterns.steps import play
from cowork.sessions.journal import Journal

_ANSWERED = "refused"
"""The state of a lost seat whose model did answer: that is its result, and asking until it is another would flatter it."""


class Runner:
    """Makes runs and puts their rows on record."""

    def __init__(
        self, settings: Settings, clock: Clock, journal: Journal, connections: Connections, record: BenchRecord
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._journal = journal
        self._connections = connections
        self._record = record

    async def run(self, job: Job, request: LoopRequest) -> tuple[Row, Charge]:
        """The row of a run, and what it has spent now. Answers of the run that are on record are not asked again."""
        known = self._record.answers.get(job.run, Record()).counted()
        started = self._clock.monotonic()

        def journalled(kind: str, data: dict[str, Any]) -> None:
            self._journal.note(kind, {"run": job.run, **data})

        async def committed(kind: str, data: dict[str, Any]) -> None:
            await self._journal.commit(kind, {"run": job.run, **data})

        async with ModelSeats(
            request,
            self._settings,
            self._clock,
            journalled,
            lambda *_: None,
            known,
            committed=committed,
            connections=self._connections,
        ) as seats:
            watched = _Watched(seats)
            result = await play(watched, request.pattern, request.setup, request.steps)
        seconds = None if known.answers else round(self._clock.monotonic() - started, 3)
        row = _row(job, result, seats.spent, seconds, watched.unreached)
        self._journal.append("bench.answered", {"run": job.run, "row": to_plain(row)})
        self._record.rows[job.run] = row
        return row, seats.ledger.spent


class _Watched:
    """The seats of a run, watched for questions that nobody could be reached for; useless answers are not among them."""

    def __init__(self, seats: ModelSeats) -> None:
        self._seats = seats
        self.unreached = 0

    def admit(self, questions: Sequence[Question]) -> int:
        admitted = self._seats.admit(questions)
        self.unreached += len(questions) - admitted
        return admitted

    async def ask(self, question: Question) -> Reply:
        try:
            return await self._seats.ask(question)
        except SeatLost as lost:
            self.unreached += lost.state != _ANSWERED
            raise

    async def check(self, draft: str) -> str | None:
        return await self._seats.check(draft)


def _row(job: Job, result: PatternResult, spent: Spent, seconds: float | None, unreached: int) -> Row:
    given, taken, source = spent.tokens()
    decided = result.outcome not in ("undecided", "failed")
    return Row(
        arm=job.arm.name,
        question=job.question.id,
        repeat=job.repeat,
        outcome=result.outcome,
        answer=result.answer,
        right=decided and is_right(job.question, result.answer),
        calls=len(spent.usages),
        formula_calls=result.calls,
        retries=spent.retries,
        unreached=unreached,
        input_tokens=given,
        output_tokens=taken,
        tokens_source=source,
        usd=spent.usd(),
        seconds=seconds,
        problems=result.problems,
    )
