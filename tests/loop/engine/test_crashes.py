"""kill -9 at any moment: what was finished is neither lost nor repeated, and all that was counted is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.loop.engine.dying import Moments, Outcome, Saved, World, held_to, outcome, torn

PARTS = 6


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


@pytest.fixture
def moments(world: World, monkeypatch: pytest.MonkeyPatch) -> Moments:
    return Moments(world, monkeypatch)


def undisturbed(world: World) -> Outcome:
    """How it goes when nobody dies."""
    world.to_the_end()
    held_to(world)
    return outcome(world)


def differs(before: str, name: str) -> bool:
    """Whether the disk may be another one than at the moment before."""
    return name.startswith("after") or before.startswith("agent") or not name.startswith("before")


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_any_moment_it_comes_to_the_same(world: World, moments: Moments, part: int) -> None:
    kept: dict[str, Saved] = {}

    def hear(number: int, name: str) -> None:
        before = moments.seen[number - 1] if number else ""
        if number % PARTS == part and differs(before, name):
            kept[f"{number}: {name}"] = world.keep(number)

    moments.hear = hear
    expected = undisturbed(world)
    moments.hear = lambda number, name: None
    for name, saved in kept.items():
        world.return_to(saved)
        print("killed at", name)
        world.to_the_end()
        held_to(world)
        assert outcome(world) == expected
    print(len(kept), len(moments.seen))
