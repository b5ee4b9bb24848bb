"""The dialect `text`: a program that just prints. All of its stdout is its final message, and its exit status decides."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from typing import Any

from cowork.models.bounds import LONGEST_TEXT
from cowork.models.command_line.events import Event

CUT = "it printed {size} bytes, and only the last {held} of them are its message"


def events(_: Mapping[str, Any]) -> Iterator[Event]:
    """It writes no records; `reading.Reading` takes its text as it is."""
    return iter(())


class Stdout:
    """What was printed. Of more than `longest` bytes the end is held: what a program says last is what it came to."""

    def __init__(self, longest: int = LONGEST_TEXT) -> None:
        self.size = 0
        self._longest = longest
        self._held = bytearray()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def add(self, piece: bytes) -> str:
        """Take a piece; the text that is complete with it."""
        self.size += len(piece)
        self._held += piece
        if len(self._held) > 2 * self._longest:
            self._held = self._held[-self._longest :]
        return self._decoder.decode(piece)

    @property
    def text(self) -> str:
        """The text that is held."""
        return bytes(self._held[-self._longest :]).decode("utf-8", "replace")

    @property
    def note(self) -> str | None:
        """What has to be said of it, if anything."""
        return CUT.format(size=self.size, held=self._longest) if self.size > self._longest else None
