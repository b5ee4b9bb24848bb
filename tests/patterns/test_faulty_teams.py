"""Panel, red and blue, and hierarchy with every call failing in every way: no crash, no hang, nothing that looks whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from cowork.core.ids import seeded
from cowork.patterns import hierarchy, panel, redblue
from cowork.patterns.protocol import Question, SeatState
from cowork.patterns.results import PatternResult
from cowork.patterns.setup import Pattern
from tests.patterns import attacking, dividing, paneling
from tests.patterns.dividing import planned, task
from tests.patterns.faults import LOST_STATES, Faulty
from tests.patterns.seats import Said, Script, says, setup

Replies = dict[tuple[object, ...], Said]
Table = tuple[Pattern, dict[str, list[str]], Replies, dict[str, int | bool]]
Fails = Callable[[Question], SeatState | None]


def a_panel() -> Table:
    said = {**paneling.replies(), ("may", "panel_moderator"): paneling.concludes("own ann")}
    return panel.PATTERN, paneling.seats(written=True, moderators=2), said, {"rounds": 2}


def an_attack() -> Table:
    return redblue.PATTERN, attacking.seats(verifiers=2), attacking.replies(), {"rounds": 2}


def a_division(levels: int) -> Table:
    plan = dividing.DIAMOND if levels == 1 else planned(task("a"), task("b", "a"))
    said = {**dividing.replies(plan), ("pat", "hierarchy_alone"): says("alone pat")}
    return hierarchy.PATTERN, dividing.seats(3, verified=True, integrators=2), said, {"levels": levels}


TABLES = {
    "panel": a_panel(),
    "redblue": an_attack(),
    "hierarchy": a_division(1),
    "hierarchy of two levels": a_division(2),
}
every_table = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)


async def questions_of(table: Table) -> list[Question]:
    """The questions of a run in which nothing fails."""
    pattern, roles, said, options = table
    script = Script(said)
    result = await pattern.run(script, setup(pattern, roles, **options))
    assert result.problems == ()
    return script.asked


async def bounded(
    table: Table,
    fails: Fails,
    *,
    room: int = 10_000,
) -> tuple[PatternResult, Faulty]:
    """A run that must end by itself, in no more than a few times the calls of a good one."""
    pattern, roles, said, options = table
    run = setup(pattern, roles, **options)
    asker = Faulty(Script(said, room=room), fails)
    async with asyncio.timeout(10):
        result = await pattern.run(asker, run)
    assert len(asker.asked) <= 3 * pattern.price(run).most_calls
    assert len(set(asker.asked)) == len(asker.asked)  # a resumed run finds every answer by its key
    return result, asker


def assert_looks_degraded(result: PatternResult, *, why: str) -> None:
    assert result.outcome in ("degraded", "failed"), why
    assert result.problems, why
    assert (result.answer is None) or result.outcome == "degraded", why
    assert result.votes_for <= result.votes_of, why
    if result.findings:
        assert not any(finding.status == "fixed" and "rejected" not in finding.note for finding in result.findings), why
    holes = {outcome.id for outcome in result.tasks if outcome.status != "done"}
    named = " ".join(note for note in result.notes if "are holes" in note)
    assert all(hole in named for hole in holes), why
    assert result.votes_for == len(result.tasks) - len(holes) or not result.tasks, why


def at(key: str, state: SeatState) -> Fails:
    """One call fails."""
    return lambda question: state if question.key == key else None


def from_on(key: str, state: SeatState) -> Fails:
    """From one call on, its seat fails for good."""
    dead: set[str] = set()

    def fails(question: Question) -> SeatState | None:
        if question.key == key:
            dead.add(question.seat)
        return state if question.seat in dead else None

    return fails


def without(seats: list[str], first: int) -> Fails:
    """Some seats fail from a round on."""
    return lambda question: "unavailable" if question.seat in seats and question.round >= first else None


def at_random(seed: int, share: float) -> Fails:
    """Each call fails with this chance, in a state of its own."""

    def fails(question: Question) -> SeatState | None:
        if seeded(seed, question.key) % 1000 >= share * 1000:
            return None
        return LOST_STATES[seeded(seed, question.key, "how") % len(LOST_STATES)]

    return fails


@every_table
def test_m14_any_one_call_that_fails_in_any_way_shows(table: Table) -> None:
    async def play() -> None:
        for question in await questions_of(table):
            for state in LOST_STATES:
                result, asker = await bounded(table, at(question.key, state))
                assert asker.failed, question.key
                assert result.states[question.seat] == state, (question.key, state)
                assert_looks_degraded(result, why=f"{question.key} {state}")

    asyncio.run(play())


@every_table
def test_m14_any_seat_that_dies_at_any_of_its_calls_shows(table: Table) -> None:
    async def play() -> None:
        for question in await questions_of(table):
            for state in ("timed_out", "invalid"):
                result, _ = await bounded(table, from_on(question.key, state))
                assert_looks_degraded(result, why=f"{question.key} {state}")

    asyncio.run(play())


@every_table
def test_m14_a_whole_role_that_is_missing_shows(table: Table) -> None:
    async def play() -> None:
        for role, seats in table[1].items():
            for first in range(3):
                result, asker = await bounded(table, without(seats, first))
                if asker.failed:
                    assert_looks_degraded(result, why=f"{role} from round {first}")

    asyncio.run(play())


@every_table
def test_m14_a_budget_that_ends_at_any_call_shows(table: Table) -> None:
    async def play() -> None:
        for room in range(len(await questions_of(table))):
            result, asker = await bounded(table, lambda _: None, room=room)
            assert len(asker.asked) <= room
            assert_looks_degraded(result, why=f"room for {room}")
            assert "skipped_budget" in result.states.values()

    asyncio.run(play())


@every_table
def test_m14_seats_that_are_all_lost_give_a_failure(table: Table) -> None:
    result, _ = asyncio.run(bounded(table, lambda _: "unavailable"))
    assert (result.outcome, result.answer, result.votes_for) == ("failed", None, 0)


@every_table
def test_m14_seats_that_fail_at_random_never_hang_it_nor_pass_for_whole(table: Table) -> None:
    async def play() -> None:
        for seed in range(60):
            result, asker = await bounded(table, at_random(seed, 0.05 + 0.85 * seed / 60))
            if asker.failed:
                assert_looks_degraded(result, why=f"seed {seed}")

    asyncio.run(play())
