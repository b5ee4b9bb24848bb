"""A task of a file, whichever format the file has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["pending", "ready", "active", "done", "blocked", "failed", "skipped"]

SYMBOLS: Mapping[Status, tuple[str, str]] = {
    "done": ("✓", "green"),
    "active": ("→", "blue"),
    "blocked": ("✗", "red"),
    "ready": ("○", "cyan"),
    "pending": ("·", "dim"),
    "failed": ("!", "yellow"),
    "skipped": ("–", "dim"),
}
"""The symbol and the colour of every status. A task is `pending` while a dependency is not done, and then `ready`."""


@dataclass(frozen=True)
class Task:
    """One task. `status` is what its file says: done, or skipped, blocked or failed where it has a word for it.

    Lower numbers of `priority` come first. `criteria` say when it is done; `checks` are commands that must end with 0.
    `agent`, `model` and `pattern` are None where the run decides. `raw` is the file's own object.
    """

    id: str
    title: str
    description: str = ""
    priority: int = 2
    dependencies: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    status: Status = "pending"
    agent: str | None = None
    model: str | None = None
    pattern: str | None = None
    checks: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    notes: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TaskList:
    """The tasks of a file in its order; `format` is plan or stories. `raw` is the file's whole document, `text` its text."""

    path: str
    format: str
    name: str
    description: str
    tasks: tuple[Task, ...]
    raw: Any
    text: str

    @property
    def done(self) -> int:
        """How many are done."""
        return sum(task.status == "done" for task in self.tasks)
