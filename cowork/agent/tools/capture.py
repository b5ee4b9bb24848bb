"""What a process prints: kept in memory while it is short, in a file when it is long, and never more than a bound.

A command-line agent's output has a capture of its own: it is recorded without secrets as it comes, and its end is shown.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cowork.core.cleaning import cleaned
from cowork.core.errors import CoworkError
from cowork.core.files import ensure_dir

SHOWN = 30_000
"""Characters of output in one result."""
MOST = 64 * 1024 * 1024
"""Bytes kept; a process that prints more is stopped."""
_EDGE = 4 * SHOWN // 2  # bytes that surely hold half of what is shown


@dataclass(frozen=True)
class Excerpt:
    """Output as shown. `left_out` characters are only in the file at `path`, if there is one."""

    text: str
    left_out: int
    path: Path | None


class Capture:
    """Takes pieces of output. `is_full` when more came than is kept."""

    def __init__(self, path: Path, *, most: int = MOST) -> None:
        self.total = 0
        self.is_full = False
        self._path, self._most = path, most
        self._start = bytearray()
        self._end = bytearray()
        self._file: BinaryIO | None = None
        self._spilled = False
        self._lost = False
        self._closed = False

    def add(self, piece: bytes) -> None:
        """Keep a piece, or what fits of it."""
        if len(piece) > self._most - self.total:
            self.is_full = True
            piece = piece[: self._most - self.total]
        self.total += len(piece)
        if not self._spilled and self.total <= 2 * _EDGE:
            self._start += piece
            return
        if not self._spilled:
            self._spill()
        self._write(piece)
        self._end += piece
        if len(self._end) > 4 * _EDGE:
            del self._end[: -2 * _EDGE]

    def excerpt(self, since: int = 0) -> Excerpt:
        """The output from byte `since` on: all of it when it is short, else its beginning and its end."""
        raw = self._from(since)
        if isinstance(raw, bytes):
            text = cleaned(raw)
            if len(text) <= SHOWN:
                return Excerpt(text, 0, self._path if self._spilled and not self._lost else None)
            head, tail, left_out = text[: SHOWN // 2], text[-SHOWN // 2 :], len(text) - SHOWN
            if not self._spilled:
                self._spill()
        else:
            head, tail = cleaned(raw[0])[: SHOWN // 2], cleaned(raw[1])[-SHOWN // 2 :]
            left_out = self.total - since - len(head.encode()) - len(tail.encode())
        self._flush()
        path = None if self._lost else self._path
        where = f"the whole output is in {path}" if path else "it could not be kept"
        if self._closed:
            self.close()
        return Excerpt(f"{head}\n\n[… {left_out} characters are left out here; {where} …]\n\n{tail}", left_out, path)

    def since(self, at: int) -> bytes:
        """All that is kept from byte `at` on."""
        return self._read(at, self.total - at) if self._spilled else bytes(self._start[at:])

    def close(self) -> None:
        """No more will come."""
        self._closed = True
        if self._file is not None:
            self._flush()
            self._file.close()
            self._file = None

    def _from(self, since: int) -> bytes | tuple[bytes, bytes]:
        """The bytes from `since` on, or the first and the last of them."""
        if not self._spilled:
            return bytes(self._start[since:])
        if self.total - since <= 2 * _EDGE:
            return self._read(since, self.total - since)
        return self._read(since, _EDGE), bytes(self._end[-_EDGE:])

    def _read(self, at: int, count: int) -> bytes:
        if self._lost:
            return bytes(self._end[-count:])
        self._flush()
        try:
            with self._path.open("rb") as stream:
                stream.seek(at)
                return stream.read(count)
        except OSError:
            return bytes(self._end[-count:])

    def _spill(self) -> None:
        """From now on everything is in the file."""
        self._spilled = True
        self._end = self._start[-2 * _EDGE :]
        try:
            ensure_dir(self._path.parent)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            self._file = os.fdopen(os.open(self._path, flags, 0o600), "wb")
        except (OSError, CoworkError):
            self._lost = True
        self._write(bytes(self._start))

    def _write(self, piece: bytes) -> None:
        if self._file is None:
            return
        try:
            self._file.write(piece)
        except OSError:  # a full disk: the run goes on with what is in memory
            self._lost = True

    def _flush(self) -> None:
        if self._file is not None:
            try:
                self._file.flush()
            except OSError:
                self._lost = True
