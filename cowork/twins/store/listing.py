"""Twins as a list shows them: counted by the database, for there may be many."""

from __future__ import annotations

import dataclasses
from typing import Any

from cowork.core.clock import from_millis
from cowork.twins.store.opening import reading
from cowork.twins.twin import TwinItem

_FIELDS = tuple(field.name for field in dataclasses.fields(TwinItem))  # the query's columns, in this order
_COUNTED = """
    SELECT r.name, r.display_name, r.status, r.template_id, r.autonomy, r.interval_minutes,
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
    ORDER BY r.name
"""


def items() -> tuple[TwinItem, ...]:
    """Every twin, sorted by name; none when there is no database. Raises `database.*`."""
    with reading() as connection:
        rows = connection.execute(_COUNTED).fetchall() if connection else []
    return tuple(_item(row) for row in rows)


def _item(row: tuple[Any, ...]) -> TwinItem:
    fields = dict(zip(_FIELDS, row, strict=True))
    due = fields["next_due_at"] if fields["status"] == "active" else None
    return TwinItem(**{**fields, "last_beat_at": _moment(fields["last_beat_at"]), "next_due_at": _moment(due)})


def _moment(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else from_millis(milliseconds)
