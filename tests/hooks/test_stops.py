"""Stop hooks may send an agent back to work, but not for ever."""

from __future__ import annotations

import pytest

from cowork.hooks.decision import merge
from cowork.hooks.records import Merged, Ran
from cowork.hooks.stops import StopBlocks


def block() -> Merged:
    return merge("Stop", [Ran("x", 2, "", "go on")])


def test_the_cap_is_reported_when_it_is_reached() -> None:
    stops = StopBlocks()

    assert [stops.goes_on(block()) for _ in range(8)] == [True] * 8
    assert (stops.reached, stops.notice) == (False, "")
    assert stops.goes_on(block()) is False
    assert (stops.reached, stops.notice) == (True, "Stop hooks blocked 8 times in a row; the agent ends all the same")


def test_the_cap_can_be_another() -> None:
    stops = StopBlocks(2)
    assert [stops.goes_on(block()) for _ in range(4)] == [True, True, False, False]
    with pytest.raises(ValueError, match="at least 1"):
        StopBlocks(0)


def test_only_blocks_in_a_row_count() -> None:
    stops = StopBlocks(1)
    assert stops.goes_on(block())
    stops.worked()
    assert stops.goes_on(block())
    assert not stops.goes_on(merge("Stop", []))
    assert stops.goes_on(block())
    assert not stops.reached


def test_who_ends_the_run_wins_over_who_blocks() -> None:
    halted = merge("Stop", [Ran("x", 2, "", "go on"), Ran("y", 0, '{"continue": false}', "")])

    assert halted.blocked
    assert not StopBlocks().goes_on(halted)
