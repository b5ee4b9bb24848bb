"""What is due, and when that has to be put right."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from cowork.twins.heartbeat import is_out_of_reach
from cowork.twins.store.opening import reading, writing


@dataclass(frozen=True)
class Due:
    """A twin that has something to do: its tasks with the heartbeat they are due at, by priority, and its open requests."""

    twin_id: str
    name: str
    tasks: tuple[tuple[str, int], ...]
    requests: tuple[str, ...]


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
    tasks: dict[tuple[str, str], list[tuple[str, int]]] = {}
    waiting: dict[tuple[str, str], int] = {}
    for twin_id, name, task_id, moment in rows:
        key = (twin_id, name)
        tasks.setdefault(key, []).append((task_id, moment))
        waiting[key] = min(moment, waiting.get(key, moment))
    requests: dict[tuple[str, str], list[str]] = {}
    latest = "1 = 1" if early else "q.wake_ms <= ?"
    rows = connection.execute(
        f"SELECT q.twin_id, r.name, q.id, q.wake_ms FROM requests q JOIN agent_roles r ON r.id = q.twin_id "
        f"WHERE q.state = 'open' AND {latest} AND r.status = 'active' {which} ORDER BY q.priority, q.created_ms, q.id",
        [*([] if early else [now]), *(names or ())],
    )
    for twin_id, name, request_id, moment in rows:
        key = (twin_id, name)
        requests.setdefault(key, []).append(request_id)
        waiting[key] = min(moment, waiting.get(key, moment))
    order = sorted(waiting, key=lambda key: (waiting[key], key[1]))
    return [Due(*key, tuple(tasks.get(key, ())), tuple(requests.get(key, ()))) for key in order]


def mend_clock(now: int) -> int:
    """After the clock was put back: what is due later than it can be is due now. How many tasks that were."""
    with reading() as connection:
        late = _out_of_reach(connection, now) if connection else []
    if not late:
        return 0
    with writing() as connection:
        late = _out_of_reach(connection, now)
        connection.executemany("UPDATE twin_tasks SET due_ms = ? WHERE twin_id = ? AND id = ?", [(now, *key) for key in late])
        connection.execute("UPDATE agent_roles SET last_beat_ms = NULL WHERE last_beat_ms > ?", (now,))
    return len(late)


def _out_of_reach(connection: sqlite3.Connection, now: int) -> list[tuple[str, str]]:
    rows = connection.execute(
        "SELECT t.twin_id, t.id, t.due_ms, t.frequency_minutes, r.interval_minutes FROM twin_tasks t "
        "JOIN agent_roles r ON r.id = t.twin_id WHERE t.enabled = 1 AND t.last_run_ms IS NOT NULL AND t.due_ms > ?",
        (now,),
    )
    return [(twin_id, task_id) for twin_id, task_id, *rest in rows if is_out_of_reach(rest[0], now, rest[1], rest[2])]
