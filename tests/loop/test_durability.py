"""A paid answer is on the disk before anything is made of it: a crash never pays for it twice."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from cowork.core import settings
from cowork.loop import single
from cowork.loop.request import Wish, prepare
from cowork.sessions import places
from tests.loop.full_depth import IN_A_ROW, reply
from tests.loop.provider_server import provider
from tests.support import FakeClock


@pytest.fixture
def on_disk(monkeypatch: pytest.MonkeyPatch, home: Path) -> list[int]:
    """How many answers of the only session were forced to the disk, at the end of each time that something was."""
    found: list[int] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        written = sum(place.journal.read_bytes().count(b'"type":"call.completed"') for place in places.of_kind("loop"))
        real(handle)
        found.append(written)

    monkeypatch.setattr(os, "fsync", fsync)
    return found


def start(url: str, monkeypatch: pytest.MonkeyPatch, wish: Wish) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "k")
    monkeypatch.setenv("GROQ_BASE_URL", url)
    loaded = settings.load()
    request, _ = prepare(IN_A_ROW, (), loaded, wish)
    single.start(request, loaded, FakeClock())


def test_the_next_seat_is_asked_once_the_answer_before_it_is_on_the_disk(
    on_disk: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    known: list[int] = []

    def rule(body: dict[str, Any], number: int) -> str:
        known.append(max(on_disk, default=0))
        return reply(body["messages"][-1]["content"], number)

    with provider(rule) as server:
        start(server.url, monkeypatch, Wish("chain", count=4, provider="groq", model="m"))
    assert known == [0, 1, 2, 3, 4]


def test_the_beginning_of_a_call_costs_no_wait_for_the_disk(on_disk: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(lambda body, number: reply(body["messages"][-1]["content"], number)) as server:
        start(server.url, monkeypatch, Wish("chain", count=4, provider="groq", model="m"))
    assert on_disk[on_disk.index(1) :][:5] == [1, 2, 3, 4, 5]  # one wait for each answer, and none for anything between them
