"""What twins remember. The table and its index are written together."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from cowork.core.clock import from_millis
from cowork.core.errors import Conflict, InvalidInput, LimitReached, NotFound
from cowork.twins.memory import MOST_MEMORIES, Memory, MemoryKind
from cowork.twins.store import ids, searching
from cowork.twins.store.opening import corrupt, database_path
from cowork.twins.store.roles import insert

_COLUMNS = "id twin_id kind text source created_ms".split()
_SELECT = "SELECT m.id, r.name, m.kind, m.text, m.source, m.created_ms FROM memories m JOIN agent_roles r ON r.id = m.twin_id"


def of_twin(connection: sqlite3.Connection, twin_id: str) -> list[Memory]:
    """Everything a twin remembers, newest first."""
    rows = connection.execute(f"{_SELECT} WHERE m.twin_id = ? ORDER BY m.created_ms DESC, m.id", (twin_id,))
    return [_memory(row) for row in rows]


def found(connection: sqlite3.Connection | None, wanted: str) -> Memory:
    """The memory with an id, `memory.<id>`, or the start of one. Raises `memory.not_found` or `memory.ambiguous`."""
    start = wanted.removeprefix("memory.")
    matches = ids.starting(connection, "memories", start) if connection else []
    if len(matches) > 1:
        hint = f"it could be: {', '.join(matches)}"
        raise InvalidInput("memory.ambiguous", f"several memories begin with '{start}'", hint=hint, details={"memory": start})
    row = connection.execute(f"{_SELECT} WHERE m.id = ?", (matches[0],)).fetchone() if connection and matches else None
    if row is None:
        hint = "list what a twin remembers with: cowork twin memory NAME"
        raise NotFound("memory.not_found", f"there is no memory '{wanted}'", hint=hint, details={"memory": wanted})
    return _memory(row)


def same(connection: sqlite3.Connection, twin_id: str, kind: MemoryKind, text: str) -> Memory | None:
    """The memory of a twin that says just this."""
    row = connection.execute(
        f"{_SELECT} WHERE m.twin_id = ? AND m.kind = ? AND m.text = ? ORDER BY m.created_ms", (twin_id, kind, text)
    ).fetchone()
    return _memory(row) if row else None


def from_source(connection: sqlite3.Connection, twin_id: str, source: str) -> Memory | None:
    """What a twin learned from a source."""
    row = connection.execute(f"{_SELECT} WHERE m.twin_id = ? AND m.source = ?", (twin_id, source)).fetchone()
    return _memory(row) if row else None


def add(connection: sqlite3.Connection, twin_id: str, kind: MemoryKind, text: str, source: str, now: int) -> Memory:
    """Keep a memory, in a transaction that is under way. Raises LimitReached `memory.full` and Conflict `twin.gone`."""
    count = connection.execute("SELECT COUNT(*) FROM memories WHERE twin_id = ?", (twin_id,)).fetchone()[0]
    row = connection.execute("SELECT name FROM agent_roles WHERE id = ?", (twin_id,)).fetchone()
    if row is None:
        raise Conflict("twin.gone", "the twin was removed", hint="see: cowork twin list")
    if count >= MOST_MEMORIES:
        hint = f"forget some with: cowork twin forget ID; see: cowork twin memory {row[0]}"
        raise LimitReached("memory.full", f"'{row[0]}' remembers {count} things already", hint=hint, details={"twin": row[0]})
    memory_id = ids.unused(connection, "memories")
    connection.execute(insert("memories", _COLUMNS), (memory_id, twin_id, kind, text, source, now))
    searching.remember(connection, [(memory_id, twin_id, text)])
    return Memory(memory_id, str(row[0]), kind, text, source, from_millis(now))


def remove(connection: sqlite3.Connection, memories: Sequence[Memory]) -> None:
    """Forget memories, in a transaction that is under way."""
    for memory in memories:
        row = connection.execute("SELECT twin_id FROM memories WHERE id = ?", (memory.id,)).fetchone()
        if row is not None:
            searching.forget(connection, str(row[0]), memory.id)
            connection.execute("DELETE FROM memories WHERE id = ?", (memory.id,))


def _memory(row: Sequence[Any]) -> Memory:
    memory_id, twin, kind, text, source, created = row
    try:
        return Memory(memory_id, twin, kind, text, source, from_millis(created))
    except (TypeError, ValueError, OverflowError, OSError) as error:  # the column does not hold what we wrote
        raise corrupt(database_path(), str(error)) from error
