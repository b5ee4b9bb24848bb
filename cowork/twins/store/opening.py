"""`cowork.db`: opening, creating and migrating it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from cowork.core.clock import millis, parsed
from cowork.core.errors import InvalidInput
from cowork.core.files import cannot_write, ensure_dir
from cowork.core.paths import home
from cowork.twins.store import searching, sqlite
from cowork.twins.store.schema import VERSION, steps
from cowork.twins.store.sqlite import corrupt

__all__ = ["VERSION", "corrupt", "database_path", "reading", "writing"]

LOCK_TIMEOUT_S = 10.0  # how long a statement waits for another process to finish writing


def database_path() -> Path:
    """Where the database lives, whether or not it exists."""
    return home() / "cowork.db"


def size() -> int:
    """The bytes that the database takes on the disk, 0 while there is none."""
    path = database_path()
    return sum(file.stat().st_size for name in ("", "-wal") if (file := Path(f"{path}{name}")).exists())


@contextlib.contextmanager
def reading() -> Iterator[sqlite3.Connection | None]:
    """A connection in one transaction, or None while there is nothing to read. Creates nothing. Raises `database.*`.

    A database of an older version is migrated first, by a writer: a reader among others could not become one.
    """
    path = database_path()
    if not path.exists():
        yield None
        return
    with transaction(path, "BEGIN") as connection:
        found = _known_version(connection, path)
        if found in (0, VERSION):
            # Without a version the file is empty: its writer has not come further than creating it.
            yield connection if found else None
            return
    with transaction(path, "BEGIN IMMEDIATE") as connection:
        migrate(connection, path, from_nothing=False)
    with transaction(path, "BEGIN") as connection:
        yield connection


@contextlib.contextmanager
def writing() -> Iterator[sqlite3.Connection]:
    """A connection in a transaction that no other writer shares: committed when the block ends well, else rolled back.

    Raises `database.*` or `file.not_writable`.
    """
    path = database_path()
    ensure_dir(path.parent)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite would make it readable for all
    except OSError as error:
        raise cannot_write(path, error) from error
    with transaction(path, "BEGIN IMMEDIATE") as connection:
        migrate(connection, path, from_nothing=True)
        yield connection


@contextlib.contextmanager
def transaction(path: Path, begin: str) -> Iterator[sqlite3.Connection]:
    """A transaction on the database in a file, as it is. Raises `database.*`."""
    try:
        connection = sqlite.connect(path, LOCK_TIMEOUT_S, begin=begin)
        try:
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.close()  # an open transaction is rolled back
    except sqlite3.Error as error:
        raise sqlite.explain(path, error) from error


def migrate(connection: sqlite3.Connection, path: Path, *, from_nothing: bool) -> int:
    """Bring the schema up to VERSION; the version there was, or 0 when there is none. Raises `database.*`."""
    found = _known_version(connection, path)
    if found < VERSION and (found or from_nothing):
        for statement in steps(found):
            connection.execute(statement)  # one by one: executescript would end our transaction
        searching.prepare(connection)
        if found == 1:
            _schedule(connection, path)
        connection.execute("DELETE FROM schema_version")
        connection.execute("INSERT INTO schema_version (version) VALUES (?)", (VERSION,))
    return found


def version(connection: sqlite3.Connection, path: Path) -> int:
    """The version of the schema, 0 where there is none. Raises `database.corrupt`."""
    if not sqlite.has_table(connection, "schema_version"):
        return 0
    row = connection.execute("SELECT version FROM schema_version").fetchone()
    if not row or not isinstance(row[0], int) or row[0] < 1:
        raise corrupt(path, "it does not say which version of the schema it has")
    return int(row[0])


def _known_version(connection: sqlite3.Connection, path: Path) -> int:
    """As `version`, of a schema that is not from later. Raises `database.newer`, `database.corrupt`."""
    found = version(connection, path)
    if found > VERSION:
        raise InvalidInput(
            "database.newer",
            f"{path} was written by a newer cowork (version {found}, this one knows {VERSION})",
            hint="upgrade cowork",
            details={"path": str(path)},
        )
    return found


def _schedule(connection: sqlite3.Connection, path: Path) -> None:
    """Twins of version 1 had no heartbeats: they count from their activation, and their tasks are due since the first."""
    try:
        for twin_id, created_at, stagger in connection.execute(
            "SELECT id, created_at, stagger_minutes FROM agent_roles"
        ).fetchall():
            anchor = millis(parsed(created_at)) + stagger * 60_000
            connection.execute("UPDATE agent_roles SET anchor_ms = ? WHERE id = ?", (anchor, twin_id))
            connection.execute("UPDATE twin_tasks SET due_ms = ? WHERE twin_id = ?", (anchor, twin_id))
    except (ValueError, TypeError, OverflowError) as error:
        raise corrupt(path, f"a twin was not created at a time: {error}") from error


def changing(*, dry_run: bool) -> contextlib.AbstractContextManager[sqlite3.Connection | None]:
    """For what can be tried out: as `writing`, or with `dry_run` as `reading`."""
    return reading() if dry_run else writing()
