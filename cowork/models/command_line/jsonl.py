"""JSON lines read as they come, whatever the pieces are cut at, in bounded memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_LINE = 4 * 1024 * 1024
"""Bytes of one line. As objects of Python they may take ten times as much."""


@dataclass(frozen=True)
class Record:
    """A line that holds a JSON object."""

    value: Mapping[str, Any]


@dataclass(frozen=True)
class Noise:
    """A line that is no JSON object, as text: a warning, a banner."""

    text: str


@dataclass(frozen=True)
class Dropped:
    """A line of `size` bytes, more than is kept of any: nothing of it was read."""

    size: int


Line = Record | Noise | Dropped


class LineReader:
    """Takes bytes in pieces of any size and gives what each complete line holds. The same bytes give the same lines."""

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self._longest = longest
        self._held = bytearray()
        self._size = 0  # of the line under way; more than is held once it is too long

    def feed(self, piece: bytes) -> Iterator[Line]:
        """The lines that end in this piece."""
        start = 0
        while (end := piece.find(b"\n", start)) >= 0:
            self._hold(piece, start, end)
            yield from self._line()
            start = end + 1
        self._hold(piece, start, len(piece))

    def end(self) -> Iterator[Line]:
        """The last line, if nothing ended it."""
        yield from self._line()

    def _hold(self, piece: bytes, start: int, end: int) -> None:
        self._size += end - start
        if self._size <= self._longest:
            self._held += memoryview(piece)[start:end]
        else:
            self._held = bytearray()  # a new one: clearing the old would keep its memory

    def _line(self) -> Iterator[Line]:
        raw, size = self._held, self._size
        self._held, self._size = bytearray(), 0
        if size > self._longest:
            yield Dropped(size)
            return
        text = raw.decode("utf-8", "replace").removeprefix("\ufeff").strip()
        if text:
            yield _read(text)


def _read(text: str) -> Line:
    if text.startswith("{"):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return Noise(text)
        if isinstance(value, dict):
            return Record(value)
    return Noise(text)
