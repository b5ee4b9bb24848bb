"""Which runs a bench still has to make, in what order, and which of them the budget has room for."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from cowork.loop.bench.arms import MOST_SAMPLES, Arm
from cowork.loop.bench.questions import BenchQuestion
from cowork.loop.bench.record import Bench, run_id
from cowork.loop.bench.results import Row
from cowork.loop.budget import Budget, Charge, Ledger
from cowork.loop.request import LoopRequest
from cowork.loop.worst import worst_case

_ROOM = 2  # a run may take as much again for repairs, retries and stand-ins
N = TypeVar("N", int, float)


@dataclass(frozen=True)
class Job:
    """One run to make; `samples` is how often the single model of an equal-call arm is asked."""

    run: str
    arm: Arm
    question: BenchQuestion
    repeat: int
    samples: int | None = None

    @property
    def request(self) -> LoopRequest:
        """What is asked."""
        return self.arm.asking(self.question, self.repeat, samples=self.samples)


class Queue:
    """Jobs in the order of the questions. An equal-call run follows the run whose calls it gets."""

    def __init__(self, bench: Bench, rows: Mapping[str, Row]) -> None:
        self._bench = bench
        self._rows = rows
        self._arms = {arm.name: arm for arm in bench.arms}
        self._jobs: deque[Job] = deque()
        for number, question in enumerate(bench.questions, 1):
            for repeat in range(1, bench.repeats + 1):
                for arm in bench.arms:
                    if arm.kind != "equal_calls":
                        self._want(arm, number, question, repeat)

    def __len__(self) -> int:
        return len(self._jobs)

    def first(self) -> Job:
        """The next job; it stays in the queue."""
        return self._jobs[0]

    def take(self) -> Job:
        """The next job, taken out."""
        return self._jobs.popleft()

    def done(self, job: Job) -> None:
        """A run is on record: its equal-call run is next."""
        _, number, _ = job.run.rsplit("#", 2)
        found = self._beside(job.arm, int(number), job.question, job.repeat)
        if found:
            self._jobs.appendleft(found)

    def _want(self, arm: Arm, number: int, question: BenchQuestion, repeat: int) -> None:
        run = run_id(arm.name, number, repeat)
        if is_lost(self._rows.get(run)):
            self._jobs.append(Job(run, arm, question, repeat))
        elif found := self._beside(arm, number, question, repeat):
            self._jobs.append(found)

    def _beside(self, arm: Arm, number: int, question: BenchQuestion, repeat: int) -> Job | None:
        """The equal-call run beside a run that is made, None when it is on record with as many calls."""
        if arm.kind == "equal_calls" or arm.against is None:
            return None
        samples = equal_calls(self._rows[run_id(arm.name, number, repeat)])
        run = run_id(arm.against, number, repeat)
        made = self._rows.get(run)
        if made is not None and not is_lost(made) and made.formula_calls == samples:
            return None
        return Job(run, self._arms[arm.against], question, repeat, samples)


def is_lost(row: Row | None) -> bool:
    """Whether a run is not made, or could not reach a seat, so that going on with the bench makes it again."""
    return row is None or row.unreached > 0


def equal_calls(row: Row) -> int:
    """How often one model is asked to match a run: the answers that models really gave in it, from 1 to the most samples."""
    return max(1, min(MOST_SAMPLES, row.calls))


class Purse:
    """The budget of a bench, handed out run by run; the runs at the same time never have more than is left."""

    def __init__(self, budget: Budget, spent: Charge) -> None:
        self._ledger = Ledger(budget)
        self._ledger.settle("", spent)
        self._budget = budget

    def hand_out(self, job: Job) -> LoopRequest | None:
        """The job's request with what it may spend, None when there is no room for its worst case."""
        request = job.request
        if self._budget.unlimited:
            return request
        worst = worst_case(request)
        for most in (worst.times(_ROOM), worst):
            if self._ledger.hold(job.run, most):
                return replace(request, budget=_within(request.budget, self._budget, most))
        return None

    def settle(self, job: Job, spent: Charge) -> None:
        """A run has ended: what it has not used is there for the others."""
        self._ledger.settle(job.run, spent)


def _within(own: Budget, caps: Budget, most: Charge) -> Budget:
    """The run's own caps and those of the bench, whichever are lower."""
    return Budget(
        _lower(own.calls, most.calls if caps.calls is not None else None),
        _lower(own.tokens, most.tokens if caps.tokens is not None else None),
        _lower(own.usd, most.usd if caps.usd is not None else None),
    )


def _lower(first: N | None, second: N | None) -> N | None:
    return min((item for item in (first, second) if item is not None), default=None)
