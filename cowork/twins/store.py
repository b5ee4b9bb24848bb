"""`cowork.db`: the twins. The SQL keeps to what SQLite and PostgreSQL both understand."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cowork.core.errors import Conflict, CoworkError, InvalidInput
from cowork.core.files import cannot_write, ensure_dir
from cowork.core.health import Check
from cowork.core.paths import home
from cowork.core.plain import to_plain
from cowork.twins.twin import Twin, TwinTask

VERSION = 1
_MIGRATIONS = (
    """
    CREATE TABLE schema_version (version INTEGER NOT NULL);
    CREATE TABLE agent_roles (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        display_name TEXT NOT NULL,
        status TEXT NOT NULL,
        template_id TEXT NOT NULL,
        template_version TEXT NOT NULL,
        category TEXT NOT NULL,
        icon TEXT NOT NULL,
        color TEXT NOT NULL,
        autonomy TEXT NOT NULL,
        capabilities TEXT NOT NULL,
        interval_minutes INTEGER NOT NULL,
        stagger_minutes INTEGER NOT NULL,
        system_prompt TEXT NOT NULL,
        soul TEXT NOT NULL,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL
    );
    CREATE TABLE twin_tasks (
        twin_id TEXT NOT NULL REFERENCES agent_roles(id) ON DELETE CASCADE,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        description TEXT NOT NULL,
        category TEXT NOT NULL,
        frequency_minutes INTEGER NOT NULL,
        priority INTEGER NOT NULL,
        enabled INTEGER NOT NULL,
        evidence TEXT NOT NULL,
        prompt_template TEXT NOT NULL,
        PRIMARY KEY (twin_id, id)
    )
    """,
)
_ROLE = [field.name for field in dataclasses.fields(Twin) if field.name != "tasks"]
_TASK = [field.name for field in dataclasses.fields(TwinTask)]


def database_path() -> Path:
    """Where the database lives, whether or not it exists."""
    return home() / "cowork.db"


def twins() -> list[Twin]:
    """Every twin, sorted by name; none when there is no database. Nothing is created. Raises `database.*` errors."""
    if not database_path().exists():
        return []
    with _connected(create=False) as connection:
        return _read(connection)


def names() -> set[str]:
    """The names in use."""
    return {twin.name for twin in twins()}


def add(twin: Twin) -> None:
    """Store a new twin with its tasks, all or nothing. Raises `twin.exists` or a `database.*` error."""
    role = to_plain(twin)
    role["capabilities"], role["soul"] = json.dumps(role["capabilities"]), json.dumps(role["soul"])
    tasks = [[twin.id, *(json.dumps(task[key]) if key == "evidence" else task[key] for key in _TASK)] for task in role["tasks"]]
    with _connected(create=True) as connection:
        try:
            connection.execute(_insert("agent_roles", _ROLE), [role[key] for key in _ROLE])
        except sqlite3.IntegrityError as error:
            raise Conflict(
                "twin.exists", f"there is a twin '{twin.name}' already", hint=f"see: cowork twin show {twin.name}"
            ) from error
        connection.executemany(_insert("twin_tasks", ["twin_id", *_TASK]), tasks)


def _insert(table: str, columns: list[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def _read(connection: sqlite3.Connection) -> list[Twin]:
    tasks: dict[str, list[TwinTask]] = {}
    for twin_id, *row in connection.execute(f"SELECT twin_id, {', '.join(_TASK)} FROM twin_tasks ORDER BY priority, id"):
        task = dict(zip(_TASK, row, strict=True))
        task |= {"enabled": bool(task["enabled"]), "evidence": tuple(json.loads(task["evidence"]))}
        tasks.setdefault(twin_id, []).append(TwinTask(**task))
    found = []
    for row in connection.execute(f"SELECT {', '.join(_ROLE)} FROM agent_roles ORDER BY name"):
        fields: dict[str, Any] = dict(zip(_ROLE, row, strict=True))
        fields |= {"capabilities": tuple(json.loads(fields["capabilities"])), "soul": json.loads(fields["soul"])}
        found.append(Twin(**fields, tasks=tuple(tasks.get(fields["id"], ()))))
    return found


@contextlib.contextmanager
def _connected(*, create: bool) -> Iterator[sqlite3.Connection]:
    """A migrated connection in one transaction: committed when the block ends well, rolled back otherwise."""
    path = database_path()
    if create:
        ensure_dir(path.parent)
    try:
        connection = sqlite3.connect(path, timeout=10, isolation_level=None)
        try:
            if create:
                connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("BEGIN IMMEDIATE" if create else "BEGIN")
            _migrate(connection, path)
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.close()  # an open transaction is rolled back
    except sqlite3.Error as error:
        raise _explain(path, error) from error
    except OSError as error:
        raise cannot_write(path, error) from error


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'").fetchone()
    version = connection.execute("SELECT version FROM schema_version").fetchone()[0] if known else 0
    if version > VERSION:
        raise InvalidInput(
            "database.newer",
            f"{path} was written by a newer cowork (version {version}, this one knows {VERSION})",
            hint="upgrade cowork",
            details={"path": str(path)},
        )
    if version == VERSION:
        return
    for script in _MIGRATIONS[version:]:
        for statement in script.split(";"):  # executescript would end our transaction
            connection.execute(statement)
    connection.execute("DELETE FROM schema_version")
    connection.execute("INSERT INTO schema_version (version) VALUES (?)", (VERSION,))


def _explain(path: Path, error: sqlite3.Error) -> CoworkError:
    text = str(error)
    if "locked" in text or "busy" in text:
        return Conflict("database.locked", f"{path} is locked", cause=text, hint="another process is writing; try again")
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        return InvalidInput(
            "database.corrupt", f"{path} cannot be read", cause=text, hint="move the file away or restore a copy"
        )
    return CoworkError("database.failed", f"cannot use {path}", cause=text, hint="check the path and the free space")


def check() -> Check:
    """For `doctor`: the database's own integrity check."""
    path = database_path()
    if not path.exists():
        return Check("database", "ok", "none yet")
    try:
        with _connected(create=False) as connection:
            verdict = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
            count = len(_read(connection))
    except CoworkError as error:
        return Check("database", "fail", error.message)
    return Check("database", "ok" if verdict == "ok" else "fail", f"{path}: {verdict}, {count} twin(s)")
