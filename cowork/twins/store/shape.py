"""Whether a database has our schema and nothing beside it: a copy may come from others, and what it holds would run here.

A trigger acts at every later write, and a view, a computed column or a constraint takes as long as it likes to be read.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from cowork.twins.store import searching
from cowork.twins.store.schema import MIGRATIONS, steps

_VERSION = ("table", "schema_version")
_INDEX = "memories_search"
_OF_INDEX = frozenset(f"{_INDEX}_{part}" for part in ("data", "idx", "content", "docsize", "config"))
_OF_SQLITE = frozenset(("sqlite_sequence", "sqlite_stat1", "sqlite_stat4"))


def strangeness(connection: sqlite3.Connection) -> str | None:
    """What is not as one of our versions makes it; None when all is. Reads no rows. Raises `sqlite3.Error`."""
    found = _schema(connection)
    versions = [_ours(version) for version in range(1, len(MIGRATIONS) + 1)]
    closest = min(versions, key=lambda ours: len(set(ours.items()) ^ set(found.items())))
    other = sorted(name for name in {*found, *closest} if found.get(name) != closest.get(name))
    return f"its {other[0][0]} {other[0][1]} is not as cowork makes it" if other else None


def has_version(connection: sqlite3.Connection) -> bool:
    """Whether the version of a schema that is not ours can be read."""
    return _schema(connection).get(_VERSION) == _ours(1)[_VERSION]


def _ours(version: int) -> dict[tuple[str, str], str]:
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in steps(0, version):
            connection.execute(statement)
        return _schema(connection)


def _schema(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """What makes each part, by kind and name; without the index of words, which is made anew, and what is SQLite's own."""
    parts = dict[tuple[str, str], str]()
    for kind, name, made_by in connection.execute("SELECT type, name, sql FROM sqlite_master"):
        if kind == "table" and (name in _OF_SQLITE or (name in _OF_INDEX and _is_plain(made_by))):
            continue
        if (kind == "table" and name == _INDEX and _words(made_by) == _words(searching.MAKE)) or (
            kind == "index" and made_by is None
        ):
            continue
        parts[str(kind), str(name)] = _words(made_by)
    return parts


def _is_plain(made_by: object) -> bool:
    """Whether a table has columns alone."""
    words = _words(made_by).upper()
    return not any(word in words for word in (" AS ", " AS(", ")AS", "CHECK", "GENERATED", "DEFAULT"))


def _words(made_by: object) -> str:
    return " ".join(str(made_by).split())
