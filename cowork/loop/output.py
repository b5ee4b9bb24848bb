"""The log of what the seats say."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from cowork.core.files import cannot_write


class OutputLog:
    """What the seats say, on disk from its first byte; every line begins with its seat's name."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seat: str | None = None

    def __enter__(self) -> Self:
        try:
            self._file = self._path.open("a", encoding="utf-8", errors="replace")
        except OSError as error:
            raise cannot_write(self._path, error) from error
        return self

    def write(self, seat: str, text: str) -> None:
        """Take a piece of a seat's text. Raises `file.not_writable`."""
        pieces: list[str] = []
        for line in text.splitlines(keepends=True):
            if self._seat != seat:
                pieces.append(f"[{seat}] " if self._seat is None else f"\n[{seat}] ")
            pieces.append(line)
            self._seat = None if line.endswith("\n") else seat
        try:
            self._file.write("".join(pieces))
            self._file.flush()
        except OSError as error:
            raise cannot_write(self._path, error) from error

    def __exit__(self, *_: object) -> None:
        self._file.close()
