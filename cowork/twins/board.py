"""The work of twins at a glance: what waits, what is under way, what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cowork.core.clock import Clock, from_millis, millis
from cowork.twins.directory import find_twin
from cowork.twins.requests import Request
from cowork.twins.store import claims, requests, results, roles, servers
from cowork.twins.store.opening import reading
from cowork.twins.twin import Twin

DAY_MS = 86_400_000
Column = Literal["scheduled", "open", "working", "done", "failed"]


@dataclass(frozen=True)
class Card:
    """A card of the board: a request or a proactive task. `at` is when it is due, was begun, or was done; in RFC 3339.

    `kind` as of results and requests; `result_id` is what came of it, empty before.
    """

    id: str
    title: str
    kind: str
    priority: int
    at: str
    result_id: str


@dataclass(frozen=True)
class TwinBoard:
    """The cards of one twin. `scheduled` are its own tasks, `open` what people asked, `done` and `failed` the last day's."""

    twin: str
    display_name: str
    status: str
    scheduled: tuple[Card, ...]
    open: tuple[Card, ...]
    working: tuple[Card, ...]
    done: tuple[Card, ...]
    failed: tuple[Card, ...]


@dataclass(frozen=True)
class Board:
    """The boards of twins, sorted by name."""

    items: tuple[TwinBoard, ...]
    count: int


@dataclass(frozen=True)
class TaskItem:
    """Something a twin has to do, or did: `state` scheduled, off, open, working, done, failed or cancelled."""

    twin: str
    id: str
    title: str
    kind: str
    state: str
    priority: int
    due_at: str | None
    result_id: str
    updated_at: str


@dataclass(frozen=True)
class TaskList:
    """Tasks of twins: requests first, the most urgent first, then the proactive ones by when they are due."""

    items: tuple[TaskItem, ...]
    count: int


def board(names: Sequence[str], clock: Clock, *, hours: int = 24) -> Board:
    """The boards of these twins, or of all that are not inactive. Raises `twin.not_found`, `database.*`."""
    twins = _twins(names)
    now = millis(clock.now())
    busy = {item.twin for item in servers.at_work(now)}
    items = tuple(_board(twin, now - hours * 3_600_000, busy=twin.name in busy) for twin in twins)
    return Board(items, len(items))


def tasks(names: Sequence[str], *, everything: bool = False) -> TaskList:
    """What these twins, or all, have to do; with `everything` also what is over or turned off."""
    items: list[TaskItem] = []
    for twin in _twins(names):
        items += [_asked(item) for item in _requests(twin, everything=everything)]
    for twin in _twins(names):
        for task in sorted(twin.tasks, key=lambda task: (task.due_at or "", task.priority)):
            if task.enabled or everything:
                state = "scheduled" if task.enabled else "off"
                due = task.due_at if task.enabled and twin.status == "active" else None
                items.append(
                    TaskItem(twin.name, task.id, task.name, "proactive", state, task.priority, due, "", task.last_run_at or "")
                )
    return TaskList(tuple(items), len(items))


def _twins(names: Sequence[str]) -> list[Twin]:
    if names:
        return [find_twin(name) for name in names]
    return [twin for twin in roles.twins() if twin.status != "inactive"]


def _requests(twin: Twin, *, everything: bool) -> list[Request]:
    states = "" if everything else "AND q.state IN ('open', 'working')"
    with reading() as connection:
        return requests.read(connection, f"q.twin_id = ? {states}", [twin.id]) if connection else []


def _asked(item: Request) -> TaskItem:
    return TaskItem(
        item.twin, item.id, item.title, item.kind, item.state, item.priority, item.due_at, item.result_id, item.updated_at
    )


def _board(twin: Twin, since: int, *, busy: bool) -> TwinBoard:
    """What a process is at that is gone waits for another."""
    asked = _requests(twin, everything=True)
    running = claims.running(twin.id) if busy else {}
    begun = [item for item in asked if item.state == "working" and busy]
    waiting = [item for item in asked if item.state == "open" or (item.state == "working" and not busy)]
    ended = results.listed(twins=[twin.name], since=since, limit=50).items
    scheduled = [
        Card(task.id, task.name, "proactive", task.priority, task.due_at or "", "")
        for task in twin.tasks
        if task.enabled and task.id not in running
    ]
    names = {task.id: task for task in twin.tasks}
    working = [
        Card(task_id, names[task_id].name, "proactive", names[task_id].priority, from_millis(began), "")
        for task_id, began in running.items()
        if task_id in names
    ]
    working += [_card(item, item.updated_at) for item in begun]
    over = {
        state: tuple(
            Card(item.task, item.title, item.kind, 0, item.created_at, item.id)
            for item in ended
            if (item.status == "failed") == (state == "failed")
        )
        for state in ("done", "failed")
    }
    return TwinBoard(
        twin=twin.name,
        display_name=twin.display_name,
        status=twin.status,
        scheduled=tuple(sorted(scheduled, key=lambda card: (card.at, card.priority))),
        open=tuple(_card(item, item.due_at or item.wake_at or "") for item in waiting),
        working=tuple(working),
        done=over["done"],
        failed=over["failed"],
    )


def _card(item: Request, at: str) -> Card:
    return Card(item.id, item.title, item.kind, item.priority, at, item.result_id)
