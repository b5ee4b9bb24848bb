"""Judging, anonymity and symmetry measured: statistical seats through the real patterns, against theory.

Every run has a fixed seed. The intervals are Wilson's at 95 %, the chi-squares at p > .01. Where a check guards against a
bias, a second test takes the guard away and sees the check fail. Of real models they say nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from cowork.patterns import debate, devil, pairwise, solo, table
from cowork.patterns.intervals import wilson
from cowork.patterns.pairwise import Side, both_orders
from cowork.patterns.protocol import Question
from cowork.patterns.results import PatternResult
from cowork.patterns.table import Table
from tests.patterns.drafting import drafted, objects, replies
from tests.patterns.scripted_reviews import (
    CRITICAL,
    Drawn,
    Seat,
    chi_square,
    judge,
    many,
    partial_judge,
    runs,
)
from tests.patterns.seats import says, setup

DECIDED, RIGHT_WHEN_DECIDED = 0.543, 0.887
BIASED = judge(bias=0.3, discrimination=0.8)
DEBATE = {"first": ["ann"], "second": ["bob"], "judge": ["jay"]}
DEVIL = {"proposer": ["ann"], "advocate": ["a1"], "judge": ["jay"]}
QUESTIONS = 2500


def within(successes: int, trials: int, expected: float) -> bool:
    return expected in wilson(successes, trials)


class Unswapped(tuple[Side, Side]):
    """Two sides that stay in their order when they are swapped."""

    __slots__ = ()

    def __getitem__(self, key: Any) -> Any:
        return self if isinstance(key, slice) else super().__getitem__(key)


@pytest.fixture
def no_swap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patterns whose judges see the same order twice."""
    real = pairwise.both_orders

    async def same_order_twice(held: Table, seat: str, sides: tuple[Side, Side], **told: Any) -> Any:
        return await real(held, seat, Unswapped(sides), **told)

    monkeypatch.setattr(pairwise, "both_orders", same_order_twice)


# M8: a judge of which position decides 30 % of the verdicts, and who is right in 80 % of the others


def verdicts(sides: tuple[Side, Side], count: int = QUESTIONS) -> Counter[str | None]:
    base = setup(debate.PATTERN, DEBATE)

    async def all_of_them() -> Counter[str | None]:
        tables = [Table(Drawn({"jay": BIASED}, run.seed), run) for run in many(base, count)]
        return Counter([(await both_orders(held, "jay", sides, round_number=1))[0] for held in tables])

    return asyncio.run(all_of_them())


def as_theory_says(found: Counter[str | None]) -> bool:
    decided = found["good"] + found["bad"]
    return within(decided, found.total(), DECIDED) and within(found["good"], decided, RIGHT_WHEN_DECIDED)


SIDES = (Side("good", ("right",)), Side("bad", ("wrong",)))


@pytest.mark.parametrize("sides", [SIDES, SIDES[::-1]])
def test_m8_both_orders_decide_half_and_are_right_nine_times_in_ten(sides: tuple[Side, Side]) -> None:
    assert as_theory_says(verdicts(sides))


@pytest.mark.parametrize("sides", [SIDES, SIDES[::-1]])
def test_m8_fails_with_the_swap_turned_off(sides: tuple[Side, Side]) -> None:
    assert not as_theory_says(verdicts(Unswapped(sides)))


def debated(first: str, second: str, count: int = QUESTIONS) -> Counter[str | None]:
    """Which answer wins debates between these two."""
    seats: dict[str, Seat] = {
        "ann": lambda question, draw: says(first).replace("Some thoughts.", first),
        "bob": lambda question, draw: says(second).replace("Some thoughts.", second),
        "jay": BIASED,
    }
    results = runs(debate.PATTERN, seats, many(setup(debate.PATTERN, DEBATE, rounds=0), count))
    assert {result.outcome for result in results} == {"majority", "undecided"}
    return Counter({"right": "good", "wrong": "bad"}.get(result.answer or "") for result in results)


def test_m8_holds_through_a_debate() -> None:
    assert as_theory_says(debated("right", "wrong"))


@pytest.mark.usefixtures("no_swap")
def test_m8_through_a_debate_fails_with_the_swap_turned_off() -> None:
    assert not as_theory_says(debated("right", "wrong"))


