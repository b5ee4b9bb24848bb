"""All that is SQLite's own: how it is opened, locked, checked and searched, and what its errors mean.

Every other statement of the store is understood by PostgreSQL's parser, too; tests hold it to that. Another database needs a
module with these functions, `searching` for what twins remember, and what the statements rest on: `?` for values, a write
transaction that no other writer shares (what is read in it stays true until it ends), and `NotUnique` for a row that is there.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path

from cowork.core import waiting
from cowork.core.errors import Conflict, CoworkError, InvalidInput
from cowork.twins.store import searching

SILENT_S = 1.0
"""How long nobody is told that another process is waited for."""
_WAITING = "waiting for another process to finish writing to the database ..."
_MOST_PROBLEMS = 5
NotUnique = sqlite3.IntegrityError
"""What a statement raises that writes what has to be unique a second time."""


def connect(path: Path, timeout_s: float, *, begin: str) -> sqlite3.Connection:
    """A connection in a transaction: "BEGIN", or "BEGIN IMMEDIATE" for one that no other writer shares.

    It waits for others so long; after SILENT_S that is told.
    """
    connection = sqlite3.connect(path, timeout=min(timeout_s, SILENT_S), isolation_level=None)
    try:
        if begin == "BEGIN IMMEDIATE":
            _use_wal(connection, timeout_s)
        connection.execute("PRAGMA foreign_keys=ON")
        _begin(connection, begin, timeout_s)
    except BaseException:
        connection.close()
        raise
    return connection


def _begin(connection: sqlite3.Connection, begin: str, timeout_s: float) -> None:
    rest_s = timeout_s - SILENT_S
    try:
        connection.execute(begin)
    except sqlite3.OperationalError as error:
        if "locked" not in str(error) or rest_s <= 0:
            raise
        waiting.tell(_WAITING)
        connection.execute(f"PRAGMA busy_timeout={int(rest_s * 1000)}")
        connection.execute(begin)
    connection.execute(f"PRAGMA busy_timeout={int(timeout_s * 1000)}")


def _use_wal(connection: sqlite3.Connection, timeout_s: float) -> None:
    """Readers and a writer side by side. SQLite does not wait for the lock that this switch needs, so we do."""
    began, told = time.monotonic(), False
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            waited = time.monotonic() - began
            if "locked" not in str(error) or waited > timeout_s:
                raise
            if waited > SILENT_S and not told:
                waiting.tell(_WAITING)
                told = True
            time.sleep(0.01)
        else:
            return


def has_table(connection: sqlite3.Connection, name: str) -> bool:
    """Whether there is a table with this name."""
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (name,))
    return found.fetchone() is not None


def tables(connection: sqlite3.Connection) -> tuple[str, ...]:
    """The tables that hold rows of ours; not those in which SQLite keeps what it finds words with."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return tuple(name for (name,) in found if not name.startswith(("sqlite_", "memories_search")))


def columns(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    """The columns of a table."""
    return tuple(row[1] for row in connection.execute(f"PRAGMA table_info({table})"))


def problems(connection: sqlite3.Connection) -> tuple[str, ...]:
    """What is wrong with the database, the first few findings; nothing when it is whole."""
    found = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({_MOST_PROBLEMS})")]
    loose = [f"a row of {row[0]} belongs to nothing in {row[2]}" for row in connection.execute("PRAGMA foreign_key_check")]
    return tuple([text for text in found if text != "ok"] + loose[:_MOST_PROBLEMS])


def copy(source: sqlite3.Connection, target: Path) -> None:
    """Copy a database as `source` sees it to a new file of its own, in one piece."""
    connection = sqlite3.connect(target, isolation_level=None)
    try:
        source.backup(connection)
        connection.execute("PRAGMA journal_mode=DELETE")  # nothing of it in a second file
    finally:
        connection.close()


def replace_rows(connection: sqlite3.Connection, other: str, keep: Iterable[str]) -> None:
    """Take all rows from the attached database `other`, which has the same schema; the tables to `keep` stay as they are."""
    for table in set(tables(connection)) - {*keep, "schema_version"}:
        listed = ", ".join(columns(connection, table))
        connection.execute(f"DELETE FROM {table}")
        connection.execute(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM {other}.{table}")
    searching.refill(connection)


def explain(path: Path, error: sqlite3.Error) -> CoworkError:
    """The error for what SQLite says of a database."""
    text, name = str(error), str(getattr(error, "sqlite_errorname", ""))
    details = {"path": str(path)}
    if name == "SQLITE_FULL":
        what = f"there is no room for {path} to grow"
        hint = "free some space and try again; what was stored before is whole"
        return CoworkError("database.full", what, cause=text, hint=hint, details=details)
    if searching.is_missing(error):
        hint = "use a Python whose SQLite has FTS5, as the one that made the database"
        return CoworkError("database.no_search", f"this SQLite cannot search {path}", cause=text, hint=hint, details=details)
    if "locked" in text or "busy" in text:
        hint = "another process is writing; try again"
        return Conflict("database.locked", f"{path} is locked", cause=text, hint=hint, details=details)
    if name.startswith("SQLITE_READONLY"):
        hint = f"make {path.parent} and what is in it writable, or point COWORK_HOME at a directory that is"
        return CoworkError("database.read_only", f"{path} cannot be written", cause=text, hint=hint, details=details)
    if isinstance(error, sqlite3.IntegrityError):
        what, hint = f"{path} refuses what was to be stored", "nothing of it was; what was there before is whole"
        return CoworkError("database.refused", what, cause=text, hint=hint, details=details)
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        return corrupt(path, text)
    hint = f"check that {path.parent} can be read and written, and the free space"
    return CoworkError("database.failed", f"cannot use {path}", cause=text, hint=hint, details=details)


def corrupt(path: Path, cause: str) -> InvalidInput:
    """The error for a database whose content cannot be understood."""
    return InvalidInput(
        "database.corrupt",
        f"{path} cannot be read",
        cause=cause,
        hint="restore a copy: cowork twin restore FILE --yes, which keeps this one; or move the file away",
        details={"path": str(path)},
    )


def attach(connection: sqlite3.Connection, path: Path, name: str) -> None:
    """Make another database readable beside this one; before a transaction. References are not watched."""
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute(f"ATTACH DATABASE ? AS {name}", (str(path),))
