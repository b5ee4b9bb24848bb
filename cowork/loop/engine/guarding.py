"""Who says that a task is done: the run, or people while no agent works. An agent that writes it into the file does not."""

from __future__ import annotations

import contextlib
from typing import Any

from cowork.core.errors import CoworkError
from cowork.loop.engine.book import Book
from cowork.loop.engine.source import Source
from cowork.loop.tasks.task import TaskList

BY_HAND = "it was marked as done in the file: the loop marks it when it is proved; promise it, and leave the file alone"
REOPENED = "it was done, and its file says that it is not any more"


class Guard:
    """Reads the tasks and sees to it that what they say is done was proved, or was said while no agent worked.

    With an agent at work nobody can tell its hand from a person's: what was marked then is opened again, and said so.
    """

    def __init__(self, source: Source, book: Book) -> None:
        self._source = source
        self._book = book
        self._marking: set[str] = {held.task for held in book.state.open.values() if held.completing}
        self._cut = not book.state.settled and bool(book.state.open)

    def done(self, task: str) -> None:
        """The run itself marks a task as done: it was proved. Raises `tasks.*` and `file.*`."""
        self._marking.add(task)
        self._source.mark_done(task)

    def look(self) -> None:
        """See what an agent left that has just ended. A file that cannot be read now is told of when it is read next."""
        with contextlib.suppress(CoworkError):
            self.read(at_work=True)

    def read(self, *, at_work: bool) -> tuple[TaskList, dict[str, Any]]:
        """The tasks, and what is to be noted of them. `at_work`: whether an iteration is. Raises `tasks.*` and `file.*`."""
        tasks = self._source.read()
        if self._source.path is None:
            return tasks, {}
        state, at_work = self._book.state, at_work or self._cut
        proved = {name for name, task in state.tasks.items() if task.over == "done"}
        known = proved | state.found
        there = {task.id: task.status == "done" for task in tasks.tasks}
        for name in sorted(known):
            if name in there and not there[name]:
                self._marking.discard(name)
                self._book.keep("task.reopened", task=name, by="file", message=REOPENED)
        fresh = [name for name, done in there.items() if done and name not in known and name not in self._marking]
        self._cut = False
        if not fresh:
            return tasks, {}
        if not at_work:
            return tasks, {"found": fresh}
        for name in fresh:
            self._source.mark_open(name)
            self._book.keep("task.reopened", task=name, by="loop", message=BY_HAND)
        return self._source.read(), {}
