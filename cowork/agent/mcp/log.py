"""What a server writes to stderr: the beginning of it in a file of the session, its last line for messages."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from cowork.connectors.secrets import Secrets
from cowork.core.errors import CoworkError
from cowork.core.files import ensure_dir
from cowork.core.text import one_line

KEPT = 1024 * 1024
_LINE = 16 * 1024


class Log:
    """The log of one server. A file that cannot be written loses the log, nothing else. Secrets are hidden in it."""

    def __init__(self, path: Path, secrets: Secrets) -> None:
        self._path = path
        self._secrets = secrets
        self._file: BinaryIO | None = None
        self._rest = b""
        self._written = 0
        self._last = ""

    @property
    def last(self) -> str:
        """The last line that is not empty, made safe to show."""
        return one_line(self._hide(self._rest) if self._rest.strip() else self._last)

    def write(self, piece: bytes) -> None:
        """Keep a piece, up to its last whole line."""
        whole, newline, self._rest = (self._rest + piece).rpartition(b"\n")
        if len(self._rest) > _LINE:
            whole, newline, self._rest = whole + newline + self._rest, b"\n", b""
        if newline:
            lines = [line for line in whole.rsplit(b"\n", 5) if line.strip()]
            self._last = self._hide(lines[-1][-_LINE:]) if lines else self._last
            self._store(whole + newline)

    def close(self) -> None:
        """Write what is left."""
        if self._rest:
            self.write(b"\n")
        if self._file is not None:
            self._file.close()
            self._file = None

    def _store(self, text: bytes) -> None:
        left = KEPT - self._written
        if left <= 0:
            return
        data = self._hide(text[:left]).encode("utf-8", "replace")
        self._written += len(text)
        if self._written >= KEPT:
            data += b"\n[the rest is left out]\n"
        try:
            if self._file is None:
                ensure_dir(self._path.parent)
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
                self._file = os.fdopen(os.open(self._path, flags, 0o600), "ab", buffering=0)
            self._file.write(data)
        except (OSError, CoworkError):
            self._written = KEPT

    def _hide(self, text: bytes) -> str:
        hidden: str = self._secrets.hide(text.decode("utf-8", "replace"))
        return hidden
