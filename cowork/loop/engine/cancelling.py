"""Ending a run for good that no process works on."""

from __future__ import annotations

from cowork.core.clock import Clock
from cowork.core.errors import Conflict
from cowork.loop.engine import closing, reading
from cowork.loop.engine.book import Book
from cowork.loop.engine.endings import Ending
from cowork.sessions import places
from cowork.sessions.journal import Journal
from cowork.sessions.places import Workplace


def cancel(place: Workplace, clock: Clock) -> None:
    """Write that a run which was cut short is aborted, as a process that is told to would have.

    Raises `session.locked` (Conflict) when somebody works on it after all, `session.finished` when it has an end already,
    `session.journal_corrupt` and `file.not_writable`.
    """
    with places.held(place, clock=clock):
        state, _ = reading.mended(place, reading.look(place))
        if state.end is not None:
            hint = f"see what came of it with: cowork loop show {place.session_id}"
            raise Conflict("session.finished", f"session {place.session_id} is over: {state.end}", hint=hint)
        book = Book(Journal(place.journal, clock, after=state.seq), state)
        try:
            closing.end(place, book, Ending("run.aborted", "cancelled", "it was cancelled"), state.seconds)
        finally:
            book.close()
