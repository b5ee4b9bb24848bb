"""Seats bound to models."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cowork.core import settings
from cowork.loop.request import Seating, prepare
from cowork.loop.table import ModelSeats, Spent
from cowork.models.chat import Usage
from cowork.models.limiter import Limiter
from cowork.models.select import parse
from cowork.patterns.protocol import Question
from tests.loop.provider_server import provider
from tests.support import FakeClock


def spent(*uses: tuple[str, Usage]) -> Spent:
    """What calls of these models used."""
    return Spent(
        len(uses), [(Seating(f"s{number}", "member", parse(label)), usage) for number, (label, usage) in enumerate(uses)]
    )


class TestTheCostOfARun:
    USED = Usage(1_000_000, 100_000, "reported", 500_000)

    def test_is_the_sum_by_the_price_of_each_model(self) -> None:
        haiku, sonnet = 0.5 * 1 + 0.5 * 0.1 + 0.1 * 5, 0.5 * 2 + 0.5 * 0.2 + 0.1 * 10
        run = spent(("anthropic/claude-haiku-4-5", self.USED), ("anthropic/claude-sonnet-5", self.USED))
        assert run.usd() == pytest.approx(haiku + sonnet)

    def test_is_nothing_for_rehearsal_and_a_server_on_this_machine(self) -> None:
        assert spent(("rehearsal", Usage()), ("vllm/m", self.USED)).usd() == 0

    def test_is_unknown_when_the_price_or_the_use_of_one_call_is(self) -> None:
        assert spent(("anthropic/claude-haiku-4-5", self.USED), ("anthropic/claude-2", self.USED)).usd() is None
        assert spent(("anthropic/claude-haiku-4-5", Usage(5, 5, "estimated"))).usd() is None


def test_connections_are_let_go_of_when_the_seats_get_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def sit(url: str) -> Any:
        monkeypatch.setenv("GROQ_API_KEY", "k")
        monkeypatch.setenv("GROQ_BASE_URL", url)
        loaded, clock = settings.load(), FakeClock()
        request, _ = prepare("T", (), loaded, pattern="solo", seats=["a=groq/m"], provider=None, model=None, seed=0)
        said: list[str] = []
        limiter = Limiter(clock, lambda *_: None)
        async with ModelSeats(request, loaded, clock, lambda *_: None, lambda _, text: said.append(text), limiter) as seats:
            assert await seats.ask(Question("a", "solo", 0)) == "".join(said) == "an answer"
        return next(iter(seats._models.values()))

    with provider(lambda _body, _number: "an answer") as server:
        model = asyncio.run(sit(server.url))
    assert model._client.is_closed()
