"""What the organization knows: rows of subject, relation and object that every twin may cite."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from cowork.core.clock import from_millis
from cowork.core.errors import InvalidInput, LimitReached, NotFound
from cowork.formats.facts import Triple
from cowork.twins.facts import MOST_FACTS, OrgFact
from cowork.twins.store import ids
from cowork.twins.store.opening import corrupt, database_path
from cowork.twins.store.roles import insert

_COLUMNS = "id subject relation object created_ms".split()
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM facts"


def everything(connection: sqlite3.Connection) -> list[OrgFact]:
    """Every fact, sorted by subject, relation and object."""
    return [_fact(row) for row in connection.execute(f"{_SELECT} ORDER BY subject, relation, object")]


def known(connection: sqlite3.Connection, triple: Triple) -> OrgFact | None:
    """The fact that says just this."""
    row = connection.execute(f"{_SELECT} WHERE subject = ? AND relation = ? AND object = ?", triple).fetchone()
    return _fact(row) if row else None


def found(connection: sqlite3.Connection | None, wanted: str) -> OrgFact:
    """The fact with an id, `fact.<id>`, or the start of one. Raises `facts.not_found` or `facts.ambiguous`."""
    start = wanted.removeprefix("fact.")
    matches = ids.starting(connection, "facts", start) if connection else []
    if len(matches) > 1:
        hint = f"it could be: {', '.join(matches)}"
        raise InvalidInput("facts.ambiguous", f"several facts begin with '{start}'", hint=hint, details={"fact": start})
    row = connection.execute(f"{_SELECT} WHERE id = ?", (matches[0],)).fetchone() if connection and matches else None
    if row is None:
        hint = "list them with: cowork twin facts"
        raise NotFound("facts.not_found", f"there is no fact '{wanted}'", hint=hint, details={"fact": wanted})
    return _fact(row)


def need_room(connection: sqlite3.Connection | None, number: int) -> None:
    """Make sure that so many facts can be added. Raises LimitReached `facts.full`."""
    count = connection.execute("SELECT COUNT(*) FROM facts").fetchone()[0] if connection else 0
    if count + number > MOST_FACTS:
        text = f"{count} facts are known, {number} are to be added, and no more than {MOST_FACTS:,} are kept"
        raise LimitReached("facts.full", text, hint="remove some with: cowork twin facts remove ID")


def add(connection: sqlite3.Connection, triples: Sequence[Triple], now: int) -> list[OrgFact]:
    """Keep facts that are not known yet, in a transaction that is under way."""
    added = []
    for triple in triples:
        fact_id = ids.unused(connection, "facts")
        connection.execute(insert("facts", _COLUMNS), (fact_id, *triple, now))
        added.append(OrgFact(fact_id, *triple, from_millis(now)))
    return added


def remove(connection: sqlite3.Connection, facts: Sequence[OrgFact]) -> None:
    """Remove facts, in a transaction that is under way."""
    connection.executemany("DELETE FROM facts WHERE id = ?", [(fact.id,) for fact in facts])


def _fact(row: Sequence[Any]) -> OrgFact:
    fact_id, subject, relation, object_, created = row
    try:
        return OrgFact(fact_id, subject, relation, object_, from_millis(created))
    except (TypeError, ValueError, OverflowError, OSError) as error:  # the column does not hold what we wrote
        raise corrupt(database_path(), str(error)) from error
