"""Watching processes that nobody is a parent of: they hold a named pipe, and its end is theirs."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 30


class Watch:
    """The reading end of a named pipe that the watched processes write to."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self._handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def close(self) -> None:
        os.close(self._handle)

    def read(self) -> bytes:
        """What a process wrote, or nothing once the last one that holds the pipe is gone."""
        ready, _, _ = select.select([self._handle], [], [], PATIENCE_S)
        assert ready, "a process that should be gone still runs, or one that should run does not"
        return os.read(self._handle, 1000)


@contextmanager
def watch(path: Path) -> Iterator[Watch]:
    """A new named pipe at `path`, read by the test."""
    watched = Watch(path)
    try:
        yield watched
    finally:
        watched.close()
