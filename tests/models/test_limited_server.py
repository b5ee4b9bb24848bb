"""Real servers that say 429, real processes that share a key, and the machine's own clock."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest

from cowork.core.clock import SystemClock
from cowork.models import closings
from cowork.models.chat import ChatReply, ChatRequest
from cowork.models.errors import WaitError
from cowork.models.limiter import SPREAD_S, Limiter
from cowork.models.openai_style import OpenAIStyleModel
from cowork.models.select import Target, open_model
from tests.models.limited_server import Limited, limited_server
from tests.models.styles import KEY
from tests.models.surroundings import CANARY, SetKeys, settings
from tests.support import run_program

HELLO = ChatRequest("Say hello.")
SEATS = 16


def model(server: Limited) -> OpenAIStyleModel:
    return OpenAIStyleModel(provider="groq", model="m-1", base_url=server.url, key=KEY, timeout_s=30)


async def seats_at(server: Limited, limiter: Limiter) -> list[ChatReply]:
    """Sixteen seats ask at once."""
    asked = model(server)
    try:
        return await asyncio.gather(*(limiter.reply(asked, HELLO, lambda _text: None, seat=seat) for seat in range(SEATS)))
    finally:
        await asked.close()


def test_sixteen_seats_on_a_limited_key_wait_together_and_come_back_one_first_then_spread(keys: SetKeys) -> None:
    keys("GROQ_API_KEY")
    events: list[tuple[str, dict[str, Any]]] = []
    limiter = Limiter(SystemClock(), lambda *event: events.append(event))
    with limited_server(refusals=SEATS, wait_s=0.4, together=SEATS) as server:
        replies = asyncio.run(seats_at(server, limiter))

    assert [reply.text for reply in replies] == ["Hello"] * SEATS
    again = sorted(server.asked_at)[SEATS:]
    assert (len(server.asked_at), server.early, limiter.retried) == (2 * SEATS, 0, SEATS)
    assert {kind for kind, _ in events} == {"call.retrying"}
    assert again[-1] - server.open_at < 2 * SPREAD_S + 1
    gaps = [later - sooner for sooner, later in pairwise(again)]
    assert gaps[0] > 0.001, "two went first"
    assert again[-1] - again[0] > SPREAD_S / 4, "they all came at once"
    assert not closings.place(closings.account("groq", CANARY)).exists()


def test_a_seat_that_is_refused_spares_the_others_their_calls() -> None:
    limiter = Limiter(SystemClock(), lambda *_: None)

    async def one_then_all(server: Limited) -> None:
        asked = model(server)
        with pytest.raises(WaitError):
            await limiter.reply(asked, HELLO, lambda _text: None)
        await asked.close()
        for reply in await asyncio.gather(seats_at(server, limiter), return_exceptions=True):
            assert isinstance(reply, WaitError)

    with limited_server(refusals=1000, wait_s=60) as server:
        asyncio.run(one_then_all(server))
        assert len(server.asked_at) == 1


PROCESS = """
import json, sys
from cowork.core import settings
from cowork.core.clock import SystemClock
from cowork.core.errors import CoworkError
from cowork.agent.turn import run_turn
from cowork.models.chat import ChatRequest
from cowork.models.select import Target
import openai
say = lambda kind, data: print(json.dumps([kind, data]), flush=True)
loaded = settings.load()
say("ready", {})
sys.stdin.readline()
try:
    turn = run_turn(Target("groq", "m-1"), ChatRequest("Say hello."), loaded, SystemClock(), say)
    say("answered", {"text": turn.text})
except CoworkError as error:
    say("failed", {"code": error.code, "message": error.message})
"""


class Process:
    """A process of its own that asks once it is told to."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROCESS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def hear(self, *kinds: str) -> tuple[str, dict[str, Any]]:
        """The next of these events that it tells."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            kind, data = json.loads(line)
            if kind in kinds:
                return kind, data
        raise AssertionError("it told nothing more")

    def go(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def end(self) -> None:
        self._process.communicate(timeout=30)


@contextmanager
def processes() -> Iterator[tuple[Process, Process]]:
    both = Process(), Process()
    try:
        for process in both:
            process.hear("ready")
        yield both
    finally:
        for process in both:
            process.end()


@pytest.fixture
def groq(keys: SetKeys) -> Iterator[SetKeys]:
    keys("GROQ_API_KEY")
    return keys


def test_a_second_process_does_not_call_while_the_first_was_told_to_wait(groq: SetKeys) -> None:
    with limited_server(refusals=1, wait_s=1.0) as server:
        groq(GROQ_BASE_URL=server.url)
        with processes() as (first, second):
            first.go()
            assert first.hear("call.retrying")[1]["wait_s"] == 1.0
            second.go()
            kind, data = second.hear("call.waiting", "answered", "failed")
            assert (kind, data["reason"], 0 < data["wait_s"] <= 1.0) == ("call.waiting", "provider.rate_limited", True)
            assert first.hear("answered", "failed") == ("answered", {"text": "Hello"})
            assert second.hear("answered", "failed") == ("answered", {"text": "Hello"})

    assert (len(server.asked_at), server.early) == (3, 0)


def test_a_second_process_fails_at_once_when_the_first_was_told_to_wait_for_long(groq: SetKeys) -> None:
    with limited_server(refusals=1, wait_s=600) as server:
        groq(GROQ_BASE_URL=server.url)
        with processes() as (first, second):
            first.go()
            assert first.hear("answered", "failed")[1]["message"] == "groq/m-1: slow down"
            second.go()
            _, data = second.hear("answered", "failed")
        assert (data["code"], len(server.asked_at)) == ("provider.rate_limited", 1)
        assert "not asked: it said to wait, and it is asked again in 10 min" in data["message"]

        checked = run_program("provider", "check", "groq/m-1", "--json")

        assert (checked.code, len(server.asked_at)) == (0, 2)
        assert closings.closed_for("groq", CANARY) is None, "the answer to a check reopens the key for all"


def test_a_call_that_is_cancelled_while_it_waits_leaves_nothing_behind(groq: SetKeys) -> None:
    async def cut(server: Limited) -> None:
        told = asyncio.Event()
        limiter = Limiter(SystemClock(), lambda *_: told.set())
        groq(GROQ_BASE_URL=server.url)
        asked = open_model(Target("groq", "m-1"), settings())
        waiting = asyncio.create_task(limiter.reply(asked, HELLO, lambda _text: None))
        await told.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asked.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with limited_server(refusals=1000, wait_s=20) as server:
        asyncio.run(cut(server))
        assert len(server.asked_at) == 1
    place = closings.place(closings.account("groq", CANARY))
    assert sorted(path.name for path in place.parent.iterdir()) == [".lock", place.name]
