"""What is due, and when that has to be put right."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from cowork.twins.heartbeat import heartbeat_behind, is_out_of_reach
from cowork.twins.store.opening import reading, writing


class Due(NamedTuple):
    """A twin that has something to do: its tasks with the heartbeat they are due at and its open requests, by priority."""

    twin_id: str
    name: str
    tasks: tuple[tuple[str, int], ...]
    requests: tuple[str, ...]


class _Found:
    """What was found of one twin so far; `since` is how long it waits. Made thousands of times."""

    __slots__ = ("name", "requests", "since", "tasks")

    def __init__(self, name: str, since: int) -> None:
        self.name = name
        self.since = since
        self.tasks: list[tuple[str, int]] = []
        self.requests: list[str] = []


def due(now: int, *, names: Sequence[str] | None = None, early: bool = False) -> list[Due]:
    """The active twins that have something to do, the longest waiting first; of those with `names`, or all.

    With `early`, tasks that never ran and requests count before their heartbeat. Nothing is written.
    """
    with reading() as connection:
        return due_in(connection, now, names, early=early) if connection else []


def due_in(connection: sqlite3.Connection, now: int, names: Sequence[str] | None, *, early: bool) -> list[Due]:
    """As `due`, in a transaction that is under way."""
    which = "" if names is None else f"AND r.name IN ({', '.join('?' * len(names))})"
    latest = "(t.due_ms <= ? OR t.last_run_ms IS NULL)" if early else "t.due_ms <= ?"
    rows = connection.execute(
        f"SELECT t.twin_id, r.name, t.id, t.due_ms FROM twin_tasks t JOIN agent_roles r ON r.id = t.twin_id "
        f"WHERE t.enabled = 1 AND {latest} AND r.status = 'active' {which} ORDER BY t.priority, t.id",
        [now, *(names or ())],
    )
    found: dict[str, _Found] = {}
    for twin_id, name, task_id, moment in rows:
        entry = found.get(twin_id)
        if entry is None:
            entry = found[twin_id] = _Found(name, moment)
        elif moment < entry.since:
            entry.since = moment
        entry.tasks.append((task_id, moment))
    latest = "1 = 1" if early else "q.wake_ms <= ?"
    rows = connection.execute(
        f"SELECT q.twin_id, r.name, q.id, q.wake_ms FROM requests q JOIN agent_roles r ON r.id = q.twin_id "
        f"WHERE q.state = 'open' AND {latest} AND r.status = 'active' {which} ORDER BY q.priority, q.created_ms, q.id",
        [*([] if early else [now]), *(names or ())],
    )
    for twin_id, name, request_id, moment in rows:
        entry = found.setdefault(twin_id, _Found(name, moment))
        entry.since = min(entry.since, moment)
        entry.requests.append(request_id)
    order = sorted(found.items(), key=lambda item: (item[1].since, item[1].name))
    return [Due(twin_id, entry.name, tuple(entry.tasks), tuple(entry.requests)) for twin_id, entry in order]


def mend_clock(now: int) -> int:
    """After the clock was put back: what is due later than it can be is due now; how many things had to be put right."""
    with reading() as connection:
        wrong = _ahead(connection, now) if connection else []
    if not wrong:
        return 0
    with writing() as connection:
        wrong = _ahead(connection, now)
        for statement, values in wrong:
            connection.execute(statement, values)
        connection.execute("UPDATE agent_roles SET last_beat_ms = NULL WHERE last_beat_ms > ?", (now,))
    return len(wrong)


def _ahead(connection: sqlite3.Connection, now: int) -> list[tuple[str, tuple[object, ...]]]:
    """What a clock that was ahead has left, each as the statement that puts it right."""
    wrong: list[tuple[str, tuple[object, ...]]] = []
    rows = connection.execute(
        "SELECT id, anchor_ms, interval_minutes, stagger_minutes FROM agent_roles WHERE anchor_ms > ?", (now,)
    )
    for twin_id, anchor, interval, stagger in rows.fetchall():
        if is_out_of_reach(anchor, now, stagger, interval):
            wrong.append(
                ("UPDATE agent_roles SET anchor_ms = ? WHERE id = ?", (heartbeat_behind(now, anchor, interval), twin_id))
            )
    rows = connection.execute(
        "SELECT t.twin_id, t.id, t.due_ms, t.frequency_minutes + CASE WHEN t.last_run_ms IS NULL THEN r.stagger_minutes ELSE 0 END, "
        "r.interval_minutes FROM twin_tasks t JOIN agent_roles r ON r.id = t.twin_id WHERE t.enabled = 1 AND t.due_ms > ?",
        (now,),
    )
    for twin_id, task_id, due_ms, longest, interval in rows.fetchall():
        if is_out_of_reach(due_ms, now, longest, interval):
            wrong.append(("UPDATE twin_tasks SET due_ms = ? WHERE twin_id = ? AND id = ?", (now, twin_id, task_id)))
    rows = connection.execute(
        "SELECT q.id, q.wake_ms, r.stagger_minutes, r.interval_minutes FROM requests q JOIN agent_roles r ON r.id = q.twin_id "
        "WHERE q.state = 'open' AND q.wake_ms > ?",
        (now,),
    )
    for request_id, wake_ms, stagger, interval in rows.fetchall():
        if is_out_of_reach(wake_ms, now, stagger, interval):
            wrong.append(("UPDATE requests SET wake_ms = ? WHERE id = ?", (now, request_id)))
    return wrong
