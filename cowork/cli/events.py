"""Events of a verb that takes time: NDJSON with --stream, lines on stderr for a person, nothing with --json."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cowork.cli.invocation import current
from cowork.core.clock import Clock, rfc3339
from cowork.core.outcome import Notice
from cowork.render.progress import Progress


class EventPrinter:
    """Passes events on, numbered as this command's own: a resumed session's journal counts on, its stream begins anew."""

    def __init__(self, clock: Clock, *, stream: bool) -> None:
        self._clock = clock
        self._invocation = current()
        self._invocation.stream = stream
        self.silent = stream or self._invocation.json or self._invocation.verbosity < 0
        self._progress = None if self.silent else Progress(self._invocation.color)

    def warn(self, notices: Sequence[Notice]) -> None:
        """Warnings a person should see before the work, not after it."""
        if not self.silent:
            from cowork.render import emit

            emit.warn(notices, self._invocation.color)

    def emit(self, kind: str, data: dict[str, Any]) -> None:
        """An event that no journal has numbered."""
        self({"at": rfc3339(self._clock.now()), "type": kind, "data": data})

    def announce(self, kind: str, data: dict[str, Any]) -> None:
        """An event that a person must hear of before the work, also with --json: where to find what is being served."""
        if self._progress is None and self._invocation.json and self._invocation.verbosity >= 0:
            self._progress = Progress(self._invocation.color)
        self.emit(kind, data)

    def __call__(self, event: dict[str, Any]) -> None:
        """An event of a journal."""
        self._invocation.events += 1
        if self._invocation.stream:
            from cowork.render import emit

            emit.event(event["type"], self._invocation.events, event["at"], event["data"])
        elif self._progress:
            self._progress(event)