@cache
def advocated(before: str, after: str, count: int) -> list[PatternResult]:
    """A proposal that is revised after an objection, and judged."""
    seats: dict[str, Seat] = {
        "ann": lambda question, draw: replies(after, after, f1="accept") if question.view else drafted(before, before),
        "a1": lambda question, draw: objects("a gap"),
        "jay": BIASED,
    }
    return runs(devil.PATTERN, seats, many(setup(devil.PATTERN, DEVIL), count))


@pytest.mark.parametrize(("before", "after"), [("wrong", "right"), ("right", "wrong")])
def test_m8_holds_for_a_devils_advocate_and_what_is_undecided_keeps_the_original(before: str, after: str) -> None:
    results = advocated(before, after, 1500)
    found = Counter("good" if result.answer == "right" else "bad" for result in results if result.outcome != "undecided")
    found[None] = len(results) - found.total()
    assert as_theory_says(found)
    assert {result.answer for result in results if result.outcome == "undecided"} == {before}


def test_m8_a_revision_stands_first_as_often_as_the_original() -> None:
    firsts = Counter(result.ballots[0].order[0] for result in advocated("wrong", "right", 1500))
    assert within(firsts["revised"], firsts.total(), 0.5)


# M9: nobody is recognised


NAMES = ("anthropic", "openai", "claude-sonnet-5", "gpt-5.5")
SIGNED = {"ann": "I am Claude. claude-sonnet-5 wrote this.", "bob": "As GPT-5.5 of OpenAI, I write. gpt-5.5 stands by it."}


def preferred(mark: str) -> Counter[str | None]:
    """Who wins debates whose judge prefers the side that bears its mark."""
    seats: dict[str, Seat] = {
        name: lambda question, draw, text=text: f"{text} {draw.random()}\n{says(text[:4])}" for name, text in SIGNED.items()
    }
    base = replace(setup(debate.PATTERN, DEBATE, rounds=0), names=NAMES)
    results = runs(debate.PATTERN, {**seats, "jay": partial_judge(mark)}, many(base, 800))
    return Counter("ann" if result.answer == "I am" else "bob" for result in results if result.answer is not None)


@pytest.mark.parametrize("mark", ["claude-sonnet-5", "I am Claude"])
def test_m9_a_judge_that_prefers_its_own_does_not_find_it(mark: str) -> None:
    found = preferred(mark)
    assert found.total() == 800
    assert wilson(found["ann"], found.total()).low <= 1 / 2


def test_m9_is_seen_where_names_are_left_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "scrub", lambda text, names: text)
    assert preferred("claude-sonnet-5")["ann"] == 800


# M10: it does not matter who sits where


def arrangements() -> list[list[int]]:
    """How often the right answer wins, loses, or nothing does, with it on the first seat and on the second."""
    counted = [debated("right", "wrong", 1200), debated("wrong", "right", 1200)]
    return [[found["good"], found["bad"], found[None]] for found in counted]


def test_m10_permuting_the_seats_leaves_the_winners_as_they_are() -> None:
    assert chi_square(arrangements()) < CRITICAL[2]


@pytest.mark.usefixtures("no_swap")
def test_m10_is_seen_where_position_decides() -> None:
    assert chi_square(arrangements()) > CRITICAL[2]


def tied(answers: list[str], count: int = 2000) -> list[int]:
    """How often each of two answers wins a tie of samples that are equally sure."""

    def sample(question: Question, draw: random.Random) -> str:
        return says(answers[int(question.item) - 1], 0.5)

    results = runs(solo.PATTERN, {"sol": sample}, many(setup(solo.PATTERN, {"solo": ["sol"]}, samples=2), count))
    assert {result.tie_broken_by for result in results} == {"hash"}
    found = Counter(result.answer for result in results)
    return [found["red"], found["blue"]]


def test_m10_ties_fall_evenly_whoever_comes_first() -> None:
    rows = [tied(["red", "blue"]), tied(["blue", "red"])]
    assert chi_square(rows) < CRITICAL[1]
    assert all(within(row[0], sum(row), 0.5) for row in rows)
