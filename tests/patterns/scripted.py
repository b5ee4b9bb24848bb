"""Statistical seats: each answers, discusses, ranks and judges with known chances, so that what a pattern makes of them
can be compared with theory.

A seat is a function of the question's view and a random number generator, which is seeded by the run and the question:
the same run with the same seed draws the same answers, in whatever order seats are asked.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from cowork.core.ids import seeded
from cowork.patterns.protocol import Question, Reply, SeatLost
from cowork.patterns.results import PatternResult
from cowork.patterns.setup import Pattern, Setup
from tests.patterns.seats import Free, setup

RIGHT = "right"
_ANSWER = re.compile(r'Answer: (\S+)|"answer": "(\S+?)"')
_MARK = re.compile(r"signed-(\S+)")


@dataclass(frozen=True)
class Seat:
    """The chances of a seat, each from 0 to 1.

    `accuracy` to be right alone, of `options` answers; wrong ones are equally likely. `correlation` to copy the draw that
    all seats share. In a discussion: `stubbornness` to keep its answer whatever it sees; else, when it is wrong and sees
    the right answer, `correction` to take it; else `conformity` to take the answer of a seat drawn from all that it sees,
    itself among them. As a judge or voter: `discrimination` to find the right side when there is one, `position_bias` to
    name what stands first, `self_preference` to prefer what it wrote itself. `confidence` is what it states.
    """

    accuracy: float = 0.6
    options: int = 2
    correlation: float = 0.0
    conformity: float = 0.0
    stubbornness: float = 0.0
    correction: float = 0.0
    discrimination: float = 1.0
    position_bias: float = 0.0
    self_preference: float = 0.0
    confidence: float = 0.7
    lost_at: tuple[str, ...] = ()
    """Steps at which it does not answer."""


@dataclass
class Scripted(Free):
    """An Asker over statistical seats."""

    seats: Mapping[str, Seat]
    seed: str

    async def ask(self, question: Question) -> Reply:
        self.asked.append(question)
        seat = self.seats[question.seat]
        if question.step in seat.lost_at:
            raise SeatLost(question.seat, "unavailable", "scripted")
        draw = random.Random(seeded(self.seed, question.key))
        return Reply(self._said(question, seat, draw))

    def _said(self, question: Question, seat: Seat, draw: random.Random) -> str:
        view, name = question.view, question.seat
        if question.repair:
            labels = re.findall(r'"([A-Z])"', view["shape"])
            answered = {"answer": self._alone(seat, draw), "winner": "tie", "ranking": labels}
            return json.dumps({**answered, "confidence": seat.confidence, "reason": "asked again"})
        if "sides" in view:
            texts = {side["label"]: "\n".join(side["statements"]) for side in view["sides"]}
            return json.dumps({"winner": _best(texts, name, seat, draw)[0], "confidence": seat.confidence, "reason": ""})
        if "chosen" in view:
            return _statement(view["chosen"], name, seat)
        if question.form is not None and question.form.name == "ranking":
            texts = {candidate["label"]: candidate["text"] for candidate in view["candidates"]}
            return json.dumps({"ranking": _best(texts, name, seat, draw), "confidence": seat.confidence, "reason": ""})
        if "own" in view:
            return _statement(_discussed(_own(view["own"]), _seen(view), seat, draw), name, seat)
        return _statement(self._alone(seat, draw), name, seat)

    def _alone(self, seat: Seat, draw: random.Random) -> str:
        if draw.random() < seat.correlation:
            draw = random.Random(seeded(self.seed, "shared"))
        right = draw.random() < seat.accuracy
        return RIGHT if right else f"wrong-{draw.randrange(1, seat.options)}"


def _statement(answer: str, name: str, seat: Seat) -> str:
    said = json.dumps({"answer": answer, "confidence": seat.confidence, "reason": "for a reason"})
    return f"A statement signed-{name}.\n{said}"


def _own(text: str) -> str:
    """The answer that a text ends with."""
    found = list(_ANSWER.finditer(text))
    return (found[-1].group(1) or found[-1].group(2)) if found else text.split()[0]


def _seen(view: Mapping[str, object]) -> list[str]:
    """All answers in view, one for each seat that holds it."""
    groups, other = view.get("groups"), view.get("other")
    if isinstance(groups, list):
        return [group["answer"] for group in groups for _ in range(group["members"])]
    return [_own(str(view["own"])), _own(str(other))]


def _discussed(own: str, seen: list[str], seat: Seat, draw: random.Random) -> str:
    if draw.random() < seat.stubbornness:
        return own
    if own != RIGHT and RIGHT in seen and draw.random() < seat.correction:
        return RIGHT
    return draw.choice(sorted(seen)) if draw.random() < seat.conformity else own


def _best(texts: Mapping[str, str], name: str, seat: Seat, draw: random.Random) -> list[str]:
    """Labels, the best first: by position, by whose they are, or by which are right; with a miss the right ones last."""
    labels = list(texts)
    if draw.random() < seat.position_bias:
        return labels
    draw.shuffle(labels)
    own = [label for label in labels if (mark := _MARK.search(texts[label])) and mark.group(1).rstrip(".") == name]
    if own and draw.random() < seat.self_preference:
        return own + [label for label in labels if label not in own]
    found = draw.random() < seat.discrimination
    return sorted(labels, key=lambda label: (_own(texts[label]) == RIGHT) != found)


@dataclass(frozen=True)
class Played:
    """Results of many questions."""

    results: tuple[PatternResult, ...]

    @property
    def right(self) -> int:
        """How many answers are right."""
        return sum(result.answer == RIGHT for result in self.results)

    def __len__(self) -> int:
        return len(self.results)


def play(
    pattern: Pattern, roles: Mapping[str, Mapping[str, Seat]], questions: int, *, seed: str = "measured", **told: object
) -> Played:
    """Ask `questions` through the pattern, each with a seed of its own, on one event loop."""
    accuracies: Mapping[str, float] = told.pop("accuracies", {})  # type: ignore[assignment]
    seats = {name: seat for held in roles.values() for name, seat in held.items()}
    run = replace(setup(pattern, {role: tuple(held) for role, held in roles.items()}, **told), accuracies=accuracies)  # type: ignore[arg-type]

    def asked(number: int) -> Awaitable[PatternResult]:
        own = f"{seed}-{number}"
        return pattern.run(Scripted(seats, own), replace(run, seed=own))

    return Played(tuple(asyncio.run(_in_turn(asked, range(questions)))))


async def _in_turn(asked: Callable[[int], Awaitable[PatternResult]], numbers: Iterable[int]) -> list[PatternResult]:
    return [await asked(number) for number in numbers]


def members(count: int, seat: Seat = Seat(), role: str = "member") -> dict[str, dict[str, Seat]]:
    """Roles with as many equal seats."""
    return {role: {f"{role}-{number}": seat for number in range(1, count + 1)}}


__all__ = ["RIGHT", "Played", "Scripted", "Seat", "Setup", "members", "play"]
