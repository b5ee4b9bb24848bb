"""Copies of the whole database: made while others work on it, and put back without others seeing half of it.

What is put back comes in as rows, in one transaction on the database as it is: whoever has it open sees the state before or the
state after. Only a database that cannot be read is replaced as a file.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from cowork.core.errors import Conflict, CoworkError, InvalidInput, NotFound
from cowork.core.files import cannot_write, ensure_dir, sync_dir, unused
from cowork.core.text import counted
from cowork.twins.store import opening, shape, sqlite
from cowork.twins.store.leases import is_live

_OF_PROCESSES = ("servers",)
"""Tables that speak of what runs on this machine now."""
_BESIDE = ("-wal", "-shm")


@dataclass(frozen=True)
class Contents:
    """What a database or a copy holds."""

    version: int
    twins: int
    tasks: int
    results: int


def told(held: Contents) -> str:
    """What a database or a copy holds, for a person."""
    tasks, results = counted(held.tasks, "task"), counted(held.results, "result")
    return f"{counted(held.twins, 'twin')} with {tasks} and {results}"


def contents(connection: sqlite3.Connection, version: int) -> Contents:
    """How much there is in a database. Of an older version there may be no results yet."""
    results = "results" if sqlite.has_table(connection, "results") else "twin_tasks WHERE 1 = 0"
    counts = [
        int(connection.execute(f"SELECT COUNT(*) FROM {what}").fetchone()[0]) for what in ("agent_roles", "twin_tasks", results)
    ]
    return Contents(version, *counts)


def backup(target: Path, *, force: bool = False) -> Contents:
    """Copy the database to `target`, with `force` in the place of a file: checked, private, in one piece.

    Raises `backup.*`, `database.*`, `file.not_writable`.
    """
    path = opening.database_path()
    if not path.exists():
        raise nothing()
    refuse_target(target, force=force)
    with opening.transaction(path, "BEGIN") as connection:
        found = opening.version(connection, path)
        _refuse_newer(found, path)
        if not found:
            raise nothing()
        _write(connection, target, force=force)
        return contents(connection, found)


def refuse_target(target: Path, *, force: bool) -> None:
    """Refuse to copy over something. Raises Conflict `backup.exists`."""
    path = opening.database_path()
    if target.exists() and path.exists() and target.samefile(path):
        raise Conflict("backup.exists", f"{target} is what there is to copy", hint="name another file")
    if not force and (target.exists() or target.is_symlink()):
        raise Conflict("backup.exists", f"there is a file {target} already", hint="name another file, or add --force")


def nothing() -> NotFound:
    """The error where there is nothing to copy."""
    return NotFound("backup.nothing", "there are no twins to copy yet", hint="for one: cowork twin activate software-engineer")


def _write(connection: sqlite3.Connection, target: Path, *, force: bool = False) -> None:
    """Copy what a connection sees: complete and checked under its name, or not there."""
    ensure_dir(target.parent)
    temporary = unused(target.parent, f".{target.name}.")
    try:
        os.close(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
        sqlite.copy(connection, temporary)
        examine(temporary, name=target)
        handle = os.open(temporary, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        if force:
            temporary.replace(target)
        else:
            os.link(temporary, target)  # which does not replace what came there meanwhile
        sync_dir(target.parent)
    except FileExistsError:
        raise Conflict("backup.exists", f"there is a file {target} already", hint="name another file") from None
    except OSError as error:
        raise cannot_write(target, error) from error
    except sqlite3.Error as error:
        raise sqlite.explain(target, error) from error
    finally:
        for beside in ("", "-journal", *_BESIDE):
            with suppress(OSError):
                Path(f"{temporary}{beside}").unlink()


def examine(path: Path, *, name: Path | None = None) -> Contents:
    """What a copy holds. Raises `database.newer`, `database.corrupt` or NotFound `backup.not_found`; nothing is changed.

    `name` is what to call it when it is about to be called so.
    """
    called = name or path
    if not path.is_file():
        raise NotFound("backup.not_found", f"there is no file {called}", hint="cowork twin backup makes one")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)) as connection:
            connection.execute("BEGIN")
            found = _version(connection, called)
            wrong = sqlite.problems(connection)
            if not found or wrong:
                raise _broken(called, wrong[0] if wrong else "it holds no twins of cowork")
            odd = shape.wrong_value(connection)
            if odd is not None:
                raise _broken(called, odd)
            return contents(connection, found)
    except sqlite3.Error as error:
        raise _broken(called, str(error)) from error


def _version(connection: sqlite3.Connection, called: Path) -> int:
    """The version of a copy that has our schema alone. Raises `backup.corrupt`, `database.newer`."""
    strange = shape.strangeness(connection)
    if strange is not None and shape.has_version(connection):
        _refuse_newer(opening.version(connection, called), called)
    if strange is not None and sqlite.has_table(connection, "schema_version"):
        raise _broken(called, strange)
    return opening.version(connection, called)


def restore(source: Path, kept: Path, now: int, *, force: bool) -> Path | None:
    """Put a copy in the place of the database, which is kept as `kept`; None when there was none to keep.

    Raises what `examine` raises of the copy, Conflict `twin.busy` while a twin is at work unless `force`, `database.newer` and
    `database.locked`.
    """
    examine(source)
    path = opening.database_path()
    ensure_dir(path.parent)
    work = unused(path.parent, ".restore.")
    try:
        _prepare(source, work)
        try:
            before = _readable(path)
        except InvalidInput as error:
            if error.code != "database.corrupt":
                raise
            return _replace_file(path, work, kept)
        if not before:
            with opening.writing():
                pass
        _replace_rows(path, work, kept if before else None, now, force=force)
        return kept if before else None
    finally:
        for beside in ("", "-journal", *_BESIDE):
            with suppress(OSError):
                Path(f"{work}{beside}").unlink()


def at_work(connection: sqlite3.Connection, now: int) -> list[str]:
    """The names of the twins that a living process lets work."""
    rows = connection.execute(
        "SELECT r.name, l.owner, l.until_ms FROM leases l JOIN agent_roles r ON r.id = l.twin_id ORDER BY r.name"
    )
    return [str(name) for name, owner, until in rows if is_live(owner, until, now)]


def _prepare(source: Path, work: Path) -> None:
    """A copy of the copy, of the present version, so that the copy itself is never written to."""
    os.close(os.open(work, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            sqlite.copy(connection, work)
        examine(work, name=source)  # what was looked at before may have changed since
        with closing(sqlite3.connect(work, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            opening.migrate(connection, source, from_nothing=False)
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise sqlite.explain(work, error) from error


def _readable(path: Path) -> int:
    """The version of the present database, 0 when there is none. Raises `database.*`."""
    if not path.exists():
        return 0
    with opening.transaction(path, "BEGIN") as connection:
        found = opening.version(connection, path)
        _refuse_newer(found, path)
        wrong = sqlite.problems(connection)
        if wrong:
            raise sqlite.corrupt(path, wrong[0])
        return found


def _replace_rows(path: Path, work: Path, kept: Path | None, now: int, *, force: bool) -> None:
    try:
        with closing(sqlite3.connect(path, timeout=opening.LOCK_TIMEOUT_S, isolation_level=None)) as connection:
            sqlite.attach(connection, work, "copy")
            connection.execute("BEGIN IMMEDIATE")
            opening.migrate(connection, path, from_nothing=True)
            busy = at_work(connection, now)
            if busy and not force:
                hint = "wait until it is done, or lose what it does with --force"
                raise Conflict("twin.busy", f"{busy[0]} is at work", hint=hint, details={"twins": busy[:20]})
            if kept is not None:
                with opening.transaction(path, "BEGIN") as other:  # sees what was committed: nobody else can write now
                    _write(other, kept)
            sqlite.replace_rows(connection, "copy", _OF_PROCESSES)
            connection.execute("UPDATE leases SET token = '', until_ms = 0")  # of processes that work on what was before
            wrong = sqlite.problems(connection)
            if wrong:
                raise sqlite.corrupt(path, wrong[0])
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise sqlite.explain(path, error) from error


def _replace_file(path: Path, work: Path, kept: Path) -> Path:
    """Move a database that cannot be read aside, with what belongs to it, and the copy to its place."""
    ensure_dir(kept.parent)
    try:
        for beside in ("", *_BESIDE):
            old = Path(f"{path}{beside}")
            if old.exists():
                old.rename(f"{kept}{beside}")
        work.replace(path)
        sync_dir(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error
    return kept


def _refuse_newer(found: int, path: Path) -> None:
    if found > opening.VERSION:
        raise InvalidInput(
            "database.newer",
            f"{path} was written by a newer cowork (version {found}, this one knows {opening.VERSION})",
            hint="upgrade cowork",
            details={"path": str(path)},
        )


def _broken(path: Path, cause: str) -> CoworkError:
    hint = "use another copy; they are in the directory backups of COWORK_HOME"
    return InvalidInput("backup.corrupt", f"{path} is no whole copy", cause=cause, hint=hint, details={"path": str(path)})
