"""A slice of the lines of a file, in little memory however long the file and its lines are."""

from __future__ import annotations

import os
from dataclasses import dataclass

from cowork.agent.tools.threads import Patience

_PIECE = 1024 * 1024
_MARK = "… [the line goes on]"


@dataclass(frozen=True)
class Slice:
    """Lines from `first` (counted from 1) on. `more`: the file goes on after them; `seen` lines were counted on the way."""

    first: int
    lines: tuple[str, ...]
    more: bool
    seen: int


def read_slice(handle: int, first: int, count: int, *, width: int, budget: int, patience: Patience) -> Slice:
    """At most `count` lines from line `first` on, each cut to `width` characters, together at most `budget` bytes.

    Raises ToolFailure when finding them takes too long.
    """
    reader = _Reader(handle, patience)
    if not reader.skip(first - 1):
        return Slice(first, (), False, reader.passed)
    lines: list[str] = []
    used = 0
    while len(lines) < count:
        raw = reader.line(4 * width + 4)
        if raw is None:
            return Slice(first, tuple(lines), False, reader.passed)
        text = _as_text(raw, width)
        used += len(text.encode("utf-8", "replace")) + 8
        if used > budget and lines:
            return Slice(first, tuple(lines), True, reader.passed)
        lines.append(text)
    return Slice(first, tuple(lines), reader.has_more(), reader.passed)


def _as_text(raw: bytes, width: int) -> str:
    text = raw.decode("utf-8", "replace")
    return text if len(text) <= width else text[:width] + _MARK


class _Reader:
    """Reads piece by piece; `passed` lines are behind it."""

    def __init__(self, handle: int, patience: Patience) -> None:
        self._handle, self._patience = handle, patience
        self._piece, self._at = b"", 0
        self.passed = 0

    def has_more(self) -> bool:
        """Make sure that there is something to read; False at the end of the file."""
        if self._at < len(self._piece):
            return True
        self._patience.check()
        self._piece, self._at = os.read(self._handle, _PIECE), 0
        return bool(self._piece)

    def skip(self, count: int) -> bool:
        """Pass `count` lines; False when the file has fewer."""
        partial = False
        while count:
            if not self.has_more():
                self.passed += partial
                return False
            there = self._piece.count(b"\n", self._at)
            if there < count:
                count -= there
                self.passed += there
                partial = not self._piece.endswith(b"\n")
                self._at = len(self._piece)
                continue
            for _ in range(count):
                self._at = self._piece.index(b"\n", self._at) + 1
            self.passed += count
            count = 0
        return True

    def line(self, most: int) -> bytes | None:
        """The next line without its end, at most `most` bytes of it; None at the end of the file."""
        if not self.has_more():
            return None
        kept, last = bytearray(), b""
        while self.has_more():
            end = self._piece.find(b"\n", self._at)
            stop = len(self._piece) if end < 0 else end
            kept += self._piece[self._at : min(stop, self._at + most - len(kept))]
            last = self._piece[stop - 1 : stop] if stop > self._at else last
            self._at = stop if end < 0 else end + 1
            if end >= 0:
                break
        self.passed += 1
        return bytes(kept[:-1] if last == b"\r" and kept.endswith(b"\r") else kept)
