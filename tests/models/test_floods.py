"""A server that never ends: the call ends, with what came, before the memory is full."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.models import bounds
from cowork.models.errors import DownError, MalformedError
from tests.models.floods import FLOODS, FloodServer, request_for
from tests.models.styles import Style, both_styles, failure

ENOUGH = 24_000_000  # bytes: several times what is buffered on the way and what any limit lets through


@both_styles
@pytest.mark.parametrize("name", FLOODS)
def test_every_flood_ends_the_call_and_the_connection(style: Style, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    flood = FLOODS[name]
    if flood.ends.startswith("the stream"):
        monkeypatch.setattr(bounds, "LONGEST_STREAM", 1_000_000)
    kind = MalformedError if flood.status.startswith("200") else DownError

    with FloodServer(flood, style, ENOUGH).open() as server:
        error = failure(style.open(server.url), kind, request=request_for(name))

    assert flood.ends in error.message
    assert server.left, "the whole flood was read"


@both_styles
def test_what_came_before_the_limit_is_kept_and_no_more(style: Style) -> None:
    with FloodServer(FLOODS["text"], style, ENOUGH).open() as server:
        pieces: list[str] = []
        error = failure(style.open(server.url), MalformedError, pieces.append)

    assert error.partial == "".join(pieces)
    assert 0.99 * bounds.LONGEST_TEXT < len(error.partial) <= bounds.LONGEST_TEXT


def through(chunks: list[bytes], content_type: str = "text/event-stream") -> bytes:
    """What is read of a response whose body comes in these chunks."""

    async def body() -> AsyncGenerator[bytes, None]:
        for chunk in chunks:
            yield chunk

    async def read() -> bytes:
        response = SimpleNamespace(is_success=True, headers={"content-type": content_type}, aiter_bytes=body)
        await bounds.bound(response)
        return b"".join([chunk async for chunk in response.aiter_bytes()])

    return asyncio.run(read())


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, most in (("LONGEST_PIECE", 40), ("MOST_LINES", 4), ("MOST_PARTS", 60)):
        monkeypatch.setattr(bounds, name, most)


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@settings(deadline=None)
@given(size=st.integers(1, 30))
def test_a_long_stream_of_short_events_passes_however_it_comes_apart(end: bytes, size: int) -> None:
    stream = (b"data: {[hello]}" + end + end) * 50
    chunks = [stream[place : place + size] for place in range(0, len(stream), size)]

    assert through(chunks) == stream


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("size", [1, 7, 64])
@pytest.mark.parametrize("event", [b"data: " + b"a" * 60, b"data: x\n" * 5, b"data: x\r\n" * 3, b"data: x\r" * 5])
def test_one_long_event_does_not_however_it_comes_apart(event: bytes, size: int) -> None:
    stream = b"data: short\n\n" + event
    chunks = [stream[place : place + size] for place in range(0, len(stream), size)]

    with pytest.raises(bounds.Flood, match="an event of the stream"):
        through(chunks)
