"""Deliveries that wait, were made, or failed for good. A result is stored before anybody is told of it."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cowork.twins.results import Result
from cowork.twins.store import ids
from cowork.twins.store.opening import reading, writing
from cowork.twins.store.roles import insert

SENDING_MS = 120_000
"""How long a process has for one delivery; one that takes longer is gone, and another tries."""
SAME_MS = 86_400_000
"""The same text of the same task reaches the same address once within so long."""
_COLUMNS = "id result_id address_id digest state attempts next_ms problem created_ms sent_ms".split()
_TOLD = frozenset({"proactive", "task", "mention", "wake"})
"""What is delivered: who asks at once has the answer already."""


@dataclass(frozen=True)
class Parcel:
    """A delivery to be made: what of whom, and where to."""

    id: str
    twin: str
    result_id: str
    title: str
    text: str
    url: str
    attempts: int


def queue(
    connection: sqlite3.Connection, twin_id: str, results: Sequence[Result], now: int, not_before: Callable[[int], int]
) -> None:
    """Queue the deliveries of new results, in a transaction that is under way: to the twin's addresses and to the task's."""
    rows = connection.execute("SELECT id, task_id FROM addresses WHERE twin_id = ? ORDER BY id", (twin_id,)).fetchall()
    for result in results:
        if result.kind not in _TOLD:
            continue
        digest = hashlib.sha256(f"{result.task if result.kind == 'proactive' else ''}\0{result.text}".encode()).hexdigest()
        for address_id, task_id in rows:
            if task_id not in ("", result.task):
                continue
            state = "skipped" if _told_before(connection, address_id, digest, now) else "waiting"
            problem = "the same was delivered before" if state == "skipped" else ""
            values = (
                ids.unused(connection, "deliveries"),
                result.id,
                address_id,
                digest,
                state,
                0,
                not_before(now),
                problem,
                now,
                None,
            )
            connection.execute(insert("deliveries", _COLUMNS), values)


def _told_before(connection: sqlite3.Connection, address_id: str, digest: str, now: int) -> bool:
    row = connection.execute(
        "SELECT 1 FROM deliveries WHERE address_id = ? AND digest = ? AND state IN ('waiting', 'sending', 'sent') "
        "AND created_ms > ?",
        (address_id, digest, now - SAME_MS),
    ).fetchone()
    return row is not None


def waiting(now: int) -> int | None:
    """When the next delivery is to be made, `now` at the earliest; None when none waits."""
    with reading() as connection:
        if connection is None:
            return None
        row = connection.execute("SELECT MIN(next_ms) FROM deliveries WHERE state IN ('waiting', 'sending')").fetchone()
    return None if row[0] is None else max(now, int(row[0]))


def take(now: int) -> Parcel | None:
    """The next delivery that is to be made, for this process alone for a while; None when there is none.

    One whose process died in the middle is made again: rather twice than never.
    """
    if (moment := waiting(now)) is None or moment > now:
        return None
    with writing() as connection:
        row = connection.execute(
            "SELECT d.id, r.name, x.id, x.title, x.text, a.url, d.attempts FROM deliveries d "
            "JOIN results x ON x.id = d.result_id JOIN agent_roles r ON r.id = x.twin_id "
            "JOIN addresses a ON a.id = d.address_id "
            "WHERE d.state IN ('waiting', 'sending') AND d.next_ms <= ? ORDER BY d.next_ms, d.created_ms, d.id LIMIT 1",
            (now,),
        ).fetchone()
        if row is None:
            return None
        connection.execute(
            "UPDATE deliveries SET state = 'sending', attempts = attempts + 1, next_ms = ? WHERE id = ?",
            (now + SENDING_MS, row[0]),
        )
    delivery_id, name, result_id, title, text, url, attempts = row
    return Parcel(delivery_id, name, result_id, title, text, url, attempts + 1)


def sent(delivery_id: str, now: int) -> None:
    """A delivery was made."""
    with writing() as connection:
        connection.execute("UPDATE deliveries SET state = 'sent', problem = '', sent_ms = ? WHERE id = ?", (now, delivery_id))


def failed(delivery_id: str, problem: str, again: int | None) -> None:
    """A delivery was not made, and is tried again at a moment, or never."""
    with writing() as connection:
        connection.execute(
            "UPDATE deliveries SET state = ?, problem = ?, next_ms = ? WHERE id = ?",
            ("failed" if again is None else "waiting", problem, again or 0, delivery_id),
        )


def retry(now: int, result_ids: Sequence[str] | None) -> int:
    """Let deliveries that failed for good be tried again, of these results or of all; how many that are."""
    which = "" if result_ids is None else f"AND result_id IN ({', '.join('?' * len(result_ids))})"
    with writing() as connection:
        changed = connection.execute(
            f"UPDATE deliveries SET state = 'waiting', attempts = 0, next_ms = ? WHERE state = 'failed' {which}",
            [now, *(result_ids or ())],
        )
        return changed.rowcount
