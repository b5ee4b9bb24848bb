"""Seats bound to models."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from cowork.core import settings
from cowork.loop.request import Wish, prepare
from cowork.loop.seating import seat_specs
from cowork.loop.seats import ModelSeats
from cowork.models.model_list import list_models
from cowork.patterns.protocol import Question, SeatLost
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
        return next(iter(seats._connections._models.values()))

    with provider(lambda _body, _number: "an answer") as server:
        model = asyncio.run(sit(server.url))
    assert model._client.is_closed()


def test_a_seat_lost_to_a_model_that_is_not_there_names_those_that_may_be_meant(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("GROQ_API_KEY", "k")
    monkeypatch.setenv("GROQ_BASE_URL", httpserver.url_for("/v1"))
    httpserver.expect_request("/v1/models").respond_with_json({"data": [{"id": "llama-4-scout"}]})
    httpserver.expect_request("/v1/chat/completions").respond_with_json({"error": {"message": "no such model"}}, status=404)
    loaded, clock = settings.load(), FakeClock()
    list_models("groq", clock)
    request, _ = prepare("T", (), loaded, Wish("solo", seat_specs(["a=groq/llama-4-scuot"])))

    async def sit() -> None:
        async with ModelSeats(request, loaded, clock, lambda *_: None, lambda _, __: None) as seats:
            await seats.ask(Question("a", "solo"))

    with pytest.raises(SeatLost, match="did you mean 'llama-4-scout'"):
        asyncio.run(sit())
