"""Seats bound to models."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cowork.core import settings
from cowork.loop.request import Wish, prepare
from cowork.loop.seating import seat_specs
from cowork.loop.seats import ModelSeats
from cowork.patterns.protocol import Question
from tests.loop.provider_server import provider
from tests.support import FakeClock


def test_connections_are_let_go_of_when_the_seats_get_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def sit(url: str) -> Any:
        monkeypatch.setenv("GROQ_API_KEY", "k")
        monkeypatch.setenv("GROQ_BASE_URL", url)
        loaded, clock = settings.load(), FakeClock()
        request, _ = prepare("T", (), loaded, Wish("solo", seat_specs(["a=groq/m"])))
        said: list[str] = []
        async with ModelSeats(request, loaded, clock, lambda *_: None, lambda _, text: said.append(text)) as seats:
            assert (await seats.ask(Question("a", "solo"))).text == "".join(said) == "an answer"
        return next(iter(seats._models.values()))

    with provider(lambda _body, _number: "an answer") as server:
        model = asyncio.run(sit(server.url))
    assert model._client.is_closed()
