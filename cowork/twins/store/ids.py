"""Short ids: what people type, and what claims cite."""

from __future__ import annotations

import sqlite3
from secrets import token_hex
from typing import Literal

Table = Literal["memories", "facts", "results", "requests", "beats", "deliveries"]
_SHAPES: dict[Table, tuple[str, int]] = {
    "memories": ("", 3),
    "facts": ("", 3),
    "results": ("r", 4),
    "requests": ("q", 4),
    "beats": ("b", 5),
    "deliveries": ("d", 5),
}
"""Of each table the letter that its ids begin with, and how many random bytes follow."""


def proposed(table: Table, longer: int = 0) -> str:
    """An id for a row that is not stored yet. So short a one may be taken: `free` sees to that when it is stored."""
    letter, size = _SHAPES[table]
    return f"{letter}{token_hex(size + longer)}"


def free(connection: sqlite3.Connection, table: Table, wanted: str) -> str:
    """The id that is wanted, or another if a row has it, in a transaction that is under way."""
    tries = 0
    while connection.execute(f"SELECT 1 FROM {table} WHERE id = ?", (wanted,)).fetchone() is not None:
        tries += 1
        wanted = proposed(table, tries // 8)
    return wanted


def unused(connection: sqlite3.Connection, table: Table) -> str:
    """An id that no row of a table has: some hexadecimal digits, more where most are taken."""
    return free(connection, table, proposed(table))


def starting(connection: sqlite3.Connection, table: Table, start: str) -> list[str]:
    """The id that is `start`, or else those that begin with it, sorted; at most ten. None begins with nothing."""
    if not start or not start.isascii():
        return []
    rows = connection.execute(
        f"SELECT id FROM {table} WHERE substr(id, 1, ?) = ? ORDER BY id LIMIT 10", (len(start), start)
    ).fetchall()
    found = [str(row[0]) for row in rows]
    return [start] if start in found else found
