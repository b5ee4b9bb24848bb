"""Statistical seats of reviews: what they say is drawn by known chances, so that a pattern can be measured against theory."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from cowork.core.ids import seeded
from cowork.patterns.protocol import Question, Reply
from cowork.patterns.results import PatternResult
from cowork.patterns.setup import Pattern, Setup
from tests.patterns.seats import Free, rules

Seat = Callable[[Question, random.Random], str]
CRITICAL = {1: 6.635, 2: 9.210}
"""The chi-square that is exceeded by chance once in a hundred times, by degrees of freedom."""


@dataclass
class Drawn(Free):
    """An Asker over statistical seats. The same seed and question draw the same reply, in whatever order they are asked."""

    seats: dict[str, Seat]
    seed: str

    async def ask(self, question: Question) -> Reply:
        self.asked.append(question)
        return Reply(self.seats[question.seat](question, random.Random(seeded(self.seed, "draw", question.key))))


def runs(pattern: Pattern, seats: dict[str, Seat], setups: Iterable[Setup]) -> list[PatternResult]:
    """The results of one run for each setup, all of them on one event loop."""

    async def all_of_them() -> list[PatternResult]:
        return [await pattern.run(Drawn(seats, setup.seed), setup) for setup in setups]

    return asyncio.run(all_of_them())


def many(base: Setup, count: int, start: int = 0) -> Iterator[Setup]:
    """The same run with as many seeds."""
    return (replace(base, seed=f"question-{number}") for number in range(start, start + count))


def chi_square(rows: Sequence[Sequence[int]]) -> float:
    """How far rows of counts are from having one distribution; columns that are empty count nothing."""
    total = sum(map(sum, rows))
    columns = [sum(column) for column in zip(*rows, strict=True)]
    expected = [[sum(row) * column / total for column in columns] for row in rows]
    pairs = [pair for row, held in zip(rows, expected, strict=True) for pair in zip(row, held, strict=True)]
    return sum((seen - due) ** 2 / due for seen, due in pairs if due)


def judge(*, bias: float, discrimination: float, right: str = "right") -> Seat:
    """A judge that names what stands first with the chance `bias`, else finds the right side with `discrimination`."""

    def verdict(question: Question, draw: random.Random) -> str:
        sides = question.view["sides"]
        if draw.random() < bias:
            return rules(sides[0]["label"])
        found = draw.random() < discrimination
        return rules(next(side["label"] for side in sides if (right in side["statements"][0].split()) == found))

    return verdict


def partial_judge(mark: str) -> Seat:
    """A judge that prefers whatever bears its mark, and else tosses a coin over the texts, not over their places."""

    def verdict(question: Question, draw: random.Random) -> str:
        sides = question.view["sides"]
        own = [side["label"] for side in sides if any(mark in text for text in side["statements"])]
        if len(own) == 1:
            return rules(own[0])
        texts = sorted("\n".join(side["statements"]) for side in sides)
        chosen = texts[seeded(*texts) % 2]
        return rules(next(side["label"] for side in sides if "\n".join(side["statements"]) == chosen))

    return verdict


_QUALITY = re.compile(r"quality (\d+\.\d+)")


def quality_of(text: str) -> float:
    """The true quality that a scripted draft carries."""
    found = _QUALITY.search(text)
    assert found is not None
    return float(found.group(1))


def author(*, start: float = 0.5, drift: float = 0.0, spread: float = 0.1) -> Seat:
    """An author whose revisions change the true quality by `drift` in the mean."""

    def write(question: Question, draw: random.Random) -> str:
        before = quality_of(question.view["draft"]) if question.view else None
        quality = start if before is None else min(1.0, max(0.0, before + draw.gauss(drift, spread)))
        text = f"A draft of quality {quality:.6f}."
        return f"{text}\n{json.dumps({'answer': f'q {quality:.6f}', 'confidence': 0.5, 'reason': 'r'})}"

    return write


def critic(*, noise: float, informed: bool = True) -> Seat:
    """A critic whose score is the true quality and noise; one that is not informed sees no quality at all."""

    def score(question: Question, draw: random.Random) -> str:
        truth = quality_of(question.view["draft"]) if informed else 0.5
        points = round(40 * min(1.0, max(0.0, draw.gauss(truth, noise))))
        lines = ("correct", "complete", "supported", "usable")
        spread = {line: points // 4 + (number < points % 4) for number, line in enumerate(lines)}
        finding = {"severity": "major", "quote": "", "claim": "it could be better", "fix": "better it"}
        return json.dumps({"scores": spread, "findings": [finding], "satisfied": False})

    return score
