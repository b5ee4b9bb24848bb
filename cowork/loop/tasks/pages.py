"""What the verbs about tasks answer: a listing, one task, the next one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cowork.core.errors import LimitReached
from cowork.core.outcome import Notice
from cowork.core.text import one_line
from cowork.loop.tasks import selection
from cowork.loop.tasks.graph import dependents
from cowork.loop.tasks.reading import look, task_of
from cowork.loop.tasks.selection import Overlay
from cowork.loop.tasks.task import SYMBOLS, Status, Task, TaskList


@dataclass(frozen=True)
class TaskItem:
    """A task. `status` is one of the seven; `waits_for` are the dependencies that are not done."""

    id: str
    title: str
    status: Status
    priority: int
    dependencies: tuple[str, ...]
    waits_for: tuple[str, ...]
    labels: tuple[str, ...]
    agent: str | None
    model: str | None
    pattern: str | None


@dataclass(frozen=True)
class TaskListing:
    """The tasks of a file, in its order. `total` and `counts` (of every status) are of all of them, also with a filter."""

    path: str
    format: str
    name: str
    items: tuple[TaskItem, ...]
    count: int
    total: int
    counts: Mapping[str, int]


@dataclass(frozen=True)
class TaskPage:
    """A task in full. `dependents` wait for it; `reason` says why it cannot begin, empty when it can. `raw` is its object."""

    path: str
    format: str
    task: TaskItem
    description: str
    criteria: tuple[str, ...]
    checks: tuple[str, ...]
    notes: str
    dependents: tuple[str, ...]
    reason: str
    raw: Mapping[str, Any]


@dataclass(frozen=True)
class NextTask:
    """The task to work on now, why it is that one, and how many are left with it."""

    path: str
    task: TaskItem
    reason: str
    remaining: int


def list_tasks(
    path: Path, wanted: tuple[str, ...] = (), overlay: Overlay | None = None
) -> tuple[TaskListing, tuple[Notice, ...]]:
    """Every task of a file, or those with a wanted status. Raises as `reading.read` does."""
    tasks, notices = look(path)
    items = items_of(tasks, overlay or {})
    shown = tuple(item for item in items if not wanted or item.status in wanted)
    counted = Counter(item.status for item in items)
    counts: dict[str, int] = {status: counted[status] for status in SYMBOLS}
    return TaskListing(str(path), tasks.format, tasks.name, shown, len(shown), len(items), counts), notices


def show_task(path: Path, name: str, overlay: Overlay | None = None) -> tuple[TaskPage, tuple[Notice, ...]]:
    """One task. Raises `tasks.no_such_task`, and as `reading.read` does."""
    tasks, notices = look(path)
    task = task_of(tasks, name)
    held = {waiting.task.id: waiting.reason for waiting in selection.waiting(tasks.tasks, overlay or {})}
    item = next(item for item in items_of(tasks, overlay or {}) if item.id == name)
    page = TaskPage(
        path=str(path),
        format=tasks.format,
        task=item,
        description=task.description,
        criteria=task.criteria,
        checks=task.checks,
        notes=task.notes,
        dependents=dependents(tasks.tasks)[name],
        reason=held.get(name, ""),
        raw=task.raw,
    )
    return page, notices


def next_of(path: Path, overlay: Overlay | None = None) -> tuple[NextTask, tuple[Notice, ...]]:
    """The task to work on now. Raises `tasks.none_runnable` (LimitReached) with the reason of every task that is left."""
    tasks, notices = look(path)
    known = overlay or {}
    chosen = selection.next_task(tasks.tasks, known)
    left = selection.remaining(tasks.tasks, known)
    if chosen is not None:
        item = next(item for item in items_of(tasks, known) if item.id == chosen.task.id)
        return NextTask(str(path), item, chosen.reason, len(left)), notices
    held = selection.waiting(tasks.tasks, known)
    shown = "; ".join(f"{one_line(item.task.id, 60)} {item.reason}" for item in held[:5])
    more = f"; and {len(held) - 5} more" if len(held) > 5 else ""
    raise LimitReached(
        "tasks.none_runnable",
        "no task can be begun" if left else f"nothing is left to do: all {len(tasks.tasks)} tasks are done",
        cause=f"{shown}{more}" if left else None,
        hint="see: cowork loop task list",
        details={
            "path": str(path),
            "all_done": not left,
            "waiting": [{"task": item.task.id, "status": item.status, "on": item.on, "reason": item.reason} for item in held],
        },
    )


def items_of(tasks: TaskList, overlay: Overlay) -> tuple[TaskItem, ...]:
    """Every task with its status, in the order of the file."""
    found = selection.statuses(tasks.tasks, overlay)
    return tuple(_item(task, found) for task in tasks.tasks)


def _item(task: Task, found: Mapping[str, Status]) -> TaskItem:
    return TaskItem(
        id=task.id,
        title=task.title,
        status=found[task.id],
        priority=task.priority,
        dependencies=task.dependencies,
        waits_for=tuple(name for name in task.dependencies if found.get(name) != "done"),
        labels=task.labels,
        agent=task.agent,
        model=task.model,
        pattern=task.pattern,
    )
