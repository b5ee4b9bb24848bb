"""M9 and M10 over every pattern there is: no view names a model or a seat, and it does not matter who sits where.

The seats are rehearsal, and sign whatever they may write freely; statistical seats stand in where votes are measured.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from cowork.patterns import table, team
from cowork.patterns.answers import ContractError, body, last_object
from cowork.patterns.directory import PATTERNS
from cowork.patterns.intervals import wilson
from cowork.patterns.protocol import Question, Reply
from cowork.patterns.setup import Setup
from tests.models.prompts import NOTES, TASK
from tests.patterns.rehearsed import Rehearsed
from tests.patterns.scripted import Seat, play
from tests.patterns.scripted_reviews import CRITICAL, chi_square
from tests.patterns.seats import setup

NAMES = ("anthropic", "openai", "claude-sonnet-5", "gpt-5.5")
SIGNATURE = "I am Claude. As GPT-5.5, I write. claude-sonnet-5 and gpt-5.5 stand by it."
MARKS = ("claude-sonnet-5", "I am Claude", "gpt-5.5", "As GPT", "GPT-5.5")
FREE = frozenset("answer reason claim quote fix remark test evidence goal question finding note plan recommendation".split())


class Signing(Rehearsed):
    """Rehearsal whose seats sign every text that they are free to word."""

    def __init__(self, run: Setup, task: str) -> None:
        super().__init__(run.all_seats, task, NOTES, lambda draft: None)
        self.asked: list[Question] = []

    async def ask(self, question: Question) -> Reply:
        self.asked.append(question)
        said = (await super().ask(question)).text
        try:
            ending = json.dumps(_signed(last_object(said), self._seats.index(question.seat)))
        except ContractError:
            return Reply(said)
        return Reply(f"{body(said)}\n{SIGNATURE} {question.round}\n\n{ending}")


def _signed(value: Any, number: int, key: str = "") -> Any:
    """A reply with its free texts signed, so that no two seats say the same. Labels are not free."""
    if isinstance(value, dict):
        return {name: _signed(held, number, name) for name, held in value.items()}
    if isinstance(value, list):
        return [_signed(held, number, key) for held in value]
    free = isinstance(value, str) and key in FREE and not re.fullmatch(r"\w{0,3}", value)
    return f"{value} {SIGNATURE} {number}" if free else value


def seated(name: str, **options: int | bool) -> Setup:
    """Every role taken by two seats where it may be, the seats named like nothing else."""
    pattern = PATTERNS[name]
    roles = {
        role.name: [f"seat{number}{role.name[:2]}x" for number in range(max(role.default, min(role.most, 2)))]
        for role in pattern.roles
    }
    return replace(setup(pattern, roles, **options), names=NAMES)


RUNS: list[tuple[str, dict[str, int | bool]]] = [
    ("solo", {"samples": 3}),
    ("debate", {"rounds": 2, "judge_speaks": True}),
    ("team", {}),
    ("team", {"layers": 2}),
    ("chain", {}),
    ("chain", {"separate": True}),
    ("devil", {"rounds": 2}),
    ("panel", {"rounds": 1}),
    ("refine", {"rounds": 3}),
    ("redblue", {"rounds": 2}),
    ("consensus", {"rounds": 2}),
    ("hierarchy", {}),
]


def views(name: str, options: dict[str, int | bool]) -> tuple[str, list[str]]:
    """All that the seats of a run get to see of each other, and the steps they were asked for.

    In a repair a seat sees what it said itself.
    """
    run = seated(name, **options)
    asker = Signing(run, TASK)
    asyncio.run(PATTERNS[name].run(asker, run))
    return json.dumps([question.view for question in asker.asked if not question.repair]), [
        question.step for question in asker.asked
    ]


def test_m9_every_pattern_is_scanned() -> None:
    assert {name for name, _ in RUNS} == set(PATTERNS)


@pytest.mark.parametrize(("name", "options"), RUNS)
def test_m9_no_view_names_a_model_or_a_seat(name: str, options: dict[str, int | bool]) -> None:
    shown, steps = views(name, options)
    assert [mark for mark in MARKS if mark in shown] == []
    assert [seat for seat in seated(name, **options).all_seats if seat in shown] == []
    assert len(set(steps)) > (name != "solo")  # it came beyond its first step


@pytest.mark.parametrize(("name", "options"), [run for run in RUNS if run[0] != "solo"])
def test_m9_the_scan_sees_what_is_left_in(monkeypatch: pytest.MonkeyPatch, name: str, options: dict[str, int | bool]) -> None:
    monkeypatch.setattr(table, "scrub", lambda text, names: text)
    assert "claude-sonnet-5" in views(name, options)[0]


# Votes


def winners(seats: Sequence[Seat], count: int = 900, *, seed: str = "who") -> list[int]:
    """How often the proposal of each place wins, of those that agree with no other."""
    held = {"member": {f"m{number}": seat for number, seat in enumerate(seats)}}
    found: Counter[str] = Counter()
    for result in play(team.PATTERN, held, count, seed=seed, verbatim=True).results:
        by = [statement.seat for statement in result.statements if statement.answer == result.answer]
        found.update(by if len(by) == 1 else ())
    return [found[name] for name in held["member"]]


def _apart(seat: Seat) -> Seat:
    """A seat whose answers are its own."""
    return replace(seat, accuracy=0.0, options=10_000)


def permuted(rows: Iterable[Sequence[int]], places: Iterable[Sequence[int]]) -> list[list[int]]:
    """Counts by place as counts by seat."""
    return [[row[place.index(seat)] for seat in range(len(row))] for row, place in zip(rows, places, strict=True)]


def test_m9_a_seat_that_prefers_its_own_wins_no_more_than_its_share() -> None:
    vain, plain = _apart(Seat(self_preference=1.0)), _apart(Seat())
    won = winners([vain, plain, plain])
    assert wilson(won[0], sum(won)).low <= 1 / 3


def test_m10_every_place_wins_alike_even_where_position_sways_voters() -> None:
    won = winners([_apart(Seat(position_bias=0.5))] * 3)
    assert chi_square([won, [sum(won) // 3] * 3]) < CRITICAL[2]


def test_m10_permuting_seats_permutes_their_wins() -> None:
    seats = [Seat(0.9, 10_000), Seat(0.6, 10_000), Seat(0.2, 10_000)]
    places = [(0, 1, 2), (2, 0, 1)]
    rows = [winners([seats[seat] for seat in place], seed=f"who{place}") for place in places]
    assert chi_square(permuted(rows, places)) < CRITICAL[2]
    assert chi_square(rows) > CRITICAL[2]  # by place they differ: the seats do
