"""Twins and their tasks, as they were activated and edited."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from cowork.core.clock import from_millis, millis, parsed
from cowork.core.errors import Conflict
from cowork.core.plain import to_plain
from cowork.twins.store import searching, sqlite
from cowork.twins.store.opening import corrupt, database_path, reading, writing
from cowork.twins.twin import Twin, TwinTask, numbered_name

_JSON = frozenset({"capabilities", "soul", "allow_rules", "deny_rules", "evidence"})
_TIMES = {"anchor_at": "anchor_ms", "last_beat_at": "last_beat_ms", "due_at": "due_ms", "last_run_at": "last_run_ms"}
_AT_ONCE = 400
"""Names in one statement: SQLite takes so many values and no more."""
_ELSEWHERE = frozenset({"tasks", "deliver"})


def _columns(kind: type) -> dict[str, str]:
    """Of each field that is in the table: its column."""
    names = [field.name for field in dataclasses.fields(kind) if field.name not in _ELSEWHERE]
    return {name: _TIMES.get(name, name) for name in names}


_ROLE, _TASK = _columns(Twin), _columns(TwinTask)


def twins(names: Sequence[str] | None = None) -> list[Twin]:
    """Every twin, or those with these names or ids, sorted by name; none when there is no database. Raises `database.*`."""
    with reading() as connection:
        return read(connection, names) if connection else []


def names() -> set[str]:
    """The names in use."""
    with reading() as connection:
        return names_in(connection) if connection else set()


def identities(connection: sqlite3.Connection) -> list[tuple[str, str, str]]:
    """Of every twin its id, name and display name, by name."""
    return connection.execute("SELECT id, name, display_name FROM agent_roles ORDER BY name").fetchall()


def add(twin: Twin) -> None:
    """Store a new twin with its tasks, all or nothing. Raises `twin.exists` or a `database.*` error."""
    with writing() as connection:
        write(connection, twin)


def add_numbered_in(connection: sqlite3.Connection, given: Sequence[Twin]) -> list[Twin]:
    """Store new twins under their names, or the first of name-2, name-3, ... that is free; all or none. As stored.

    Names are chosen while nobody else can write, so two processes never choose the same.
    """
    stored = numbered(given, names_in(connection))
    write(connection, *stored)
    return stored


def numbered(given: Sequence[Twin], taken: set[str]) -> list[Twin]:
    """The twins with names that are not taken. Numbers are counted on from twin to twin: there may be thousands."""
    found, taken, reached = [], set(taken), Counter[str]()
    for twin in given:
        reached[twin.name] += 1
        while (name := numbered_name(twin.name, reached[twin.name])) in taken:
            reached[twin.name] += 1
        taken.add(name)
        found.append(dataclasses.replace(twin, name=name))
    return found


def change_in(connection: sqlite3.Connection, before: Twin, after: Twin) -> None:
    """Write what is different in `after`, and nothing else: what it did and knows stays. Raises `twin.exists`."""
    _update(connection, "agent_roles", _row(before, _ROLE), _row(after, _ROLE), "id = ?", (before.id,), after)
    held = {task.id: task for task in before.tasks}
    for task in after.tasks:
        if task.id in held:
            old, new = _row(held.pop(task.id), _TASK), _row(task, _TASK)
            _update(connection, "twin_tasks", old, new, "twin_id = ? AND id = ?", (before.id, task.id), after)
        else:
            _write_tasks(connection, [dataclasses.replace(after, tasks=(task,))])
    for task_id in held:
        connection.execute("DELETE FROM twin_tasks WHERE twin_id = ? AND id = ?", (before.id, task_id))
        connection.execute("DELETE FROM addresses WHERE twin_id = ? AND task_id = ?", (before.id, task_id))


def remove_in(connection: sqlite3.Connection, twin_id: str) -> None:
    """Remove a twin with everything it did and knows."""
    searching.forget_all(connection, twin_id)
    connection.execute("DELETE FROM agent_roles WHERE id = ?", (twin_id,))


def damage(connection: sqlite3.Connection) -> str:
    """What is wrong with the first row that holds no such thing as it should, empty when there is none. Reads row by row."""
    for table, fields in (("agent_roles", _ROLE), ("twin_tasks", _TASK)):
        kept = [name for name in fields if name in _JSON]
        for row_id, *row in connection.execute(f"SELECT id, {', '.join(kept)} FROM {table}"):
            try:
                _fields(row, {name: name for name in kept})
            except (ValueError, TypeError, RecursionError) as error:
                return f"{table} {row_id}: {error}"
    return ""


def write(connection: sqlite3.Connection, *given: Twin) -> None:
    """Store new twins, in a transaction that is under way. Raises `twin.exists`."""
    statement = insert("agent_roles", _ROLE.values())
    for twin in given:
        values = list(_row(twin, _ROLE).values())
        _unique(twin, lambda values=values: connection.execute(statement, values))  # type: ignore[misc]
    _write_tasks(connection, given)


def insert(table: str, columns: Iterable[str]) -> str:
    """The statement that inserts a row with these columns."""
    listed = list(columns)
    return f"INSERT INTO {table} ({', '.join(listed)}) VALUES ({', '.join('?' * len(listed))})"


def read(connection: sqlite3.Connection, wanted: Sequence[str] | None = None) -> list[Twin]:
    """As `twins`, in a transaction that is under way."""
    if wanted is None:
        return _read(connection, "", ())
    found = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(some))
        for twin in _read(connection, f"WHERE r.name IN ({marks}) OR r.id IN ({marks})", [*some, *some]):
            found[twin.id] = twin
    return sorted(found.values(), key=lambda twin: twin.name)


def _read(connection: sqlite3.Connection, where: str, values: Sequence[str]) -> list[Twin]:
    from cowork.twins.addresses import shown

    found, tasks, told = [], dict[str, list[TwinTask]](), dict[tuple[str, str], tuple[str, ...]]()
    try:
        select = f"FROM addresses a JOIN agent_roles r ON r.id = a.twin_id {where} ORDER BY a.id"
        for twin_id, task_id, url in connection.execute(f"SELECT a.twin_id, a.task_id, a.url {select}", values):
            told[twin_id, task_id] = (*told.get((twin_id, task_id), ()), shown(url))
        columns = ", ".join(f"t.{column}" for column in _TASK.values())
        select = f"FROM twin_tasks t JOIN agent_roles r ON r.id = t.twin_id {where} ORDER BY t.priority, t.id"
        for twin_id, *row in connection.execute(f"SELECT t.twin_id, {columns} {select}", values):
            fields = _fields(row, _TASK)
            fields |= {"enabled": bool(fields["enabled"]), "deliver": told.get((twin_id, fields["id"]), ())}
            tasks.setdefault(twin_id, []).append(TwinTask(**fields))
        columns = ", ".join(f"r.{column}" for column in _ROLE.values())
        for row in connection.execute(f"SELECT {columns} FROM agent_roles r {where} ORDER BY r.name", values):
            fields = _fields(row, _ROLE)
            deliver = told.get((fields["id"], ""), ())
            found.append(Twin(**fields, tasks=tuple(tasks.get(fields["id"], ())), deliver=deliver))
    except (ValueError, TypeError, RecursionError, OverflowError) as error:  # a column does not hold what we wrote
        raise corrupt(database_path(), str(error)) from error
    return found


def _fields(row: Sequence[Any], columns: dict[str, str]) -> dict[str, Any]:
    fields = dict(zip(columns, row, strict=True))
    for name, value in fields.items():
        if name in _JSON:
            fields[name] = _from_json(value, dict if name == "soul" else list)
        elif name in _TIMES and value is not None:
            fields[name] = from_millis(value)
    return fields


def _from_json(text: str, kind: type) -> Any:
    value: Any = json.loads(text)
    if kind is list and isinstance(value, list):
        return tuple(value)
    if not isinstance(value, kind):
        raise TypeError(f"not a {kind.__name__}: {text[:80]}")
    return value


def _row(given: Twin | TwinTask, columns: dict[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, column in columns.items():
        value = getattr(given, name)
        if name in _JSON:
            value = json.dumps(to_plain(value))
        elif name in _TIMES:
            value = None if value is None else millis(parsed(value))
        row[column] = int(value) if isinstance(value, bool) else value
    return row


def _write_tasks(connection: sqlite3.Connection, given: Sequence[Twin]) -> None:
    rows = []
    for twin in given:
        for task in twin.tasks:
            row = _row(task, _TASK)
            row["due_ms"] = millis(parsed(twin.anchor_at)) if row["due_ms"] is None else row["due_ms"]
            rows.append([twin.id, *row.values()])
    connection.executemany(insert("twin_tasks", ["twin_id", *_TASK.values()]), rows)


def _update(
    connection: sqlite3.Connection,
    table: str,
    old: dict[str, Any],
    new: dict[str, Any],
    where: str,
    values: Sequence[str],
    twin: Twin,
) -> None:
    changed = {column: value for column, value in new.items() if value != old[column]}
    if changed:
        placed = ", ".join(f"{column} = ?" for column in changed)
        statement = f"UPDATE {table} SET {placed} WHERE {where}"
        _unique(twin, lambda: connection.execute(statement, [*changed.values(), *values]))


def _unique(twin: Twin, statement: Callable[[], object]) -> None:
    try:
        statement()
    except sqlite.NotUnique as error:
        raise Conflict(
            "twin.exists", f"there is a twin '{twin.name}' already", hint=f"see: cowork twin show {twin.name}"
        ) from error


def names_in(connection: sqlite3.Connection) -> set[str]:
    """The names in use, in a transaction that is under way."""
    return {str(row[0]) for row in connection.execute("SELECT name FROM agent_roles")}
