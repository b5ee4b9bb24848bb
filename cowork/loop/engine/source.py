"""Where a run's tasks come from: the words of its order, or a file that people may edit meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from cowork.core.errors import NotFound
from cowork.core.text import one_line
from cowork.loop.engine.state import LoopState
from cowork.loop.tasks import reading, writing
from cowork.loop.tasks.task import Status, Task, TaskList

ONLY = "task"
"""The id of the task of a run that has one."""


class Source(Protocol):
    """Tasks, and who is told that one is done."""

    @property
    def path(self) -> Path | None:
        """The file, None for words."""

    def read(self) -> TaskList:
        """The tasks as they are now. Raises `tasks.*` when the file cannot be read or is no longer one of tasks."""

    def overlay(self, state: LoopState) -> dict[str, Status]:
        """What the run knows beside: tasks that are left alone."""

    def mark_done(self, task: str) -> None:
        """Write down that a task is done; again when that was done before. Raises `tasks.*` and `file.*`."""

    def mark_open(self, task: str) -> None:
        """Write down that a task is not done. Raises `tasks.*` and `file.*`."""


class WordsSource:
    """The one task that the words are."""

    path: Path | None = None

    def __init__(self, words: str) -> None:
        title = one_line(words.strip().splitlines()[0] if words.strip() else "", 80)
        task = Task(ONLY, title, description=words, status="ready")
        self._tasks = TaskList("", "words", title, "", (task,), None, words)

    def read(self) -> TaskList:
        return self._tasks

    def overlay(self, state: LoopState) -> dict[str, Status]:
        return {name: task.over for name, task in state.tasks.items() if task.over}

    def mark_done(self, task: str) -> None:
        """Nobody else has to know."""

    def mark_open(self, task: str) -> None:
        """It is open until the run says otherwise."""


class FileSource:
    """The tasks of a file, read again whenever it has changed. What it says is done is done, and nothing else."""

    def __init__(self, path: Path) -> None:
        self.path: Path | None = path
        self._file = path
        self._seen: tuple[int, int, int] | None = None
        self._tasks: TaskList | None = None

    def read(self) -> TaskList:
        try:
            found = self._file.stat()
            seen = found.st_mtime_ns, found.st_size, found.st_ino
        except OSError:
            seen = None
        if self._tasks is None or seen is None or seen != self._seen:
            self._tasks, self._seen = reading.read(self._file), seen
        return self._tasks

    def overlay(self, state: LoopState) -> dict[str, Status]:
        return {name: task.over for name, task in state.tasks.items() if task.over and task.over != "done"}

    def mark_done(self, task: str) -> None:
        self._mark(task, "done")

    def mark_open(self, task: str) -> None:
        self._mark(task, "pending")

    def _mark(self, task: str, status: Status) -> None:
        try:
            writing.set_status(self._file, task, status)
        except NotFound as error:
            if error.code != "tasks.no_such_task":  # somebody took it out meanwhile: what was done is done
                raise
        self._seen = None


def source_of(words: str, file: str | None) -> Source:
    """The source of an order."""
    return FileSource(Path(file)) if file else WordsSource(words)
