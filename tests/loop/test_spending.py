"""What a run costs: every call by the price of its model, and unknown as soon as one part is."""

from __future__ import annotations

import pytest

from cowork.loop.spending import Spent
from cowork.models.chat import Usage
from cowork.models.select import parse

USED = Usage(1_000_000, 100_000, "reported", 500_000)


def spent(*uses: tuple[str, Usage]) -> Spent:
    """What calls of these models used."""
    return Spent(len(uses), usages=[(parse(label), usage) for label, usage in uses])


def test_the_cost_is_the_sum_by_the_price_of_each_model() -> None:
    haiku, sonnet = 0.5 * 1 + 0.5 * 0.1 + 0.1 * 5, 0.5 * 2 + 0.5 * 0.2 + 0.1 * 10
    run = spent(("anthropic/claude-haiku-4-5", USED), ("anthropic/claude-sonnet-5", USED))
    assert run.usd() == pytest.approx(haiku + sonnet)


def test_rehearsal_and_a_server_on_this_machine_cost_nothing() -> None:
    assert spent(("rehearsal", Usage()), ("vllm/m", USED)).usd() == 0


def test_the_cost_is_unknown_when_the_price_or_the_use_of_one_call_is() -> None:
    assert spent(("anthropic/claude-haiku-4-5", USED), ("anthropic/claude-2", USED)).usd() is None
    assert spent(("anthropic/claude-haiku-4-5", Usage(5, 5, "estimated"))).usd() is None
