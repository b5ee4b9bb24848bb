"""How much of an answer is taken in: a server that never ends must not fill the memory.

The longest answers of today's models are under 1 MB. All limits are far above, and low enough for a small machine.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial
from typing import Any

LONGEST_TEXT = 4_000_000  # bytes of an answer's text
LONGEST_THOUGHTS = 1_000_000  # bytes of what a model thinks aloud; only kept where the provider wants it back
LONGEST_STREAM = 256_000_000  # bytes: a piece of text of three letters travels in an event of three hundred
LONGEST_PIECE = 1_000_000  # bytes of one event, or of an answer in one piece
MOST_PARTS = 50_000  # objects and lists in such a piece: two bytes on the wire take a hundred in memory
MOST_LINES = 1000  # of one event: an SDK may need quadratic time to join them
LONGEST_ERROR = 64_000  # bytes: an error says what it is at its start, and the rest is not read

_BLANK_LINES = (b"\n\n", b"\r\r", b"\n\r")  # one of them is at the end of every event
_Read = Callable[..., AsyncGenerator[bytes, None]]


class Flood(Exception):
    """More came than any answer needs."""


class Budget:
    """The bytes that something may take in all; `name` says what, as in "the answer is"."""

    def __init__(self, most: int, name: str) -> None:
        self._left = self._most = most
        self._name = name

    def spend(self, text: str) -> bytes:
        """The bytes of a text. Raises Flood when they are too many."""
        spent = text.encode(errors="surrogatepass")
        if len(spent) > self._left:
            raise Flood(f"{self._name} longer than {self._most} bytes")
        self._left -= len(spent)
        return spent


class Pieces:
    """A text put together from pieces, in as many bytes as it has: a list of short pieces takes twenty times as much."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._held = bytearray()

    def __bool__(self) -> bool:
        return bool(self._held)

    @property
    def text(self) -> str:
        """The text so far."""
        return self._held.decode(errors="surrogatepass")

    def add(self, piece: str) -> None:
        """Take the next piece. Raises Flood, and leaves the piece out, when the budget is spent."""
        self._held += self._budget.spend(piece)


async def bound(response: Any) -> None:
    """Bound what will be read from a response of the SDK's HTTP client: a hook of that client.

    What counts is what comes out of decompression. Reading raises Flood beyond a limit; an error just ends there.
    """
    limited: Callable[[_Read], AsyncGenerator[bytes, None]] = _body
    if not response.is_success:
        limited = _start
    elif "text/event-stream" in response.headers.get("content-type", ""):
        limited = _events
    response.aiter_bytes = partial(limited, response.aiter_bytes)


async def _start(read: _Read) -> AsyncGenerator[bytes, None]:
    left = LONGEST_ERROR
    async with aclosing(read()) as chunks:
        async for chunk in chunks:
            yield chunk[:left]
            left -= len(chunk)
            if left <= 0:
                break


async def _body(read: _Read) -> AsyncGenerator[bytes, None]:
    size = parts = 0
    async with aclosing(read()) as chunks:
        async for chunk in chunks:
            size += len(chunk)
            parts += _parts(chunk)
            _check("an answer in one piece", size, parts)
            yield chunk


async def _events(read: _Read) -> AsyncGenerator[bytes, None]:
    size, event, parts, lines, last = 0, 0, 0, 0, b""
    async with aclosing(read()) as chunks:
        async for chunk in chunks:
            size += len(chunk)
            window = last + chunk  # a blank line may come apart
            ended = max(window.rfind(line) for line in _BLANK_LINES)
            rest = window[ended + 2 :] if ended >= 0 else chunk
            if ended >= 0:
                event = parts = lines = 0
            event += len(rest)
            parts += _parts(chunk)  # also those of events that ended: one that is whole in a chunk counts as well
            lines += rest.count(b"\n") + rest.count(b"\r")
            _check("an event of the stream", event, parts)
            if lines > MOST_LINES:
                raise Flood(f"an event of the stream has more than {MOST_LINES} lines")
            if size > LONGEST_STREAM:
                raise Flood(f"the stream is longer than {LONGEST_STREAM} bytes")
            last = chunk[-1:]
            yield chunk


def _parts(chunk: bytes) -> int:
    """At least the objects and lists that begin here; brackets in a text count as well."""
    return chunk.count(b"{") + chunk.count(b"[")


def _check(name: str, size: int, parts: int) -> None:
    if size > LONGEST_PIECE:
        raise Flood(f"{name} is longer than {LONGEST_PIECE} bytes")
    if parts > MOST_PARTS:
        raise Flood(f"{name} holds more than {MOST_PARTS} objects")
