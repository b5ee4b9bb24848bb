"""Short ids: what people type, and what claims cite."""

from __future__ import annotations

import sqlite3
from secrets import token_hex
from typing import Literal

Table = Literal["memories", "facts", "results"]


def unused(connection: sqlite3.Connection, table: Table) -> str:
    """Six hexadecimal digits that no row of a table has for an id, more where most are taken."""
    tries = 0
    while True:
        found = token_hex(3 + tries // 8)
        if connection.execute(f"SELECT 1 FROM {table} WHERE id = ?", (found,)).fetchone() is None:
            return found
        tries += 1


def starting(connection: sqlite3.Connection, table: Table, start: str) -> list[str]:
    """The id that is `start`, or else those that begin with it, sorted; at most ten. None begins with nothing."""
    if not start or not start.isascii():
        return []
    rows = connection.execute(
        f"SELECT id FROM {table} WHERE substr(id, 1, ?) = ? ORDER BY id LIMIT 10", (len(start), start)
    ).fetchall()
    found = [str(row[0]) for row in rows]
    return [start] if start in found else found
