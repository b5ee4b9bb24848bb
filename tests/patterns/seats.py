"""Scripted seats: what each seat says at each step, and a record of every question it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from cowork.patterns.protocol import Question, SeatLost

Reply = str | SeatLost | Callable[[Question], str]


def says(answer: str, confidence: float = 0.8, reason: str = "because") -> str:
    """A reply that keeps the contract."""
    return f"Some thoughts.\n{json.dumps({'answer': answer, 'confidence': confidence, 'reason': reason})}"


def rules(winner: str, reason: str = "better supported") -> str:
    """A judge's reply that keeps the contract."""
    return json.dumps({"winner": winner, "confidence": 0.9, "reason": reason})


def lost(seat: str) -> SeatLost:
    """A seat that does not answer."""
    return SeatLost(seat, "unavailable", "no connection")


class Script:
    """An Asker: `(seat, step)` or `(seat, step, round)` -> what it replies."""

    def __init__(self, replies: Mapping[tuple[object, ...], Reply]) -> None:
        self._replies = replies
        self.asked: list[Question] = []

    async def ask(self, question: Question) -> str:
        self.asked.append(question)
        exact = (question.seat, question.step, question.round)
        reply = self._replies.get(exact) or self._replies[question.seat, question.step]
        if isinstance(reply, SeatLost):
            raise reply
        return reply(question) if callable(reply) else reply

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
