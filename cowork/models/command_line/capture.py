"""What an agent prints, as it is: the last of it in memory, all of it on disk, and secrets in neither."""

from __future__ import annotations

import codecs
import contextlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from cowork.core.cleaning import cleaned
from cowork.core.secrets import Redactor

IN_MEMORY = 100 * 1024
"""Bytes of a stream that are held in memory."""
ON_DISK = 2 * 1024**3
"""Bytes of a stream that are written; an agent that never ends must not fill the disk."""


class Capture:
    """Takes the pieces of a stream.

    With a `path`, everything is appended to that file as it comes. Without, a temporary file takes everything once it is more
    than is held in memory; it is gone when the capture is closed, unless it is to be kept. A disk that takes no more ends
    the writing and not the run.
    """

    def __init__(self, redactor: Redactor, path: Path | None = None) -> None:
        self.path = path
        self.total = 0
        self._redactor = redactor
        self._temporary = path is None
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._pending = ""  # what may be the beginning of a secret
        self._tail = bytearray()
        self._file: BinaryIO | None = None
        self._written = 0
        self._closed = False

    def add(self, piece: bytes) -> None:
        """Take the next piece."""
        self.total += len(piece)
        self._take(self._decoder.decode(piece), last=False)

    def last_lines(self, most: int) -> str:
        """The last lines of what came, as many as `most` characters hold and at least one, without what drives terminals."""
        raw = bytes(self._tail) + self._redactor.text(self._pending).encode("utf-8", "surrogateescape")
        lines = [line for line in map(str.strip, cleaned(raw[-8 * most :]).splitlines()) if line]
        kept = [line[:most] for line in lines[-1:]]
        for line in reversed(lines[:-1]):
            if sum(map(len, kept)) + len(kept) + len(line) > most:
                break
            kept.insert(0, line)
        return "\n".join(kept)

    def close(self, *, keep: bool = False) -> None:
        """No more will come. Without `keep` a temporary file is removed."""
        if self._closed:
            return
        self._closed = True
        self._take(self._decoder.decode(b"", final=True), last=True)
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
        if self._temporary and self.path is not None and not keep:
            self.path.unlink(missing_ok=True)
            self.path = None

    def _take(self, text: str, *, last: bool) -> None:
        clean = self._redactor.text(self._pending + text)
        whole = len(clean) if last else max(0, len(clean) - max(0, self._redactor.longest - 1))
        self._pending = clean[whole:]
        self._keep(clean[:whole].encode("utf-8", "surrogateescape"))

    def _keep(self, piece: bytes) -> None:
        if not piece:
            return
        self._tail += piece
        if self._file is None and self._written == 0 and (not self._temporary or len(self._tail) > IN_MEMORY):
            self._open()
            self._write(bytes(self._tail))
        else:
            self._write(piece)
        del self._tail[:-IN_MEMORY]

    def _open(self) -> None:
        try:
            if self.path is None:
                number, name = tempfile.mkstemp(prefix="cowork-output-", suffix=".log")
                self.path = Path(name)
            else:
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
                number = os.open(self.path, flags, 0o600)
            self._file = os.fdopen(number, "ab", buffering=0)
        except OSError:
            self._written = ON_DISK

    def _write(self, piece: bytes) -> None:
        if self._file is None:
            return
        try:
            self._written += self._file.write(piece[: ON_DISK - self._written])
        except OSError:
            self._written = ON_DISK
