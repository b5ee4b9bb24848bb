"""`cowork.db`: opening, creating and migrating it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from cowork.core.errors import Conflict, CoworkError, InvalidInput
from cowork.core.files import cannot_write, ensure_dir
from cowork.core.paths import home
from cowork.twins.store import searching
from cowork.twins.store.schema import VERSION, steps

LOCK_TIMEOUT_S = 10.0  # how long a statement waits for another process to finish writing


def database_path() -> Path:
    """Where the database lives, whether or not it exists."""
    return home() / "cowork.db"


@contextlib.contextmanager
def reading() -> Iterator[sqlite3.Connection | None]:
    """A connection in one transaction, or None while there is nothing to read. Creates nothing. Raises `database.*`."""
    path = database_path()
    if not path.exists():
        yield None
        return
    with _transaction(path, "BEGIN") as connection:
        # Without a version the file is empty: its writer has not come further than creating it.
        yield connection if _migrate(connection, path, from_nothing=False) else None


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
    with _transaction(path, "BEGIN IMMEDIATE") as connection:
        _migrate(connection, path, from_nothing=True)
        yield connection


@contextlib.contextmanager
def _transaction(path: Path, begin: str) -> Iterator[sqlite3.Connection]:
    try:
        connection = sqlite3.connect(path, timeout=LOCK_TIMEOUT_S, isolation_level=None)
        try:
            if begin == "BEGIN IMMEDIATE":
                _use_wal(connection)
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute(begin)
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.close()  # an open transaction is rolled back
    except sqlite3.Error as error:
        raise _explain(path, error) from error


def _use_wal(connection: sqlite3.Connection) -> None:
    """Readers and a writer side by side. SQLite does not wait for the lock that this switch needs, so we do."""
    deadline = time.monotonic() + LOCK_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _migrate(connection: sqlite3.Connection, path: Path, *, from_nothing: bool) -> bool:
    """Bring the schema up to VERSION; False when there is none and none is to be made."""
    version = _version(connection, path)
    if version > VERSION:
        raise InvalidInput(
            "database.newer",
            f"{path} was written by a newer cowork (version {version}, this one knows {VERSION})",
            hint="upgrade cowork",
            details={"path": str(path)},
        )
    if version < VERSION and (version or from_nothing):
        for statement in steps(version):
            connection.execute(statement)  # one by one: executescript would end our transaction
        searching.prepare(connection)
        connection.execute("DELETE FROM schema_version")
        connection.execute("INSERT INTO schema_version (version) VALUES (?)", (VERSION,))
    return bool(version or from_nothing)


def _version(connection: sqlite3.Connection, path: Path) -> int:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'").fetchone():
        return 0
    row = connection.execute("SELECT version FROM schema_version").fetchone()
    if not row or not isinstance(row[0], int) or row[0] < 1:
        raise corrupt(path, "it does not say which version of the schema it has")
    return int(row[0])


def corrupt(path: Path, cause: str) -> InvalidInput:
    """The error for a database whose content cannot be understood."""
    return InvalidInput(
        "database.corrupt",
        f"{path} cannot be read",
        cause=cause,
        hint="move the file away or restore a copy",
        details={"path": str(path)},
    )


def _explain(path: Path, error: sqlite3.Error) -> CoworkError:
    text = str(error)
    if "locked" in text or "busy" in text:
        return Conflict("database.locked", f"{path} is locked", cause=text, hint="another process is writing; try again")
    if searching.is_missing(error):
        hint = "use a Python whose SQLite has FTS5, as the one that made the database"
        return CoworkError("database.no_search", f"this SQLite cannot search {path}", cause=text, hint=hint)
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        return corrupt(path, text)
    return CoworkError("database.failed", f"cannot use {path}", cause=text, hint="check the path and the free space")


def changing(*, dry_run: bool) -> contextlib.AbstractContextManager[sqlite3.Connection | None]:
    """For what can be tried out: as `writing`, or with `dry_run` as `reading`."""
    return reading() if dry_run else writing()
