"""Requests to twins: added by people, taken by heartbeats."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Sequence
from typing import Any

from cowork.core.clock import from_millis, millis, parsed
from cowork.twins.requests import Request
from cowork.twins.store import ids
from cowork.twins.store.opening import reading, writing
from cowork.twins.store.roles import insert

_COLUMNS = "id twin_id kind title text priority state due_ms wake_ms attempt beat_id result_id created_ms updated_ms".split()
_READ = (
    "q.id, r.name, q.kind, q.title, q.text, q.priority, q.state, q.due_ms, "
    "CASE WHEN r.status = 'active' THEN q.wake_ms END, q.attempt, q.result_id, q.created_ms, q.updated_ms"
)


def add(twin_id: str, request: Request) -> Request:
    """Store a new request. As stored: with another id where that is taken."""
    with writing() as connection:
        return add_in(connection, twin_id, request)


def add_in(connection: sqlite3.Connection, twin_id: str, request: Request) -> Request:
    """As `add`, in a transaction that is under way."""
    request = dataclasses.replace(request, id=ids.free(connection, "requests", request.id))
    due = None if request.due_at is None else millis(parsed(request.due_at))
    moments = [millis(parsed(text or request.created_at)) for text in (request.wake_at, request.created_at, request.updated_at)]
    values = [request.id, twin_id, request.kind, request.title, request.text, request.priority, request.status, due, moments[0]]
    connection.execute(insert("requests", _COLUMNS), [*values, request.attempt, "", request.result_id, *moments[1:]])
    return request


def with_ids(ids: Sequence[str]) -> list[Request]:
    """The requests with these ids, the most urgent first."""
    if not ids:
        return []
    with reading() as connection:
        return read(connection, f"q.id IN ({', '.join('?' * len(ids))})", ids) if connection else []


def open_of(connection: sqlite3.Connection, twin_id: str) -> list[Request]:
    """What waits for a twin, the most urgent first."""
    return read(connection, "q.twin_id = ? AND q.state = 'open'", [twin_id])


def unfinished_of(connection: sqlite3.Connection, twin_id: str) -> list[Request]:
    """What waits for a twin or is worked on, the most urgent first."""
    return read(connection, "q.twin_id = ? AND q.state IN ('open', 'working')", [twin_id])


def open_ids(limit: int) -> list[str]:
    """Ids of requests that wait, the latest first."""
    with reading() as connection:
        if connection is None:
            return []
        rows = connection.execute("SELECT id FROM requests WHERE state = 'open' ORDER BY created_ms DESC LIMIT ?", (limit,))
        return [str(row[0]) for row in rows]


def cancel_in(connection: sqlite3.Connection, request_id: str, now: int) -> bool:
    """Take back a request that waits, in a transaction that is under way; False when it waits no more."""
    changed = connection.execute(
        "UPDATE requests SET state = 'cancelled', updated_ms = ? WHERE id = ? AND state = 'open'", (now, request_id)
    )
    return changed.rowcount == 1


def read(connection: sqlite3.Connection, where: str, values: Sequence[Any]) -> list[Request]:
    """The requests of which a condition on `q` (requests) and `r` (agent_roles) is true, the most urgent first."""
    rows = connection.execute(
        f"SELECT {_READ} FROM requests q JOIN agent_roles r ON r.id = q.twin_id WHERE {where} "
        "ORDER BY q.priority, q.created_ms, q.id",
        list(values),
    )
    return [_request(row) for row in rows]


def close(connection: sqlite3.Connection, request_id: str, state: str, result_id: str, now: int) -> None:
    """A request is over, in a transaction that is under way."""
    connection.execute(
        "UPDATE requests SET state = ?, result_id = ?, updated_ms = ? WHERE id = ?", (state, result_id, now, request_id)
    )


def move_in(connection: sqlite3.Connection, twin_id: str, wake: int, now: int) -> None:
    """What waits for a heartbeat after `now` waits for the one at `wake`, in a transaction that is under way."""
    connection.execute(
        "UPDATE requests SET wake_ms = ? WHERE twin_id = ? AND state = 'open' AND wake_ms > ?", (wake, twin_id, now)
    )


def _request(row: Sequence[Any]) -> Request:
    request_id, name, kind, title, text, priority, state, due, wake, attempt, result, created, updated = row
    return Request(
        request_id,
        name,
        kind,
        title,
        text,
        priority,
        state,
        None if due is None else from_millis(due),
        None if wake is None else from_millis(wake),
        attempt,
        result,
        from_millis(created),
        from_millis(updated),
    )
