"""Results of twins: stored once for each task and due time, found again, newest first."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from cowork.core.clock import from_millis, millis, parsed
from cowork.core.errors import InvalidInput, NotFound
from cowork.core.plain import to_plain
from cowork.core.text import did_you_mean
from cowork.twins.addresses import shown
from cowork.twins.evidence.findings import Evidence, Item
from cowork.twins.results import Claim, Delivery, Result, ResultItem, ResultList, bottom_line
from cowork.twins.store import ids
from cowork.twins.store.opening import corrupt, database_path, reading
from cowork.twins.store.roles import insert

_COLUMNS = "id task_id kind title status made_by text evidence claims notes due_ms beat_id session_id created_ms".split()
_SELECT = (
    f"SELECT r.name, {', '.join(f'x.{column}' for column in _COLUMNS)}, f.verdict FROM results x "
    "JOIN agent_roles r ON r.id = x.twin_id LEFT JOIN feedback f ON f.result_id = x.id"
)
_AT_ONCE = 1000


def save(connection: sqlite3.Connection, twin_id: str, results: Sequence[Result]) -> tuple[Result, ...]:
    """Store new results, in a transaction that is under way. As stored: with another id where that is taken."""
    statement = insert("results", ["twin_id", *_COLUMNS])
    stored = []
    for given in results:
        result = dataclasses.replace(given, id=ids.free(connection, "results", given.id))
        stored.append(result)
        values = [
            twin_id,
            result.id,
            result.task,
            result.kind,
            result.title,
            result.status,
            result.made_by,
            result.text,
            json.dumps(to_plain(result.evidence)),
            json.dumps(to_plain(result.claims)),
            json.dumps(list(result.notes)),
            millis(parsed(result.due_at)),
            result.beat_id,
            result.session_id,
            millis(parsed(result.created_at)),
        ]
        connection.execute(statement, values)
    return tuple(stored)


def find(name: str) -> Result:
    """The result with this id, with a unique prefix of it, or `last`. Raises `result.not_found`, `result.ambiguous`."""
    with reading() as connection:
        row = _row_of(connection, name) if connection else None
        if connection is None or row is None:
            raise NotFound(
                "result.not_found",
                f"there is no result '{name}'",
                hint=did_you_mean(name, _latest_ids(connection), "list them with: cowork twin results"),
                details={"result": name},
            )
        return _result(row, _deliveries(connection, [row[1]]).get(row[1], ()))


def whole(result_ids: Sequence[str]) -> list[Result]:
    """The results with these ids, in this order, read with one query for each thousand."""
    found: dict[str, Result] = {}
    with reading() as connection:
        for begin in range(0, len(result_ids) if connection else 0, _AT_ONCE):
            assert connection is not None
            some = result_ids[begin : begin + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            deliveries = _deliveries(connection, some)
            for row in connection.execute(f"{_SELECT} WHERE x.id IN ({marks})", list(some)):
                found[row[1]] = _result(row, deliveries.get(row[1], ()))
    return [found[result_id] for result_id in result_ids if result_id in found]


def of_beat(beat_id: str, *, but: str) -> list[tuple[str, str]]:
    """The ids and titles of what else a heartbeat came to, newest first."""
    with reading() as connection:
        if connection is None or not beat_id:
            return []
        rows = connection.execute(
            "SELECT id, title FROM results WHERE twin_id = (SELECT twin_id FROM results WHERE id = ?) AND beat_id = ? "
            "AND id <> ? ORDER BY created_ms DESC, id",
            (but, beat_id, but),
        )
        return [(str(found), str(title)) for found, title in rows]


def listed(*, twins: Sequence[str] = (), since: int | None = None, kinds: Sequence[str] = (), limit: int = 50) -> ResultList:
    """The latest results, newest first: of twins with these names, since a moment, of these kinds."""
    where, values = ["1 = 1"], list[Any]()
    for column, wanted in (("r.name", twins), ("x.kind", kinds)):
        if wanted:
            where.append(f"{column} IN ({', '.join('?' * len(wanted))})")
            values += wanted
    if since is not None:
        where.append("x.created_ms >= ?")
        values.append(since)
    joined = f"FROM results x JOIN agent_roles r ON r.id = x.twin_id WHERE {' AND '.join(where)}"
    with reading() as connection:
        if connection is None:
            return ResultList((), 0, 0)
        total = int(connection.execute(f"SELECT COUNT(*) {joined}", values).fetchone()[0])
        rows = connection.execute(
            f"SELECT x.id, r.name, x.task_id, x.kind, x.title, x.status, x.made_by, x.text, x.claims, x.created_ms, "
            f"(SELECT f.verdict FROM feedback f WHERE f.result_id = x.id) {joined} ORDER BY x.created_ms DESC, x.id LIMIT ?",
            [*values, limit],
        ).fetchall()
    items = tuple(_item(row) for row in rows)
    return ResultList(items, len(items), total)


def latest(twin_id: str, tasks: Sequence[str]) -> list[tuple[str, str, str]]:
    """What each of these tasks came to the last time: task, when, and text; of those that a model said something of."""
    found = []
    with reading() as connection:
        for task in tasks if connection else ():
            assert connection is not None
            row = connection.execute(
                "SELECT created_ms, text FROM results WHERE twin_id = ? AND task_id = ? AND made_by <> 'evidence' "
                "ORDER BY created_ms DESC, id LIMIT 1",
                (twin_id, task),
            ).fetchone()
            if row is not None:
                found.append((task, from_millis(row[0]), str(row[1])))
    return found


def _item(row: Sequence[Any]) -> ResultItem:
    result_id, name, task, kind, title, status, made_by, text, claims, created, verdict = row
    said = _json(claims)
    unverified = sum(not claim["verified"] for claim in said)
    at = from_millis(created)
    return ResultItem(
        result_id, name, task, kind, title, status, made_by, bottom_line(text), len(said), unverified, verdict, at
    )


def _row_of(connection: sqlite3.Connection, name: str) -> Any:
    if name == "last":
        return connection.execute(f"{_SELECT} ORDER BY x.created_ms DESC, x.id LIMIT 1").fetchone()
    fitting = ids.starting(connection, "results", name)
    if len(fitting) > 1:
        raise InvalidInput("result.ambiguous", f"'{name}' fits several results", hint=f"one of: {', '.join(fitting[:5])}")
    return connection.execute(f"{_SELECT} WHERE x.id = ?", fitting).fetchone() if fitting else None


def _latest_ids(connection: sqlite3.Connection | None) -> list[str]:
    if connection is None:
        return []
    return [row[0] for row in connection.execute("SELECT id FROM results ORDER BY created_ms DESC LIMIT 200")]


def _result(row: Sequence[Any], deliveries: tuple[Delivery, ...]) -> Result:
    name, result_id, task, kind, title, status, made_by, text, evidence, claims, notes, due, beat, session, created = row[:-1]
    try:
        return Result(
            id=result_id,
            twin=name,
            task=task,
            kind=kind,
            title=title,
            status=status,
            made_by=made_by,
            text=text,
            evidence=tuple(_evidence(item) for item in _json(evidence)),
            claims=tuple(Claim(item["text"], tuple(item["cites"]), item["verified"]) for item in _json(claims)),
            notes=tuple(_json(notes)),
            due_at=from_millis(due),
            created_at=from_millis(created),
            beat_id=beat,
            session_id=session,
            verdict=row[-1],
            deliveries=deliveries,
        )
    except (KeyError, TypeError) as error:
        raise corrupt(database_path(), f"result {result_id}: {error}") from error


def _deliveries(connection: sqlite3.Connection, result_ids: Sequence[str]) -> dict[str, tuple[Delivery, ...]]:
    """The deliveries of results, by result."""
    rows = connection.execute(
        "SELECT d.result_id, a.url, d.state, d.attempts, d.problem, d.next_ms, d.sent_ms FROM deliveries d "
        f"JOIN addresses a ON a.id = d.address_id WHERE d.result_id IN ({', '.join('?' * len(result_ids))}) "
        "ORDER BY d.created_ms, d.id",
        list(result_ids),
    )
    found: dict[str, tuple[Delivery, ...]] = {}
    for result_id, url, state, attempts, problem, following, sent in rows:
        next_at = from_millis(following) if state == "waiting" else None
        sent_at = None if sent is None else from_millis(sent)
        made = Delivery(shown(url), state, attempts, problem, next_at, sent_at)
        found[result_id] = (*found.get(result_id, ()), made)
    return found


def _evidence(plain: dict[str, Any]) -> Evidence:
    items = tuple(Item(item["id"], item["text"], item["data"]) for item in plain["items"])
    return Evidence(**{**plain, "items": items})


def _json(text: str) -> list[Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise corrupt(database_path(), str(error)) from error
    if not isinstance(value, list):
        raise corrupt(database_path(), "a list of a result is none")
    return value
