"""What every pattern shares: questions to seats, one repair, states, and the result's vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

from cowork.patterns.answers import Answer, ContractError

T = TypeVar("T")

Outcome = Literal["unanimous", "majority", "undecided", "degraded", "failed"]
DecidedBy = Literal["agreement", "concession", "judge", "tie_break", "nobody"]
SeatState = Literal[
    "ok", "repaired", "retried", "timed_out", "rate_limited", "out_of_funds", "refused", "unavailable", "invalid", "unasked"
]


class SeatLost(Exception):
    """A seat cannot answer. `state` says why in one word, `message` in a sentence."""

    def __init__(self, seat: str, state: SeatState, message: str) -> None:
        super().__init__(message)
        self.seat = seat
        self.state: SeatState = state
        self.message = message


@dataclass(frozen=True)
class Question:
    """One question to one seat: `step` names the prompt, `view` is all the seat gets to see beside task and material."""

    seat: str
    step: str
    round: int
    view: Mapping[str, Any] = field(default_factory=dict)


class Asker(Protocol):
    """The only way a pattern reaches the world."""

    async def ask(self, question: Question) -> str:
        """The seat's reply. Raises SeatLost."""


@dataclass(frozen=True)
class Statement:
    """What a seat said in a round; round 0 is blind."""

    round: int
    seat: str
    answer: str
    confidence: float
    reason: str
    text: str

    @classmethod
    def of(cls, round_number: int, seat: str, answer: Answer) -> Statement:
        """The statement that `answer` makes."""
        return cls(round_number, seat, answer.answer, answer.confidence, answer.reason, answer.text)


@dataclass(frozen=True)
class Ballot:
    """A judge's verdict in one order, with the label translated back to the seat (None for a tie)."""

    judge: str
    order: tuple[str, str]
    winner: str | None
    confidence: float
    reason: str


@dataclass(frozen=True)
class PatternResult:
    """How a pattern ended. `votes_for` of `votes_of` seats stand behind `answer`, counted over the seats asked."""

    outcome: Outcome
    decided_by: DecidedBy
    answer: str | None
    reason: str
    confidence: float | None
    votes_for: int
    votes_of: int
    statements: tuple[Statement, ...]
    ballots: tuple[Ballot, ...]
    rounds: int
    calls: int
    depth: int
    repairs: int
    states: Mapping[str, SeatState]
    problems: tuple[str, ...]


class Table:
    """The seats of one run: asks them, repairs once, and keeps the count of calls, depth and states.

    Calls and depth are those of the protocol; repairs are counted beside them, since no formula knows them.
    """

    def __init__(self, asker: Asker, seats: tuple[str, ...]) -> None:
        self._asker = asker
        self.states: dict[str, SeatState] = dict.fromkeys(seats, "unasked")
        self.problems: list[str] = []
        self.calls = 0
        self.depth = 0
        self.repairs = 0

    async def wave(self, questions: list[Question], parse: Callable[[str], T], shape: str) -> list[T | None]:
        """Ask in parallel: one level of depth. A seat that is lost gives None, a state and a problem."""
        import asyncio

        self.calls += len(questions)
        self.depth += 1
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._one(question, parse, shape)) for question in questions]
        except ExceptionGroup as failed:  # seats fail as SeatLost; anything else stops the run, as itself
            raise failed.exceptions[0] from failed
        return [task.result() for task in tasks]

    async def _one(self, question: Question, parse: Callable[[str], T], shape: str) -> T | None:
        try:
            reply = await self._asker.ask(question)
            try:
                value = parse(reply)
                if self.states[question.seat] == "unasked":
                    self.states[question.seat] = "ok"
                return value
            except ContractError as problem:
                self.repairs += 1
                view = {"previous": reply, "problem": str(problem), "shape": shape}
                value = parse(await self._asker.ask(Question(question.seat, "repair", question.round, view)))
                self.states[question.seat] = "repaired"
                return value
        except ContractError as problem:
            self._lose(question, "invalid", f"its answer broke the contract twice: {problem}")
        except SeatLost as lost:
            self._lose(question, lost.state, lost.message)
        return None

    def _lose(self, question: Question, state: SeatState, message: str) -> None:
        self.states[question.seat] = state
        self.problems.append(f"{question.seat} ({question.step}): {message}")
