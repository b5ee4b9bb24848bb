"""The end of a run on record, and what there is to say about it then."""

from __future__ import annotations

import contextlib

from cowork.core.errors import CoworkError
from cowork.core.text import one_line
from cowork.loop.engine import pages
from cowork.loop.engine.book import Book
from cowork.loop.engine.endings import Ending
from cowork.loop.engine.results import LoopReport
from cowork.loop.engine.source import source_of
from cowork.loop.engine.state import LoopState
from cowork.sessions.places import Workplace


def end(place: Workplace, book: Book, ending: Ending, elapsed: float) -> None:
    """Write the terminal event, unless there is one, and `session.json`. Raises `file.not_writable`."""
    state = book.state
    known = state.usd_known and not any(held.asking for held in state.open.values())
    book.end(
        ending.kind,
        reason=ending.reason,
        message=ending.message,
        elapsed_s=round(elapsed, 3),
        iterations=state.iterations,
        tokens={"input": state.input_tokens, "output": state.output_tokens},
        usd=round(state.usd, 6) if known else None,
    )
    with contextlib.suppress(CoworkError):  # the journal holds the run
        pages.checkpoint(place, state)


def report_of(session_id: str, state: LoopState, notes: tuple[str, ...] = ()) -> LoopReport:
    """What came of a run, with its tasks as their file has them now; a file that cannot be read is a note, not a failure."""
    assert state.order is not None
    names = ", ".join(one_line(name, 60) for name in state.marked)
    if names:
        notes = (*notes, f"marked as done in the file while an agent worked, and opened again: {names}")
    notes = (*notes, *(f"{task} is not committed: {why}" for task, why in state.uncommitted.items()))
    source = source_of(state.order.task, state.order.tasks_file)
    try:
        tasks = source.read()
    except CoworkError as error:
        tasks = source_of(state.order.task or "the tasks cannot be read", None).read()
        notes = (*notes, error.message)
    return pages.report(session_id, state, tasks, dict(source.overlay(state)), notes)
