"""The journal: one event a line, append-only and fsynced. It is the truth; everything else is computed from it.

An event is `append`ed, and then on disk; or `commit`ted by a coroutine, while others go on; or `note`d, when nothing is lost
with it that was finished: it is in the file at once, and forced to the disk along with the next one that is. In the file, and
to the listeners, all come in their order.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cowork.core.clock import Clock, rfc3339
from cowork.core.files import cannot_write
from cowork.sessions.reading import EVENT_SCHEMA, Event, Mended, Position, follow, mend, read

if TYPE_CHECKING:
    import asyncio

__all__ = ["EVENT_SCHEMA", "Event", "Journal", "Listener", "Mended", "Position", "follow", "mend", "read"]

Listener = Callable[[Event], None]


class Journal:
    """Writes events to `journal.jsonl` and passes each on to the listeners: once it is on disk, unless it is only noted."""

    def __init__(self, path: Path, clock: Clock, listeners: tuple[Listener, ...] = (), *, after: int = 0) -> None:
        """`after` is the number of the last event that is there already."""
        self._path = path
        self._clock = clock
        self._listeners = listeners
        self._seq = after
        self._forced = after  # up to this number all is on disk
        self._torn = False
        self._untold: deque[Event] = deque()
        self._forcing: asyncio.Task[None] | None = None
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise cannot_write(path, error) from error

    @property
    def clock(self) -> Clock:
        """The clock by which its events are dated."""
        return self._clock

    def append(self, kind: str, data: dict[str, Any]) -> Event:
        """Write one event durably. Raises `file.not_writable`."""
        event = self._write(kind, data)
        self._force()
        self._reach(self._seq)
        return event

    def note(self, kind: str, data: dict[str, Any]) -> Event:
        """Write one event that outlives this process, but not a machine that fails now. Raises `file.not_writable`."""
        in_order = not self._untold
        event = self._write(kind, data)
        if in_order:
            self._tell(self._seq)
        return event

    async def commit(self, kind: str, data: dict[str, Any]) -> Event:
        """Write one event and wait until it is on disk; what is committed meanwhile is forced there together.

        Raises `file.not_writable`.
        """
        import asyncio

        event = self._write(kind, data)
        while self._forced < event["seq"]:
            if self._forcing is None:
                self._forcing = asyncio.create_task(self._force_aside())
            await asyncio.shield(self._forcing)  # who is cancelled does not take the others along
        return event

    async def _force_aside(self) -> None:
        import asyncio

        reached = self._seq
        try:
            await asyncio.to_thread(self._force)
        finally:
            self._forcing = None
        self._reach(reached)

    def _write(self, kind: str, data: dict[str, Any]) -> Event:
        event = {"schema": EVENT_SCHEMA, "seq": self._seq + 1, "at": rfc3339(self._clock.now()), "type": kind, "data": data}
        line = json.dumps(event, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        try:
            if self._torn:
                raise OSError("there is part of a line at its end")
            written = os.write(self._file, line)
            if written != len(line):
                self._take_back(written)
                raise OSError("the disk took only part of a line")
        except OSError as error:
            raise cannot_write(self._path, error) from error
        self._seq += 1
        self._untold.append(event)
        return event

    def _take_back(self, written: int) -> None:
        """Cut off part of a line, so that what comes next has one of its own. Raises OSError; then no more is written."""
        self._torn = True
        os.ftruncate(self._file, os.fstat(self._file).st_size - written)
        self._torn = False

    def _force(self) -> None:
        try:
            os.fsync(self._file)
            if os.fstat(self._file).st_nlink == 0:
                raise OSError("somebody has removed it")
        except OSError as error:
            raise cannot_write(self._path, error) from error

    def _reach(self, reached: int) -> None:
        self._forced = max(self._forced, reached)
        self._tell(reached)

    def _tell(self, reached: int) -> None:
        """Pass on what is in the file up to this number, and was not passed on."""
        while self._untold and self._untold[0]["seq"] <= reached:
            event = self._untold.popleft()
            for listener in self._listeners:
                listener(event)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
