"""Twins as a list shows them: counted by the database, for there may be many."""

from __future__ import annotations

import dataclasses
import sqlite3
from dataclasses import dataclass
from typing import Any, NamedTuple

from cowork.core.clock import from_millis
from cowork.core.text import natural
from cowork.twins.store.opening import reading
from cowork.twins.twin import TwinItem

_FIELDS = tuple(field.name for field in dataclasses.fields(TwinItem))  # the query's columns, in this order
_COUNTED = """
    SELECT r.name, r.display_name, r.status, r.template_id, r.category, r.autonomy, r.interval_minutes,
        COALESCE(t.enabled, 0), COALESCE(t.total, 0), COALESCE(q.open_requests, 0), r.last_beat_ms,
        CASE WHEN q.wake_ms < COALESCE(t.due_ms, q.wake_ms + 1) THEN q.wake_ms ELSE t.due_ms END, r.created_at
    FROM agent_roles r
    LEFT JOIN (
        SELECT twin_id, SUM(enabled) AS enabled, COUNT(*) AS total, MIN(CASE WHEN enabled = 1 THEN due_ms END) AS due_ms
        FROM twin_tasks GROUP BY twin_id
    ) t ON t.twin_id = r.id
    LEFT JOIN (
        SELECT twin_id, COUNT(*) AS open_requests, MIN(CASE WHEN state = 'open' THEN wake_ms END) AS wake_ms
        FROM requests WHERE state IN ('open', 'working') GROUP BY twin_id
    ) q ON q.twin_id = r.id
"""


@dataclass(frozen=True)
class Filter:
    """Which twins; None is any."""

    status: str | None = None
    category: str | None = None
    template: str | None = None


def items(wanted: Filter = Filter()) -> tuple[TwinItem, ...]:
    """The twins that are wanted, sorted by name, -2 before -10; none when there is no database. Raises `database.*`."""
    given = {"status": wanted.status, "category": wanted.category, "template_id": wanted.template}
    asked = {column: value for column, value in given.items() if value is not None}
    where = f"WHERE {' AND '.join(f'r.{column} = ?' for column in asked)}" if asked else ""
    with reading() as connection:
        rows = connection.execute(f"{_COUNTED} {where}", [*asked.values()]).fetchall() if connection else []
    return tuple(_item(row) for row in sorted(rows, key=lambda row: natural(row[0])))


class Standing(NamedTuple):
    """How a twin stands: requests that are not over, when the first that waits is attended to, and its results."""

    open_requests: int
    wake_ms: int | None
    results_since: int
    results_total: int


def standing(connection: sqlite3.Connection, twin_id: str, since: int) -> Standing:
    """How a twin stands; `results_since` a moment."""
    row = connection.execute(
        "SELECT (SELECT COUNT(*) FROM requests WHERE twin_id = r.id AND state IN ('open', 'working')), "
        "(SELECT MIN(wake_ms) FROM requests WHERE twin_id = r.id AND state = 'open'), "
        "(SELECT COUNT(*) FROM results WHERE twin_id = r.id AND created_ms >= ?), "
        "(SELECT COUNT(*) FROM results WHERE twin_id = r.id) FROM agent_roles r WHERE r.id = ?",
        (since, twin_id),
    ).fetchone()
    return Standing(*row) if row else Standing(0, None, 0, 0)


class Fleet(NamedTuple):
    """How all twins stand: how many are active, paused and overdue, since when the first of these is; the last heartbeat."""

    active: int
    paused: int
    overdue: int
    overdue_since_ms: int | None
    last_beat_ms: int | None


def fleet(now: int) -> Fleet:
    """How all twins stand, counted by the database. Raises `database.*`."""
    with reading() as connection:
        if connection is None:
            return Fleet(0, 0, 0, None, None)
        active, paused, last_beat = connection.execute(
            "SELECT COALESCE(SUM(CASE WHEN status = 'active' THEN 1 ELSE 0 END), 0), "
            "COALESCE(SUM(CASE WHEN status = 'paused' THEN 1 ELSE 0 END), 0), MAX(last_beat_ms) FROM agent_roles"
        ).fetchone()
        overdue, since = connection.execute(
            "SELECT COUNT(DISTINCT w.twin_id), MIN(w.at_ms) FROM ("
            "SELECT twin_id, due_ms AS at_ms FROM twin_tasks WHERE enabled = 1 AND due_ms <= ? "
            "UNION ALL SELECT twin_id, wake_ms AS at_ms FROM requests WHERE state = 'open' AND wake_ms <= ?"
            ") w JOIN agent_roles r ON r.id = w.twin_id "
            "WHERE r.status = 'active' AND NOT EXISTS (SELECT 1 FROM leases l WHERE l.twin_id = r.id AND l.until_ms > ?)",
            (now, now, now),
        ).fetchone()
    return Fleet(int(active), int(paused), int(overdue), since, last_beat)


def _item(row: tuple[Any, ...]) -> TwinItem:
    fields = dict(zip(_FIELDS, row, strict=True))
    due = fields["next_due_at"] if fields["status"] == "active" else None
    return TwinItem(**{**fields, "last_beat_at": _moment(fields["last_beat_at"]), "next_due_at": _moment(due)})


def _moment(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else from_millis(milliseconds)
