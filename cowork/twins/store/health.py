"""For `doctor`: whether the database is whole."""

from __future__ import annotations

from cowork.core.errors import CoworkError
from cowork.core.health import Check
from cowork.core.text import one_line
from cowork.twins.store import copies, opening, roles, sqlite
from cowork.twins.store.opening import database_path, reading

_WHAT_TO_DO = "restore a copy with: cowork twin restore FILE --yes"


def check() -> Check:
    """The database's own check, its version and how much there is in it. Twins are counted, not read: there may be many."""
    path = database_path()
    try:
        with reading() as connection:
            if connection is None:
                return Check("database", "ok", "none yet")
            wrong = sqlite.problems(connection) or tuple(filter(None, [roles.damage(connection)]))
            held = copies.contents(connection, opening.version(connection, path))
    except CoworkError as error:
        return Check("database", "fail", f"{error.message}; {error.hint}")
    if wrong:
        return Check("database", "fail", f"{path}: {one_line(wrong[0])}; {_WHAT_TO_DO}")
    return Check("database", "ok", f"{path}: whole, version {held.version}, {opening.size():,} bytes, {copies.told(held)}")
