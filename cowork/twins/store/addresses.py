"""The addresses that results are delivered to. They hold secrets: only delivering reads them as they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from uuid import uuid4

from cowork.twins.store.roles import insert


def add_in(connection: sqlite3.Connection, twin_id: str, given: Iterable[tuple[str, str]]) -> None:
    """Store addresses of a twin: each the task whose results go there, or "" for all of them, and the URL."""
    held = set(of_in(connection, twin_id))
    for task_id, url in dict.fromkeys(given):
        if (task_id, url) not in held:
            values = (str(uuid4()), twin_id, task_id, url)
            connection.execute(insert("addresses", ("id", "twin_id", "task_id", "url")), values)


def of_in(connection: sqlite3.Connection, twin_id: str) -> list[tuple[str, str]]:
    """The addresses of a twin as they are, with the task of each."""
    rows = connection.execute("SELECT task_id, url FROM addresses WHERE twin_id = ? ORDER BY id", (twin_id,))
    return [(str(task_id), str(url)) for task_id, url in rows]


def remove_in(connection: sqlite3.Connection, twin_id: str, gone: Iterable[tuple[str, str]]) -> None:
    """Remove addresses of a twin; what waits to be delivered there is not delivered."""
    for task_id, url in gone:
        connection.execute("DELETE FROM addresses WHERE twin_id = ? AND task_id = ? AND url = ?", (twin_id, task_id, url))
