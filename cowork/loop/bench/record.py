"""A bench as its journal keeps it, and back: the request, the runs that are made, and what calls have cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from cowork import __version__
from cowork.core.decode import from_plain
from cowork.core.errors import NotFound
from cowork.core.plain import to_plain
from cowork.loop import heads
from cowork.loop.bench.arms import Arm
from cowork.loop.bench.questions import BenchQuestion
from cowork.loop.bench.results import Row
from cowork.loop.budget import Budget, Charge, Ledger
from cowork.loop.replay import Record, recorded
from cowork.loop.spending import charge
from cowork.sessions.journal import Event

_BATCH = 100  # questions in one event


@dataclass(frozen=True)
class Bench:
    """A bench to make: questions, arms, how often each is asked, how many at the same time, and what it may spend."""

    source: str
    questions: tuple[BenchQuestion, ...]
    arms: tuple[Arm, ...]
    repeats: int
    parallel: int
    budget: Budget

    @property
    def runs(self) -> int:
        """How many runs it is."""
        return len(self.questions) * self.repeats * len(self.arms)

    @property
    def rehearsal(self) -> bool:
        """Whether any seat is no model."""
        return any(arm.request.rehearsal for arm in self.arms)


@dataclass
class BenchRecord:
    """What is on record: rows by run, the answers of runs by the keys of their questions, and what all calls have cost."""

    rows: dict[str, Row] = field(default_factory=dict)
    answers: dict[str, Record] = field(default_factory=dict)
    spent: Charge = field(default_factory=Charge)


def run_id(arm: str, question: int, repeat: int) -> str:
    """The name of a run within its bench: the arm, the question's place in the file, the repeat, each counted from 1."""
    return f"{arm}#{question}#{repeat}"


def head(bench: Bench, bench_id: str) -> dict[str, Any]:
    """The first event's data. The questions go into events of their own."""
    return {
        "session": bench_id,
        "version": __version__,
        "kind": "bench",
        "pattern": ", ".join(arm.name for arm in bench.arms),
        "task": f"{len(bench.questions)} question(s) of {bench.source}",
        "source": bench.source,
        "rehearsal": bench.rehearsal,
        "questions": len(bench.questions),
        "repeats": bench.repeats,
        "parallel": bench.parallel,
        "runs": bench.runs,
        "budget": asdict(bench.budget),
        "arms": [
            {"name": arm.name, "kind": arm.kind, "against": arm.against, "request": heads.head(arm.request, bench_id)}
            for arm in bench.arms
        ],
    }


def batches(bench: Bench) -> Iterator[dict[str, Any]]:
    """The data of the events that hold the questions."""
    for start in range(0, len(bench.questions), _BATCH):
        yield {"items": to_plain(bench.questions[start : start + _BATCH])}


def bench_of(events: Sequence[Event]) -> Bench:
    """The bench that a journal began with. Raises `session.not_resumable` when not all of it is there."""
    data = events[0]["data"]
    try:
        items = [item for event in events if event["type"] == "bench.questions" for item in event["data"]["items"]]
        questions = tuple(from_plain(BenchQuestion, item) for item in items)
        if len(questions) != data["questions"]:
            raise ValueError("the questions are not complete")
        return Bench(
            source=data["source"],
            questions=questions,
            arms=tuple(Arm(arm["name"], arm["kind"], heads.restored(arm["request"]), arm["against"]) for arm in data["arms"]),
            repeats=data["repeats"],
            parallel=data["parallel"],
            budget=from_plain(Budget, data["budget"]),
        )
    except (KeyError, TypeError, ValueError, NotFound) as error:
        raise heads.not_resumable(str(data.get("session")), error, "bench run") from error


def rows_of(events: Sequence[Event]) -> dict[str, Row]:
    """The rows of a journal by run; one that was made again takes the place of the former."""
    return {
        event["data"]["run"]: from_plain(Row, event["data"]["row"]) for event in events if event["type"] == "bench.answered"
    }


def record_of(events: Sequence[Event]) -> BenchRecord:
    """Everything on record."""
    by_run: dict[str, list[Event]] = {}
    for event in events:
        if event["type"].startswith("call.") and "run" in event["data"]:
            by_run.setdefault(event["data"]["run"], []).append(event)
    answers = {run: recorded(found) for run, found in by_run.items()}
    return BenchRecord(rows_of(events), answers, _spent(answers.values()))


def _spent(records: Iterable[Record]) -> Charge:
    ledger = Ledger(Budget())
    for record in records:
        for paid in record.paid:
            ledger.settle("", charge(paid.target, paid.usage))
        for wasted in record.wasted:
            ledger.settle("", wasted)
    return ledger.spent
