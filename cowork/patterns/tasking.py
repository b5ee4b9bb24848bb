"""Tasks under way: who works on which, what came of each, and what that leaves undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cowork.patterns.answers import Answer, body, last_object, parse_answer
from cowork.patterns.contracts import ANSWER, TEXT, Contract, schema_of
from cowork.patterns.plans import Task, levels_of, spread
from cowork.patterns.protocol import Form, Question
from cowork.patterns.results import TaskOutcome, TaskStatus
from cowork.patterns.table import Table
from cowork.patterns.values import flag_of, text_of

_WELL = ("unasked", "ok", "repaired", "retried", "substituted")


@dataclass(frozen=True)
class Inspection:
    """Whether a result is accepted, and why."""

    accepted: bool
    why: str


def _inspection(reply: str) -> Inspection:
    found = last_object(reply)
    return Inspection(flag_of(found.get("accepted"), '"accepted"'), text_of(found.get("why"), '"why"', most=1_000, empty=True))


INSPECTION: Contract[Inspection] = Contract(
    Form("inspection", schema_of(accepted={"type": "boolean"}, why=TEXT), whole=True),
    '{"accepted": true, "why": "..."}',
    _inspection,
)
PART: Contract[Answer] = Contract(Form("part", ANSWER.form.schema), ANSWER.shape, parse_answer)


@dataclass
class Work:
    """A task, its level, and how far it has come. `said` is the latest result, accepted or not."""

    task: Task
    level: int
    seat: str
    status: TaskStatus = "failed"
    said: Answer | None = None
    note: str = ""

    @property
    def text(self) -> str:
        """The result as others use it."""
        return (body(self.said.text) or self.said.answer) if self.said else ""


class Works:
    """All works of a run, in the order in which they were planned."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.workers = table.setup.seats("worker")
        self.verifiers = table.setup.seats("verifier")
        self.works: dict[str, Work] = {}

    @property
    def done(self) -> list[Work]:
        """What has a result that was not rejected."""
        return [work for work in self.works.values() if work.status == "done"]

    @property
    def holes(self) -> list[Work]:
        """What has none."""
        return [work for work in self.works.values() if work.status != "done"]

    async def run(self, tasks: Sequence[Task], *, round_number: int = 0, extra: bool = False) -> None:
        """Work on these tasks level by level. What fails is tried once more by another worker; what waits for it is blocked."""
        levels, seats = levels_of(tasks), spread(tasks, self.workers)
        self.works |= {task.id: Work(task, levels[task.id], seats[task.id]) for task in tasks}
        for level in range(max(levels.values(), default=-1) + 1):
            ready = [work for work in map(self.works.__getitem__, levels) if work.level == level and not self._blocked(work)]
            await self._attempt(ready, round_number, extra=extra)
            again = [work for work in ready if work.status != "done" and self._hand_over(work)]
            await self._attempt(again, round_number, extra=True, again=True)

    def _blocked(self, work: Work) -> bool:
        missing = [dep for dep in work.task.deps if self.works[dep].status != "done"]
        if missing:
            work.status, work.note = "blocked", f"waits for {', '.join(missing)}"
        return bool(missing)

    def _hand_over(self, work: Work) -> bool:
        """Give it to another worker, best to one that was not lost. False when there is no other."""
        at = self.workers.index(work.seat)
        others = [*self.workers[at + 1 :], *self.workers[:at]]
        if not others:
            return False
        work.seat = next((seat for seat in others if self.table.states[seat] in _WELL), others[0])
        return True

    async def _attempt(self, works: list[Work], round_number: int, *, extra: bool, again: bool = False) -> None:
        """One try at each of these, and its verification."""
        tag = ", again" if again else ""
        questions = [
            Question(work.seat, "hierarchy_work", round_number, self._work_view(work), f"{work.task.id}{tag}", extra=extra)
            for work in works
        ]
        for work, said in zip(works, await self.table.wave(questions, PART), strict=True):
            if said is None:
                work.status, work.note = "failed", f"{work.seat} was lost"
            else:
                work.said, work.status, work.note = said, "done", ""
                self.table.hear(1, work.seat, said)
        if self.verifiers:
            delivered = [work for work in works if work.status == "done"]
            await self._verify(delivered, round_number, tag, extra=extra)

    async def _verify(self, works: list[Work], round_number: int, tag: str, *, extra: bool) -> None:
        questions = [
            Question(
                self.verifiers[0],
                "hierarchy_verify",
                round_number,
                {**self._task_view(work), "text": self.table.scrubbed(work.text)},
                f"{work.task.id}{tag}",
                extra=extra,
            )
            for work in works
        ]
        for work, found in zip(works, await self.table.wave(questions, INSPECTION), strict=True):
            if found is None:
                work.note = "not verified: the verifier was lost"
            elif not found.accepted:
                work.status, work.note = "rejected", found.why or "rejected without a reason"

    def _task_view(self, work: Work) -> dict[str, Any]:
        task, scrubbed = work.task, self.table.scrubbed
        return {
            "id": task.id,
            "goal": scrubbed(task.goal),
            "inputs": [scrubbed(text) for text in task.inputs],
            "acceptance": scrubbed(task.acceptance),
            "parts": self.parts([self.works[dep] for dep in task.deps]),
        }

    def _work_view(self, work: Work) -> dict[str, Any]:
        rejected = None
        if work.status == "rejected":
            rejected = {"text": self.table.scrubbed(work.text), "why": self.table.scrubbed(work.note)}
        return {**self._task_view(work), "rejected": rejected}

    def parts(self, works: Sequence[Work]) -> list[Mapping[str, str]]:
        """Results as seats see them."""
        scrubbed = self.table.scrubbed
        return [{"id": work.task.id, "goal": scrubbed(work.task.goal), "text": scrubbed(work.text)} for work in works]

    def missing(self, works: Sequence[Work]) -> list[Mapping[str, str]]:
        """Holes as seats see them."""
        scrubbed = self.table.scrubbed
        return [
            {"id": work.task.id, "goal": scrubbed(work.task.goal), "why": f"{work.status}: {scrubbed(self._why(work))}"}
            for work in works
        ]

    def _why(self, work: Work) -> str:
        """Why there is no result, without the name of a seat."""
        return "nobody delivered it" if work.status == "failed" else work.note

    def outcomes(self) -> tuple[TaskOutcome, ...]:
        """The record."""
        return tuple(
            TaskOutcome(
                work.task.id,
                work.task.goal,
                work.task.deps,
                work.level,
                work.seat if work.status != "blocked" else "",
                work.status,
                work.said.answer if work.said and work.status == "done" else "",
                work.note,
            )
            for work in self.works.values()
        )
