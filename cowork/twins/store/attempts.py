"""How often work was begun that never came to an end, and with whom it is begun again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

MOST_ATTEMPTS = 3
"""How often work is begun that takes its process down with it."""

Task = tuple[str, int]


def together(
    connection: sqlite3.Connection, twin_id: str, tasks: Iterable[Task], requests: Iterable[str]
) -> tuple[list[Task], list[str]]:
    """What of it is to be begun in one heartbeat: all, unless for something it is the last time. That is begun alone.

    Of several that share a heartbeat one may take down the process for all of them: each has its last attempt for itself, so
    that what is given up is to blame. The others stay due.
    """
    tasks, requests = list(tasks), list(requests)
    tried: dict[Task | str, int] = {task: _of_task(connection, twin_id, task) for task in tasks}
    tried |= {request: _of_request(connection, request) for request in requests}
    last = [work for work, count in tried.items() if count == MOST_ATTEMPTS - 1]
    if not last:
        return tasks, requests
    chosen = {last[0], *(work for work, count in tried.items() if count >= MOST_ATTEMPTS)}  # those are not begun
    return [task for task in tasks if task in chosen], [request for request in requests if request in chosen]


def _of_task(connection: sqlite3.Connection, twin_id: str, task: Task) -> int:
    row = connection.execute(
        "SELECT attempt FROM claims WHERE twin_id = ? AND task_id = ? AND due_ms = ? AND state <> 'done'", (twin_id, *task)
    ).fetchone()
    return int(row[0]) if row else 0


def _of_request(connection: sqlite3.Connection, request_id: str) -> int:
    row = connection.execute("SELECT attempt FROM requests WHERE id = ? AND state = 'open'", (request_id,)).fetchone()
    return int(row[0]) if row else 0
