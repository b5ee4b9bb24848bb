"""Telling people that a run is over, where they want to hear of it."""

from __future__ import annotations

import asyncio
import contextlib

from cowork.core.errors import CoworkError
from cowork.core.settings import Settings
from cowork.core.text import one_line
from cowork.loop.engine import pages
from cowork.loop.engine.book import Book
from cowork.loop.notifying import PATIENCE_S, notify
from cowork.sessions.places import Workplace


async def announce(place: Workplace, book: Book, settings: Settings, patience_s: float = PATIENCE_S) -> tuple[str, ...]:
    """Send it, and put on record what came of that; the same in words. A message that nobody gets is no reason to fail."""
    state = book.state
    assert state.order is not None
    title = f"cowork loop {state.end}: {one_line(pages.task_of(state.order), 100)}"
    done = f"{state.done_tasks} of {state.total_tasks} tasks done, " if state.total_tasks else ""
    body = f"{state.message}\n{done}{state.iterations} iterations, {state.seconds:.0f} s\nsession {place.session_id}"
    sent, problems = await asyncio.to_thread(notify, settings["notify_urls"], title, body, patience_s=patience_s)
    with contextlib.suppress(CoworkError):  # a disk that is full
        if sent:
            book.note("notification.sent", targets=sent)
        if problems:
            book.note("notification.failed", message="; ".join(problems))
        pages.checkpoint(place, state)
    return (*((f"{sent} told of it",) if sent else ()), *problems)
