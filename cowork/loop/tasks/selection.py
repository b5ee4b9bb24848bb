"""Which task is next, and why; which are left, and what they wait for. Pure: a file's tasks and what a run knows go in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from cowork.core.text import one_line
from cowork.loop.tasks.graph import layers, order
from cowork.loop.tasks.task import Status, Task

__all__ = ["Choice", "Waiting", "layers", "next_task", "order", "ready", "remaining", "statuses", "waiting"]

Overlay = Mapping[str, Status]


class Choice(NamedTuple):
    """The task that is next, and the reason in words."""

    task: Task
    reason: str


class Waiting(NamedTuple):
    """A task that is not done and cannot be begun: its status, the ids it waits for, and the reason in words."""

    task: Task
    status: Status
    on: tuple[str, ...]
    reason: str


def statuses(tasks: Sequence[Task], overlay: Overlay) -> dict[str, Status]:
    """The status of every task, in the order of the file.

    What a run knows (`overlay`) goes over what the file says, except that a task which the run gave up (blocked, failed,
    skipped) and the file calls done is done: somebody did it by hand. `pending` in the overlay says that it is not done
    whatever the file says. What is left is `ready` once all its dependencies are done, and `pending` until then.
    """
    known = {task.id: _known(task.status, overlay.get(task.id)) for task in tasks}
    found: dict[str, Status] = {}
    for task in tasks:
        status = known[task.id]
        if status == "pending":
            status = "pending" if _open(task, known) else "ready"
        found[task.id] = status
    return found


def _known(file: Status, run: Status | None) -> Status:
    if run in ("active", "done"):
        return run
    if run in ("pending", "ready"):
        return "pending"
    if run is None or file == "done":
        return "pending" if file == "ready" else file
    return run


def _open(task: Task, known: Mapping[str, Status]) -> tuple[str, ...]:
    """The dependencies that are not done."""
    return tuple(name for name in task.dependencies if known.get(name) != "done")


def ready(tasks: Sequence[Task], overlay: Overlay, exclude: Collection[str] = ()) -> tuple[Task, ...]:
    """Every task that can be begun now, the next one first: by priority, then as in the file.

    A task that only the file calls active was left in the middle by somebody, and can be begun again.
    """
    found = statuses(tasks, overlay)

    def can_begin(task: Task) -> bool:
        left = found[task.id] == "active" and overlay.get(task.id) != "active" and not _open(task, found)
        return task.id not in exclude and (found[task.id] == "ready" or left)

    return tuple(sorted(filter(can_begin, tasks), key=lambda task: task.priority))  # stable: ties as in the file


def next_task(tasks: Sequence[Task], overlay: Overlay, exclude: Collection[str] = ()) -> Choice | None:
    """The task to work on now, with the reason; None when none can be begun (`waiting` says why)."""
    candidates = ready(tasks, overlay, exclude)
    if not candidates:
        return None
    task, others = candidates[0], candidates[1:]
    needs = ", ".join(one_line(name, 60) for name in task.dependencies)
    first = f"everything it depends on is done ({needs})" if task.dependencies else "it depends on nothing"
    if not others:
        return Choice(task, f"{first}, and no other task is ready")
    equal = sum(other.priority == task.priority for other in others)
    if equal:
        return Choice(task, f"{first}, and it is the first in the file of {equal + 1} with priority {task.priority}")
    return Choice(task, f"{first}, and its priority {task.priority} comes before that of {len(others)} more")


def remaining(tasks: Sequence[Task], overlay: Overlay) -> tuple[Task, ...]:
    """The tasks that are not done, in the order of the file; those that were given up are among them."""
    found = statuses(tasks, overlay)
    return tuple(task for task in tasks if found[task.id] != "done")


def waiting(tasks: Sequence[Task], overlay: Overlay, exclude: Collection[str] = ()) -> tuple[Waiting, ...]:
    """The tasks that are not done and cannot be begun now, in the order of the file, with the reason for each."""
    found = statuses(tasks, overlay)
    startable = {task.id for task in ready(tasks, overlay, exclude)}
    return tuple(_waiting(task, found) for task in tasks if found[task.id] != "done" and task.id not in startable)


def _waiting(task: Task, found: Mapping[str, Status]) -> Waiting:
    status = found[task.id]
    on = _open(task, found)
    if status in ("pending", "active") and on:
        names = ", ".join(f"{one_line(name, 60)} ({found.get(name, 'missing')})" for name in on)
        return Waiting(task, status, on, f"waits for {names}")
    reasons: Mapping[Status, str] = {
        "active": "is being worked on",
        "blocked": "is blocked: it has a question",
        "failed": "failed",
        "skipped": "is skipped",
    }
    return Waiting(task, status, on, reasons.get(status, "is left out here"))
