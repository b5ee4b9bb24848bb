"""Scripted seats: what each seat says at each step, and a record of every question it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cowork.patterns.protocol import Question, Reply, SeatLost
from cowork.patterns.setup import Options, Pattern, Setup

Said = str | SeatLost | Callable[[Question], str]


def says(answer: str, confidence: float = 0.8, reason: str = "because") -> str:
    """A reply that keeps the contract."""
    return f"Some thoughts.\n{json.dumps({'answer': answer, 'confidence': confidence, 'reason': reason})}"


def rules(winner: str, reason: str = "better supported") -> str:
    """A judge's reply that keeps the contract."""
    return json.dumps({"winner": winner, "confidence": 0.9, "reason": reason})


def lost(seat: str) -> SeatLost:
    """A seat that does not answer."""
    return SeatLost(seat, "unavailable", "no connection")


def setup(pattern: Pattern, roles: Mapping[str, Sequence[str]], *, seed: str = "s", **options: int | bool) -> Setup:
    """A setup of a pattern: seats by role, options beside its defaults."""
    return Setup({role: tuple(seats) for role, seats in roles.items()}, Options(**{**pattern.options, **options}), seed)


@dataclass
class Free:
    """What askers share that admit every question and have no check: the questions, in their order."""

    asked: list[Question] = field(default_factory=list, init=False)

    def admit(self, questions: Sequence[Question]) -> int:
        return len(questions)

    async def check(self, draft: str) -> str | None:
        return None


class Script:
    """An Asker: `(seat, step)` or `(seat, step, round)` -> what it replies. A repair is asked for as the step `repair`."""

    def __init__(
        self,
        replies: Mapping[tuple[object, ...], Said],
        *,
        room: int = 10_000,
        check: Callable[[str], str | None] = lambda draft: None,
    ) -> None:
        self._replies = replies
        self._room = room
        self._check = check
        self.asked: list[Question] = []

    def admit(self, questions: Sequence[Question]) -> int:
        admitted = min(len(questions), self._room)
        self._room -= admitted
        return admitted

    async def ask(self, question: Question) -> Reply:
        self.asked.append(question)
        step = "repair" if question.repair else question.step
        said = self._replies.get((question.seat, step, question.round)) or self._replies[question.seat, step]
        if isinstance(said, SeatLost):
            raise said
        return Reply(said(question) if callable(said) else said)

    async def check(self, draft: str) -> str | None:
        return self._check(draft)

    def steps(self, seat: str) -> list[str]:
        """The steps a seat was asked for, in order."""
        return [question.step for question in self.asked if question.seat == seat]


def for_the_statement(text: str) -> Callable[[Question], str]:
    """A judge that rules for whichever side said `text`, whatever its label."""

    def rule(question: Question) -> str:
        for side in question.view["sides"]:
            if any(text in statement for statement in side["statements"]):
                return rules(side["label"])
        return rules("tie")

    return rule
