"""The twins in `cowork.db`. The SQL keeps to what SQLite and PostgreSQL both understand."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cowork.core.errors import Conflict, CoworkError
from cowork.core.plain import to_plain
from cowork.twins.database import corrupt, database_path, reading, writing
from cowork.twins.twin import Twin, TwinTask, free_name

if TYPE_CHECKING:
    from cowork.core.health import Check

_ROLE = [field.name for field in dataclasses.fields(Twin) if field.name != "tasks"]
_TASK = [field.name for field in dataclasses.fields(TwinTask)]


def twins() -> list[Twin]:
    """Every twin, sorted by name; none when there is no database. Nothing is created. Raises `database.*` errors."""
    with reading() as connection:
        return _read(connection) if connection else []


def names() -> set[str]:
    """The names in use."""
    with reading() as connection:
        return _names(connection) if connection else set()


def add(twin: Twin) -> None:
    """Store a new twin with its tasks, all or nothing. Raises `twin.exists` or a `database.*` error."""
    with writing() as connection:
        _write(connection, twin)


def active() -> int:
    """How many twins are active."""
    with reading() as connection:
        return _active(connection) if connection else 0


def add_numbered(twin: Twin, *, admit: Callable[[int], None] = lambda _others: None) -> Twin:
    """Store a new twin under its name, or the first of name-2, name-3, ... that is free; returns it as stored.

    The name is chosen while nobody else can write, so two processes never choose the same. `admit` is then told how many
    other twins are active, and may raise.
    """
    with writing() as connection:
        admit(_active(connection))
        named = dataclasses.replace(twin, name=free_name(twin.name, _names(connection)))
        _write(connection, named)
    return named


def _write(connection: sqlite3.Connection, twin: Twin) -> None:
    role = to_plain(twin)
    role["capabilities"], role["soul"] = json.dumps(role["capabilities"]), json.dumps(role["soul"])
    tasks = [[twin.id, *(json.dumps(task[key]) if key == "evidence" else task[key] for key in _TASK)] for task in role["tasks"]]
    try:
        connection.execute(_insert("agent_roles", _ROLE), [role[key] for key in _ROLE])
    except sqlite3.IntegrityError as error:
        raise Conflict(
            "twin.exists", f"there is a twin '{twin.name}' already", hint=f"see: cowork twin show {twin.name}"
        ) from error
    connection.executemany(_insert("twin_tasks", ["twin_id", *_TASK]), tasks)


def _insert(table: str, columns: list[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def _names(connection: sqlite3.Connection) -> set[str]:
    return {str(row[0]) for row in connection.execute("SELECT name FROM agent_roles")}


def _active(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT COUNT(*) FROM agent_roles WHERE status = 'active'").fetchone()[0])


def _read(connection: sqlite3.Connection) -> list[Twin]:
    tasks: dict[str, list[TwinTask]] = {}
    found = []
    try:
        for twin_id, *row in connection.execute(f"SELECT twin_id, {', '.join(_TASK)} FROM twin_tasks ORDER BY priority, id"):
            task = dict(zip(_TASK, row, strict=True))
            task |= {"enabled": bool(task["enabled"]), "evidence": tuple(json.loads(task["evidence"]))}
            tasks.setdefault(twin_id, []).append(TwinTask(**task))
        for row in connection.execute(f"SELECT {', '.join(_ROLE)} FROM agent_roles ORDER BY name"):
            fields: dict[str, Any] = dict(zip(_ROLE, row, strict=True))
            fields |= {"capabilities": tuple(json.loads(fields["capabilities"])), "soul": json.loads(fields["soul"])}
            found.append(Twin(**fields, tasks=tuple(tasks.get(fields["id"], ()))))
    except (ValueError, TypeError, RecursionError) as error:  # a column does not hold the JSON we wrote
        raise corrupt(database_path(), str(error)) from error
    return found


def check() -> Check:
    """For `doctor`: the database's own integrity check."""
    from cowork.core.health import Check

    path = database_path()
    try:
        with reading() as connection:
            if connection is None:
                return Check("database", "ok", "none yet")
            verdict = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
            count = len(_read(connection))
    except CoworkError as error:
        return Check("database", "fail", error.message)
    return Check("database", "ok" if verdict == "ok" else "fail", f"{path}: {verdict}, {count} twin(s)")
