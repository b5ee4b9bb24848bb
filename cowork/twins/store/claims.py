"""Claiming work, so that two processes never do the same.

A process that lets a twin work holds its lease, which it renews; the due tasks of the twin are claimed with it, each by one
unique row `(twin, task, due)`. Results are stored, claims closed and tasks scheduled anew in one transaction, by the holder of
the lease alone: what a process does after it lost the lease leaves no trace.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from secrets import token_hex

from cowork.core.text import storable
from cowork.twins.heartbeat import next_due
from cowork.twins.requests import Request
from cowork.twins.store import ids, roles
from cowork.twins.store import requests as store_requests
from cowork.twins.store.attempts import MOST_ATTEMPTS, together
from cowork.twins.store.leases import LEASE_MS, Admit, Kind, Taken, lease
from cowork.twins.store.opening import reading, writing
from cowork.twins.store.roles import insert

_BEATS = "id twin_id kind state reason session_id provider model input_tokens output_tokens started_ms ended_ms".split()
_CLAIMS = "twin_id task_id due_ms beat_id state attempt claimed_ms".split()


def take(
    twin_id: str,
    now: int,
    admit: Admit,
    *,
    tasks: Iterable[tuple[str, int]],
    requests: Iterable[str],
    asked: Request | None = None,
    kind: Kind = "heartbeat",
    lease_ms: int = LEASE_MS,
) -> Taken:
    """Claim work of a twin, as much of it as nobody else has done or taken meanwhile; it may be none.

    `asked` is what somebody asks and waits for: it is there only while a process works on it. Tasks are claimed that
    the twin has and that are on; by hand also those that are off. Raises Conflict `twin.busy` while the twin is at work,
    `twin.not_active` unless somebody asks, `twin.gone`, and what `admit` raises.
    """
    token = token_hex(16)
    with writing() as connection:
        beat_id = ids.unused(connection, "beats")
        lease(connection, twin_id, now, admit, kind, (beat_id, token, now + lease_ms))
        (twin,) = roles.read(connection, [twin_id])
        on = {task.id for task in twin.tasks if task.enabled or kind == "by hand"}
        values = [beat_id, twin_id, kind, "running", "", "", "", "", 0, 0, now, None]
        connection.execute(insert("beats", _BEATS), values)
        given_up: list[str] = []
        if asked is not None:
            requests = (store_requests.add_in(connection, twin_id, asked).id, *requests)
        tasks, requests = together(connection, twin_id, [task for task in tasks if task[0] in on], requests)
        claimed = [task for task in tasks if _claim(connection, twin_id, *task, beat_id, now, given_up)]
        taken = [request for request in requests if _take_request(connection, twin_id, request, beat_id, now, given_up)]
    return Taken(beat_id, token, twin, tuple(claimed), tuple(taken), tuple(given_up), now)


def close_task(connection: sqlite3.Connection, taken: Taken, task_id: str, due_ms: int, now: int) -> None:
    """A claimed task is done: its claim is closed and it is due again when its frequency says."""
    connection.execute(
        "UPDATE claims SET state = 'done' WHERE twin_id = ? AND task_id = ? AND due_ms = ?", (taken.twin_id, task_id, due_ms)
    )
    row = connection.execute(
        "SELECT t.frequency_minutes, r.anchor_ms, r.interval_minutes FROM twin_tasks t JOIN agent_roles r ON r.id = t.twin_id "
        "WHERE t.twin_id = ? AND t.id = ?",
        (taken.twin_id, task_id),
    ).fetchone()
    if row is not None:
        connection.execute(
            "UPDATE twin_tasks SET due_ms = ?, last_run_ms = ? WHERE twin_id = ? AND id = ?",
            (next_due(taken.started_ms, *row), now, taken.twin_id, task_id),
        )


def close(connection: sqlite3.Connection, taken: Taken, state: str, now: int, about: dict[str, object]) -> None:
    """The work is over and ended as `state`: the lease goes back. `about` are further columns of the beat."""
    placed = ", ".join(f"{column} = ?" for column in ["state", "ended_ms", *about])
    connection.execute(f"UPDATE beats SET {placed} WHERE id = ?", [state, now, *about.values(), taken.beat_id])
    kind = connection.execute("SELECT kind FROM beats WHERE id = ?", (taken.beat_id,)).fetchone()
    if kind is not None and kind[0] == "heartbeat":
        connection.execute("UPDATE agent_roles SET last_beat_ms = ? WHERE id = ?", (taken.started_ms, taken.twin_id))
    connection.execute("DELETE FROM leases WHERE twin_id = ? AND token = ?", (taken.twin_id, taken.token))


def give_back(taken: Taken, now: int, reason: str, *, counted: bool = False) -> None:
    """Nothing came of it: what was claimed is open again, as often begun as before, or once more where that is `counted`.

    Does nothing when the lease was lost.
    """
    less = 0 if counted else 1
    with writing() as connection:
        row = connection.execute("SELECT token FROM leases WHERE twin_id = ?", (taken.twin_id,)).fetchone()
        if row is None or row[0] != taken.token:
            return
        which = (taken.twin_id, taken.beat_id)
        running = "twin_id = ? AND beat_id = ? AND state = 'running'"
        connection.execute(f"DELETE FROM claims WHERE {running} AND attempt <= {less}", which)
        connection.execute(f"UPDATE claims SET state = 'open', attempt = attempt - {less} WHERE {running}", which)
        working = "twin_id = ? AND beat_id = ? AND state = 'working'"
        connection.execute(f"DELETE FROM requests WHERE {working} AND kind IN ('ask', 'skill')", which)
        connection.execute(
            f"UPDATE requests SET state = 'open', beat_id = '', attempt = attempt - {less}, updated_ms = ? WHERE {working}",
            (now, *which),
        )
        connection.execute(
            "UPDATE beats SET state = 'given back', ended_ms = ?, reason = ? WHERE id = ?",
            (now, storable(reason), taken.beat_id),
        )
        connection.execute("DELETE FROM leases WHERE twin_id = ?", (taken.twin_id,))


def _claim(
    connection: sqlite3.Connection, twin_id: str, task_id: str, due_ms: int, beat_id: str, now: int, given_up: list[str]
) -> bool:
    row = connection.execute(
        "SELECT state, attempt FROM claims WHERE twin_id = ? AND task_id = ? AND due_ms = ?", (twin_id, task_id, due_ms)
    ).fetchone()
    if row is None:
        connection.execute(insert("claims", _CLAIMS), (twin_id, task_id, due_ms, beat_id, "running", 1, now))
        return True
    if row[0] == "done":
        _pass_over(connection, twin_id, task_id, due_ms)
        return False
    if row[1] >= MOST_ATTEMPTS:
        given_up.append(task_id)
    connection.execute(
        "UPDATE claims SET beat_id = ?, state = 'running', attempt = attempt + 1, claimed_ms = ? "
        "WHERE twin_id = ? AND task_id = ? AND due_ms = ?",
        (beat_id, now, twin_id, task_id, due_ms),
    )
    return True


def _pass_over(connection: sqlite3.Connection, twin_id: str, task_id: str, due_ms: int) -> None:
    """What is due when it was done already, by a clock that was ahead, is due at the next heartbeat it was not done at."""
    row = connection.execute(
        "SELECT t.frequency_minutes, r.anchor_ms, r.interval_minutes FROM twin_tasks t JOIN agent_roles r ON r.id = t.twin_id "
        "WHERE t.twin_id = ? AND t.id = ? AND t.due_ms = ?",
        (twin_id, task_id, due_ms),
    ).fetchone()
    if row is None:  # it is due at another time by now
        return
    done = {
        found[0]
        for found in connection.execute(
            "SELECT due_ms FROM claims WHERE twin_id = ? AND task_id = ? AND due_ms >= ? AND state = 'done'",
            (twin_id, task_id, due_ms),
        )
    }
    following = due_ms
    while following in done:
        following = next_due(following, *row)
    connection.execute("UPDATE twin_tasks SET due_ms = ? WHERE twin_id = ? AND id = ?", (following, twin_id, task_id))


def _take_request(
    connection: sqlite3.Connection, twin_id: str, request_id: str, beat_id: str, now: int, given_up: list[str]
) -> bool:
    row = connection.execute(
        "SELECT attempt FROM requests WHERE id = ? AND twin_id = ? AND state = 'open'", (request_id, twin_id)
    ).fetchone()
    if row is None:
        return False
    if row[0] >= MOST_ATTEMPTS:
        given_up.append(request_id)
    connection.execute(
        "UPDATE requests SET state = 'working', beat_id = ?, attempt = attempt + 1, updated_ms = ? WHERE id = ?",
        (beat_id, now, request_id),
    )
    return True


def running(twin_id: str) -> dict[str, int]:
    """The tasks of a twin that are under way, with when they were claimed."""
    with reading() as connection:
        if connection is None:
            return {}
        rows = connection.execute(
            "SELECT c.task_id, c.claimed_ms FROM claims c JOIN leases l ON l.beat_id = c.beat_id "
            "WHERE c.twin_id = ? AND c.state = 'running' ORDER BY c.task_id",
            (twin_id,),
        )
        return dict(rows.fetchall())
