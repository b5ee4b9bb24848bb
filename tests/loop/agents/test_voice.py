"""What an agent says, passed on: all of it, in its order, without secrets, whatever it is cut into."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.errors import CoworkError
from cowork.core.secrets import Redactor
from cowork.loop.agents.voice import Voice
from cowork.loop.agents.work import Job
from tests.models.surroundings import CANARY

REDACTOR = Redactor({"GITHUB_TOKEN": CANARY})
TEXTS = st.lists(st.sampled_from([CANARY, "\n", "x" * 700, "a ", "é"]), max_size=30).map("".join)


def heard(pieces: list[str]) -> str:
    """What is heard of these pieces."""
    events: list[dict[str, Any]] = []

    async def body() -> None:
        job = Job("1", "p", Path(), Path("unused"), 1)
        voice = Voice("me", job, lambda _, data: events.append(data), REDACTOR)
        for piece in pieces:
            voice.say(piece)
        voice.close()
        voice.close()

    asyncio.run(body())
    return "".join(event["text"] for event in events)


@given(TEXTS, st.lists(st.integers(1, 900), max_size=40))
def test_nothing_is_lost_and_no_secret_shown_however_it_comes(text: str, sizes: list[int]) -> None:
    pieces, start = [], 0
    for size in [*sizes, len(text) + 1]:
        pieces.append(text[start : start + size])
        start += size
    assert heard(pieces) == REDACTOR.text(text)


def test_a_line_is_heard_at_once_and_a_long_one_before_it_ends() -> None:
    async def body() -> None:
        events: list[str] = []
        voice = Voice("me", Job("1", "p", Path(), Path("unused"), 1), lambda _, data: events.append(data["text"]), REDACTOR)
        voice.say("one\ntwo")
        assert events == ["one\n"]
        voice.say("x" * 10_000)
        assert sum(map(len, events)) > 9_000

    asyncio.run(body())


def test_who_waits_for_a_limit_is_not_idle_meanwhile() -> None:
    async def body() -> None:
        voice = Voice("me", Job("1", "p", Path(), Path("unused"), 1), lambda *_: None, REDACTOR)
        now = asyncio.get_running_loop().time()
        voice.event("call.waiting", {"wait_s": 30.0, "reason": "provider.rate_limited"})
        assert voice.heard_at >= now + 30
        voice.say("x")
        assert voice.heard_at < now + 30

    asyncio.run(body())


def test_what_is_not_to_be_written_to_says_so_and_is_no_way_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "target").touch()
    (tmp_path / "link").symlink_to(tmp_path / "target")

    async def body() -> None:
        with pytest.raises(CoworkError) as caught:
            Voice("me", Job("1", "p", Path(), tmp_path / "link", 1), lambda *_: None, REDACTOR, writes=True)
        assert caught.value.code == "file.not_writable"

    asyncio.run(body())
