"""The work of many twins at once: one query for each kind of it, whatever the number of twins. No prompt or text is read."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple, get_args

from cowork.core.clock import from_millis
from cowork.core.text import natural
from cowork.twins.cards import TaskItem
from cowork.twins.requests import PRIORITIES, Priority
from cowork.twins.store.leases import is_live

MOST_RESULTS = 50
"""Results of one twin on its board."""
_PRIORITIES: dict[int, Priority] = dict(zip(PRIORITIES.values(), get_args(Priority), strict=True))


class Who(NamedTuple):
    """A twin, without what it is told."""

    id: str
    name: str
    display_name: str
    status: str


class OwnTask(NamedTuple):
    """A proactive task of a twin."""

    twin_id: str
    id: str
    name: str
    enabled: bool
    due_ms: int


class Asked(NamedTuple):
    """A request that waits or is worked on."""

    twin_id: str
    id: str
    title: str
    kind: str
    status: str
    priority: Priority | None
    due_ms: int | None
    wake_ms: int
    updated_ms: int


class Ended(NamedTuple):
    """A result, without its text."""

    twin_id: str
    id: str
    task_id: str
    title: str
    kind: str
    status: str
    created_ms: int


def who(connection: sqlite3.Connection, ids: Sequence[str], limit: int) -> tuple[list[Who], int]:
    """The first twins by name, as people count, of these or of all that are not inactive; and how many there are."""
    where = _among("id", ids) if ids else "status <> 'inactive'"
    rows = connection.execute(f"SELECT id, name, display_name, status FROM agent_roles WHERE {where}", ids)
    found = sorted((Who(*row) for row in rows), key=lambda twin: natural(twin.name))
    return found[:limit], len(found)


def own_tasks(connection: sqlite3.Connection, ids: Sequence[str]) -> list[OwnTask]:
    """The proactive tasks of twins, those that are due first before others."""
    rows = connection.execute(
        f"SELECT twin_id, id, name, enabled, due_ms FROM twin_tasks WHERE {_among('twin_id', ids)} "
        "ORDER BY due_ms, priority, id",
        ids,
    )
    return [OwnTask(row[0], row[1], row[2], bool(row[3]), row[4]) for row in rows]


def asked(connection: sqlite3.Connection, ids: Sequence[str]) -> list[Asked]:
    """What people asked of twins and is not over, the most urgent first."""
    rows = connection.execute(
        "SELECT twin_id, id, title, kind, state, priority, due_ms, wake_ms, updated_ms FROM requests "
        f"WHERE {_among('twin_id', ids)} AND state IN ('open', 'working') ORDER BY priority, created_ms, id",
        ids,
    )
    return [Asked(*row)._replace(priority=_PRIORITIES.get(row[5])) for row in rows]


def under_way(connection: sqlite3.Connection, ids: Sequence[str], now: int) -> dict[str, dict[str, int]]:
    """Of each twin at work: the tasks that are under way, with when they were claimed."""
    rows = connection.execute(f"SELECT twin_id, owner, until_ms FROM leases WHERE {_among('twin_id', ids)}", ids)
    found: dict[str, dict[str, int]] = {row[0]: {} for row in rows.fetchall() if is_live(row[1], row[2], now)}
    if found:
        busy = list(found)
        rows = connection.execute(
            "SELECT c.twin_id, c.task_id, c.claimed_ms FROM leases l JOIN claims c ON c.beat_id = l.beat_id "
            f"WHERE {_among('l.twin_id', busy)} AND c.state = 'running' ORDER BY c.task_id",
            busy,
        )
        for twin_id, task_id, claimed in rows:
            found.setdefault(twin_id, {})[task_id] = claimed
    return found


def ended(connection: sqlite3.Connection, ids: Sequence[str], since: int) -> list[Ended]:
    """The latest results of twins since a moment, newest first, at most MOST_RESULTS of each twin."""
    rows = connection.execute(
        "SELECT twin_id, id, task_id, title, kind, status, created_ms FROM (SELECT twin_id, id, task_id, title, kind, status, "
        "created_ms, ROW_NUMBER() OVER (PARTITION BY twin_id ORDER BY created_ms DESC, id) AS place FROM results "
        f"WHERE {_among('twin_id', ids)} AND created_ms >= ?) x WHERE place <= ? ORDER BY created_ms DESC, id",
        [*ids, since, MOST_RESULTS],
    )
    return [Ended(*row) for row in rows]


def tasks(
    connection: sqlite3.Connection, ids: Sequence[str], limit: int, *, everything: bool
) -> tuple[tuple[TaskItem, ...], int]:
    """What these twins, or all that are not inactive, have to do, as `TaskList` has it; and how many such tasks there are."""
    twins = _among("r.id", ids) if ids else "r.status <> 'inactive'"
    open_ = f"{twins} AND q.state IN ('open', 'working')"
    over = f"{twins} AND q.state NOT IN ('open', 'working')"
    parts = [(_REQUESTS, open_, "q.priority, q.created_ms, q.id")]
    if everything:
        parts.append((_REQUESTS, over, "q.updated_ms DESC, q.id"))
    order = "CASE WHEN t.enabled = 1 AND r.status = 'active' THEN 0 ELSE 1 END, t.due_ms, t.priority, r.name, t.id"
    parts.append((_TASKS, twins if everything else f"{twins} AND t.enabled = 1", order))
    found: list[TaskItem] = []
    total = 0
    for (columns, tables), where, order in parts:
        total += int(connection.execute(f"SELECT COUNT(*) FROM {tables} WHERE {where}", ids).fetchone()[0])
        if (room := limit - len(found)) > 0:
            rows = connection.execute(
                f"SELECT {columns} FROM {tables} WHERE {where} ORDER BY {order} LIMIT ?", [*ids, room]
            ).fetchall()
            found += [_item(row) for row in rows]
    return tuple(found), total


_ASKED = (
    "q.id, r.name, q.title, q.kind, q.state, q.priority, "
    "CASE WHEN q.state = 'open' AND r.status = 'active' THEN q.wake_ms END, q.due_ms, NULL, q.updated_ms, q.result_id"
)
_REQUESTS = (_ASKED, "requests q JOIN agent_roles r ON r.id = q.twin_id")
_OWN = (
    "t.id, r.name, t.name, 'proactive', CASE WHEN t.enabled = 1 THEN 'scheduled' ELSE 'off' END, NULL, "
    "CASE WHEN t.enabled = 1 AND r.status = 'active' THEN t.due_ms END, NULL, t.last_run_ms, NULL, ''"
)
_TASKS = (_OWN, "twin_tasks t JOIN agent_roles r ON r.id = t.twin_id")


def _item(row: Sequence[Any]) -> TaskItem:
    task_id, twin, title, kind, status, priority, *times, result_id = row
    wake, due, last_run, updated = (None if moment is None else from_millis(moment) for moment in times)
    said = None if priority is None else _PRIORITIES.get(priority)
    return TaskItem(task_id, twin, title, kind, status, said, wake, due, last_run, updated, result_id)


def _among(column: str, ids: Sequence[str]) -> str:
    return f"{column} IN ({', '.join('?' * len(ids))})"
