"""What is due, and when that has to be put right."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from cowork.core.undisturbed import undisturbed
from cowork.twins.store.opening import reading, writing


class Due(NamedTuple):
    """A twin that has something to do: its tasks with the heartbeat they are due at and its open requests, by priority."""

    twin_id: str
    name: str
    tasks: tuple[tuple[str, int], ...]
    requests: tuple[str, ...]


def due(now: int, *, names: Sequence[str] | None = None, early: bool = False) -> list[Due]:
    """The active twins that have something to do, the longest waiting first; of those with `names`, or all.

    With `early`, tasks that never ran and requests count before their heartbeat. Nothing is written.
    """
    with reading() as connection, undisturbed():
        return due_in(connection, now, names, early=early) if connection else []


def due_in(connection: sqlite3.Connection, now: int, names: Sequence[str] | None, *, early: bool) -> list[Due]:
    """As `due`, in a transaction that is under way."""
    which = "" if names is None else f"AND r.name IN ({', '.join('?' * len(names))})"
    latest = "(t.due_ms <= ? OR t.last_run_ms IS NULL)" if early else "t.due_ms <= ?"
    asked = _requests(connection, now, which, names, early=early)
    rows = connection.execute(
        f"SELECT t.twin_id, r.name, t.id, t.due_ms FROM twin_tasks t JOIN agent_roles r ON r.id = t.twin_id "
        f"WHERE t.enabled = 1 AND {latest} AND r.status = 'active' {which} ORDER BY t.twin_id, t.priority, t.id",
        [now, *(names or ())],
    )
    waiting: list[tuple[int, str, Due]] = []  # there may be thousands: each twin is made once, from rows that are together
    for (twin_id, name), group in groupby(rows, itemgetter(0, 1)):
        tasks = tuple([row[2:] for row in group])
        since = min(tasks, key=itemgetter(1))[1] if len(tasks) > 1 else tasks[0][1]
        requests: tuple[str, ...] = ()
        if twin_id in asked:
            _, first, ids = asked.pop(twin_id)
            since, requests = min(since, first), tuple(ids)
        waiting.append((since, name, Due(twin_id, name, tasks, requests)))
    waiting += [(since, name, Due(twin_id, name, (), tuple(ids))) for twin_id, (name, since, ids) in asked.items()]
    waiting.sort(key=itemgetter(0, 1))
    return [found for _, _, found in waiting]


def _requests(
    connection: sqlite3.Connection, now: int, which: str, names: Sequence[str] | None, *, early: bool
) -> dict[str, tuple[str, int, list[str]]]:
    """Of each twin with open requests: its name, since when the first of them waits, and their ids by priority."""
    latest = "1 = 1" if early else "q.wake_ms <= ?"
    rows = connection.execute(
        f"SELECT q.twin_id, r.name, q.id, q.wake_ms FROM requests q JOIN agent_roles r ON r.id = q.twin_id "
        f"WHERE q.state = 'open' AND {latest} AND r.status = 'active' {which} ORDER BY q.priority, q.created_ms, q.id",
        [*([] if early else [now]), *(names or ())],
    )
    found: dict[str, tuple[str, int, list[str]]] = {}
    for twin_id, name, request_id, moment in rows:
        _, since, ids = found.get(twin_id, (name, moment, []))
        found[twin_id] = (name, min(since, moment), [*ids, request_id])
    return found


_REACH = """
    (SELECT r.interval_minutes + r.stagger_minutes FROM agent_roles r WHERE r.id = twin_id)
"""
_AHEAD = (  # (table, what a clock that was ahead has left of it, how that is put right), with the present moment as {now}
    (
        "agent_roles",
        "anchor_ms - {now} > (interval_minutes + stagger_minutes) * 60000",
        "anchor_ms = anchor_ms - ((anchor_ms - {now}) / (interval_minutes * 60000) + 1) * interval_minutes * 60000",
    ),
    (
        "twin_tasks",
        f"enabled = 1 AND due_ms > {{now}} AND due_ms - {{now}} > (frequency_minutes + {_REACH}) * 60000",
        "due_ms = {now}",
    ),
    (
        "requests",
        f"state = 'open' AND wake_ms > {{now}} AND wake_ms - {{now}} > {_REACH} * 60000",
        "wake_ms = {now}",
    ),
    ("agent_roles", "last_beat_ms > {now}", "last_beat_ms = NULL"),
)


def mend_clock(now: int) -> bool:
    """After the clock was put back: what is due later than it can be is due now, and heartbeats begin before now.

    Nothing is due later than its frequency, its twin's interval and its stagger. Whether there was something to mend.
    """
    with reading() as connection:
        if connection is None or not _is_ahead(connection, now):
            return False
    with writing() as connection:
        for table, ahead, mended in _AHEAD:
            connection.execute(f"UPDATE {table} SET {mended} WHERE {ahead}".format(now=int(now)))
    return True


def _is_ahead(connection: sqlite3.Connection, now: int) -> bool:
    selects = (f"SELECT 1 FROM {table} WHERE {ahead} LIMIT 1".format(now=int(now)) for table, ahead, _ in _AHEAD)
    return any(connection.execute(select).fetchone() for select in selects)
