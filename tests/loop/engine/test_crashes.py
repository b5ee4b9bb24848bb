"""kill -9 at any moment: what was finished is neither lost nor repeated, and all that was counted is kept.

A process that dies leaves the disk as it was at that moment: the world is kept at every moment of a run that nobody disturbs,
and each of these worlds is gone on with.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cowork.sessions import journal
from tests.loop.engine.dying import Moments, Outcome, Saved, World, held_to, outcome, torn

PARTS = 6


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


@pytest.fixture
def moments(world: World, monkeypatch: pytest.MonkeyPatch) -> Moments:
    return Moments(world, monkeypatch)


def kept_while(moments: Moments, world: World, work: Callable[[], object], wanted: Callable[[int, str], bool]) -> list[Saved]:
    """The world at the moments that are wanted, by their numbers and names, while work is done."""
    kept: list[Saved] = []

    def hear(number: int, name: str) -> None:
        if wanted(number, name):
            kept.append(world.keep(name))

    moments.seen.clear()
    moments.hear = hear
    work()
    moments.hear = lambda number, name: None
    return kept


def at_its_end(world: World) -> Outcome:
    """How the world is once everything is done, however often it was killed before."""
    world.to_the_end()
    held_to(world)
    return outcome(world)


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_any_moment_it_comes_to_the_same(world: World, moments: Moments, part: int) -> None:
    found: list[Outcome] = []
    last: list[str] = [""]

    def wanted(number: int, name: str) -> bool:
        # Before a write the disk is as it was after the one before it, unless somebody else has done something meanwhile.
        new, last[0] = not name.startswith("before") or not last[0].startswith("after"), name
        return new and number % PARTS == part

    kept = kept_while(moments, world, lambda: found.append(at_its_end(world)), wanted)
    assert len(kept) > 15
    for saved in kept:
        world.return_to(saved)
        assert at_its_end(world) == found[0], f"killed {saved.name}"


def test_killed_while_it_writes_a_line_of_the_journal_it_comes_to_the_same(world: World, moments: Moments) -> None:
    found: list[Outcome] = []
    once: set[str] = set()

    def wanted(number: int, name: str) -> bool:
        return name.startswith("after journal") and name not in once and once.add(name) is None  # type: ignore[func-returns-value]

    kept = kept_while(moments, world, lambda: found.append(at_its_end(world)), wanted)
    for saved in kept[1:]:  # without its first line it is no session
        world.return_to(saved)
        torn(world)
        assert at_its_end(world) == found[0], f"killed within: {saved.name}"
        assert any(event["data"].get("mended") for event in world.events())
    assert len(kept) > 20


def test_killed_again_while_it_goes_on_it_comes_to_the_same(world: World, moments: Moments) -> None:
    found: list[Outcome] = []
    first = kept_while(moments, world, lambda: found.append(at_its_end(world)), lambda number, name: number % 23 == 7)
    for place, saved in enumerate(first):
        world.return_to(saved)
        again = kept_while(moments, world, world.to_the_end, lambda number, name: number in (1 + place, 5 + 2 * place))  # noqa: B023
        for second in again:
            world.return_to(second)
            assert at_its_end(world) == found[0], f"killed {saved.name}, then {second.name}"


def test_killed_before_anything_is_on_record_there_is_no_session(world: World, moments: Moments) -> None:
    kept = kept_while(moments, world, world.to_the_end, lambda number, name: number == 0)
    world.return_to(kept[0])
    assert kept[0].name == "before journal run.started"
    assert world.place is None
    at_its_end(world)


def test_on_what_a_run_goes_on_is_on_the_disk_before_it_does(
    world: World, moments: Moments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not forced there is lost with the power: an answer that is judged, the word that a task is about to be done."""
    real, forced = os.fsync, [0]

    def fsync(handle: int) -> None:
        if world.place is not None:
            lines = world.journal.read_bytes().count(b"\n")
            real(handle)
            if os.fstat(handle).st_ino == world.journal.stat().st_ino:
                forced[0] = lines

    monkeypatch.setattr(os, "fsync", fsync)
    seen: list[tuple[str, str]] = []

    def hear(number: int, name: str) -> None:
        if name in ("before replacing prd.json", "after git commit", "before journal check.completed"):
            seen.append((name, journal.read(world.journal)[forced[0] - 1]["type"]))

    moments.hear = hear
    world.to_the_end()
    assert set(seen) == {
        ("before journal check.completed", "agent.completed"),
        ("before replacing prd.json", "task.completing"),
        ("after git commit", "task.completing"),
    }
    assert forced[0] == len(world.events())
