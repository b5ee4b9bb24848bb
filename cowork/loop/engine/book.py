"""The journal of a run and the state it comes to, moved on together."""

from __future__ import annotations

from typing import Any

from cowork.core.clock import rfc3339
from cowork.loop.engine.events import TERMINAL
from cowork.loop.engine.folding import apply
from cowork.loop.engine.state import LoopState
from cowork.sessions.journal import Journal, Listener


class Book:
    """Writes events and applies each to `state`; what is live goes to the listeners alone.

    Raises `file.not_writable` from every method but `live`.
    """

    def __init__(self, journal: Journal, state: LoopState, listeners: tuple[Listener, ...] = ()) -> None:
        self.state = state
        self._journal = journal
        self._listeners = listeners

    def note(self, kind: str, /, **data: Any) -> None:
        """Write an event that outlives this process, and may be lost with the machine."""
        apply(self.state, self._journal.note(kind, data))

    def keep(self, kind: str, /, **data: Any) -> None:
        """Write an event durably: on what it says the run goes on."""
        apply(self.state, self._journal.append(kind, data))

    def live(self, kind: str, /, **data: Any) -> None:
        """Tell the listeners something that is too much for the journal."""
        at = rfc3339(self._journal.clock.now())
        event = {"schema": "cowork.event/1", "seq": self.state.seq, "at": at, "type": kind, "data": data}
        for listener in self._listeners:
            listener(event)

    def once(self, number: int, kind: str, /, **data: Any) -> None:
        """Note an event of an iteration that is under way, unless that was done before a crash."""
        held = self.state.open.get(number)
        if held is None or kind not in held.told:
            self.note(kind, iteration=number, **data)

    def end(self, kind: str, /, **data: Any) -> None:
        """Write the terminal event, once: a second one is not written."""
        if self.state.end is None:
            assert kind in TERMINAL
            self.keep(kind, **data)

    def close(self) -> None:
        """Close the file."""
        self._journal.close()
