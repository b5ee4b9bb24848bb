"""For `doctor`: whether the database is whole."""

from __future__ import annotations

from cowork.core.errors import CoworkError
from cowork.core.health import Check
from cowork.twins.store import roles
from cowork.twins.store.opening import database_path, reading


def check() -> Check:
    """The database's own integrity check."""
    path = database_path()
    try:
        with reading() as connection:
            if connection is None:
                return Check("database", "ok", "none yet")
            verdict = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
            count = len(roles.read(connection))
    except CoworkError as error:
        return Check("database", "fail", error.message)
    return Check("database", "ok" if verdict == "ok" else "fail", f"{path}: {verdict}, {count} twin(s)")
