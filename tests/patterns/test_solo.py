"""Solo query."""

from __future__ import annotations

import asyncio

from cowork.patterns.solo import solo
from tests.patterns.seats import Script, lost, says


def test_one_call_one_answer() -> None:
    result = asyncio.run(solo(Script({("sol", "solo"): says("42", 0.7)}), "sol"))
    assert (result.outcome, result.answer, result.confidence, result.calls, result.depth) == ("unanimous", "42", 0.7, 1, 1)


def test_a_lost_seat_is_a_failure() -> None:
    result = asyncio.run(solo(Script({("sol", "solo"): lost("sol")}), "sol"))
    assert (result.outcome, result.answer, result.states["sol"]) == ("failed", None, "unavailable")
