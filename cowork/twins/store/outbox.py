"""Deliveries that wait, were made, or failed for good. A result is stored before anybody is told of it.

A delivery is `waiting`, `sending` while a process has it, `sent`, `failed` for good, or `skipped` since it told nothing new.
A process that takes one has it for SENDING_MS; what it then says of it counts only while it has it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cowork.twins.novelty import fingerprint
from cowork.twins.results import Result
from cowork.twins.store import ids
from cowork.twins.store.opening import reading, writing
from cowork.twins.store.roles import insert

AGAIN_MS = tuple(minutes * 60_000 for minutes in (1, 5, 30, 120, 360, 720))
"""How long after each try that failed there is another: for most of a day; after the last one it has failed for good."""
MOST_ATTEMPTS = len(AGAIN_MS) + 1
SENDING_MS = 120_000
"""How long a process has for one delivery; one that takes longer is gone, and another tries: rather twice than never."""
REST_MS = 60_000
"""How long what was not tried waits, where an address did not take what came before."""
SAME_MS = 86_400_000
"""What was told last is not told again within so long."""
_LATEST_MS = 4 * 86_400_000
"""Nothing waits longer, quiet hours included: what does was put off by a clock that was ahead."""
_COLUMNS = "id result_id address_id digest state attempts next_ms problem created_ms sent_ms".split()
_ALWAYS_TOLD = frozenset({"task", "mention"})
_TOLD = frozenset({"proactive", "wake", *_ALWAYS_TOLD})
"""What is delivered: who asks at once has the answer already. What a person asked for is never nothing new."""

NotBefore = Callable[[int, str, str], int]
"""When something may be told at the earliest: of a moment, quiet hours and their time zone."""


@dataclass(frozen=True)
class Parcel:
    """A delivery to be made: what of whom, and where to. `attempts` counts with the one that is under way."""

    id: str
    twin: str
    result_id: str
    title: str
    text: str
    status: str
    made_by: str
    url: str
    attempts: int
    quiet_hours: str
    timezone: str


_SELECT = (
    "SELECT d.id, r.name, x.id, x.title, x.text, x.status, x.made_by, a.url, d.attempts, r.quiet_hours, r.timezone "
    "FROM deliveries d JOIN results x ON x.id = d.result_id JOIN agent_roles r ON r.id = x.twin_id "
    "JOIN addresses a ON a.id = d.address_id"
)
_ORDER = "ORDER BY d.attempts, d.next_ms, d.created_ms, d.id LIMIT ?"
"""What was tried least goes first: a message that a service refuses holds up no other."""
_DUE = "d.state IN ('waiting', 'sending') AND (d.next_ms <= ? OR d.next_ms > ?)"


def queue(connection: sqlite3.Connection, twin_id: str, results: Sequence[Result], now: int) -> None:
    """Queue the deliveries of new results, in a transaction that is under way: to the twin's addresses and to the task's.

    An address that is both is told once. What was told there last within SAME_MS, of the same task or for the same reason to
    wake, is skipped when it says nothing new (`novelty.fingerprint`).
    """
    rows = connection.execute("SELECT id, task_id, url FROM addresses WHERE twin_id = ? ORDER BY id", (twin_id,)).fetchall()
    for result in results:
        if result.kind not in _TOLD:
            continue
        digest = fingerprint(result)
        meant = {url: address_id for address_id, task_id, url in reversed(rows) if task_id in ("", result.task)}
        for url, address_id in meant.items():
            before = _told_last(connection, twin_id, url, result, now)
            same = before is not None and before[1] == digest
            problem = f"nothing new since {before[0]}" if before and same else ""
            state = "skipped" if same else "waiting"
            values = (ids.unused(connection, "deliveries"), result.id, address_id, digest, state, 0, now, problem, now, None)
            connection.execute(insert("deliveries", _COLUMNS), values)


def _told_last(connection: sqlite3.Connection, twin_id: str, url: str, result: Result, now: int) -> tuple[str, str] | None:
    """The last result that this one would repeat, with its digest: what was told before something else is news again."""
    if result.kind in _ALWAYS_TOLD:
        return None
    column, subject = ("x.task_id", result.task) if result.kind == "proactive" else ("x.title", result.title)
    row = connection.execute(
        "SELECT x.id, d.digest FROM deliveries d JOIN results x ON x.id = d.result_id JOIN addresses a ON a.id = d.address_id "
        f"WHERE a.twin_id = ? AND a.url = ? AND x.kind = ? AND {column} = ? AND d.state IN ('waiting', 'sending', 'sent') "
        "AND d.created_ms > ? ORDER BY d.created_ms DESC, d.id DESC LIMIT 1",
        (twin_id, url, result.kind, subject, now - SAME_MS),
    ).fetchone()
    return None if row is None else (str(row[0]), str(row[1]))


def waiting(now: int) -> int | None:
    """When the next delivery is to be made, `now` at the earliest; None when none waits."""
    with reading() as connection:
        if connection is None:
            return None
        row = connection.execute(
            f"SELECT MIN(CASE WHEN {_DUE} THEN ? ELSE d.next_ms END) FROM deliveries d WHERE d.state IN ('waiting', 'sending')",
            (now, now + _LATEST_MS, now),
        ).fetchone()
    return None if row[0] is None else int(row[0])


def due(now: int, most: int) -> list[Parcel]:
    """The deliveries that `take` would look at, quiet hours or not. Nothing is written."""
    return _read(f"{_DUE} {_ORDER}", (now, now + _LATEST_MS, most))


def take(now: int, most: int, not_before: NotBefore) -> list[Parcel]:
    """Deliveries that are due, at most so many, for this process alone for a while. What falls into quiet hours is put off.

    One whose process is gone is due again when its time is over; one that took its processes with it each time has failed.
    """
    if (moment := waiting(now)) is None or moment > now:
        return []
    taken = list[Parcel]()
    with writing() as connection:
        while len(taken) < most:
            rows = connection.execute(f"{_SELECT} WHERE {_DUE} {_ORDER}", (now, now + _LATEST_MS, most - len(taken))).fetchall()
            if not rows:
                break
            parcels = [_parcel(row) for row in rows]
            taken += [parcel for parcel in parcels if _is_taken(connection, parcel, now, not_before)]
    return taken


def _is_taken(connection: sqlite3.Connection, parcel: Parcel, now: int, not_before: NotBefore) -> bool:
    if parcel.attempts > MOST_ATTEMPTS:
        problem = "it took its process down with it each time it was begun"
        connection.execute("UPDATE deliveries SET state = 'failed', problem = ? WHERE id = ?", (problem, parcel.id))
        return False
    moment = not_before(now, parcel.quiet_hours, parcel.timezone)
    if moment > now:
        connection.execute("UPDATE deliveries SET state = 'waiting', next_ms = ? WHERE id = ?", (moment, parcel.id))
        return False
    connection.execute(
        "UPDATE deliveries SET state = 'sending', attempts = ?, next_ms = ? WHERE id = ?",
        (parcel.attempts, now + SENDING_MS, parcel.id),
    )
    return True


def sent(parcel: Parcel, now: int) -> None:
    """A delivery was made, whoever has it now."""
    with writing() as connection:
        connection.execute("UPDATE deliveries SET state = 'sent', problem = '', sent_ms = ? WHERE id = ?", (now, parcel.id))


def failed(parcel: Parcel, problem: str, now: int) -> int | None:
    """A delivery was not made: when it is tried again, None for never."""
    again = now + AGAIN_MS[parcel.attempts - 1] if parcel.attempts < MOST_ATTEMPTS else None
    _left(parcel, "failed" if again is None else "waiting", parcel.attempts, again or 0, problem)
    return again


def give_back(parcel: Parcel, now: int) -> int:
    """A delivery was not tried; when it will be."""
    _left(parcel, "waiting", parcel.attempts - 1, now + REST_MS)
    return now + REST_MS


def _left(parcel: Parcel, state: str, attempts: int, following: int, problem: str | None = None) -> None:
    said = ("problem = ?, ", (problem,)) if problem is not None else ("", ())
    with writing() as connection:
        connection.execute(
            f"UPDATE deliveries SET {said[0]}state = ?, attempts = ?, next_ms = ? "
            "WHERE id = ? AND state = 'sending' AND attempts = ?",
            (*said[1], state, attempts, following, parcel.id, parcel.attempts),
        )


_TRIED = "(d.state = 'failed' OR d.state = 'waiting' AND d.attempts > 0)"


def unsuccessful(result_ids: Sequence[str], most: int) -> list[Parcel]:
    """The deliveries that failed, for good or so far, of these results, or of all when there are none. Nothing is written."""
    which = f"AND d.result_id IN ({_marks(result_ids)})" if result_ids else ""
    return _read(f"{_TRIED} {which} {_ORDER}", [*result_ids, most])


def retry(now: int, result_ids: Sequence[str]) -> int:
    """Let what `unsuccessful` finds be tried again, now and from the beginning; how many deliveries that are."""
    which = f"AND d.result_id IN ({_marks(result_ids)})" if result_ids else ""
    with writing() as connection:
        changed = connection.execute(
            "UPDATE deliveries SET state = 'waiting', attempts = 0, next_ms = ? "
            f"WHERE id IN (SELECT d.id FROM deliveries d WHERE {_TRIED} {which})",
            [now, *result_ids],
        )
        return changed.rowcount


def addresses(twin_id: str) -> list[str]:
    """Every address of a twin and its tasks, once, as it is: with its secrets."""
    with reading() as connection:
        if connection is None:
            return []
        rows = connection.execute("SELECT url FROM addresses WHERE twin_id = ? ORDER BY task_id, id", (twin_id,)).fetchall()
    return list(dict.fromkeys(str(row[0]) for row in rows))


@dataclass(frozen=True)
class Standing:
    """How deliveries stand: how many wait, how many failed for good, and the twins with their addresses as they are."""

    waiting: int
    failed: int
    addresses: tuple[tuple[str, str], ...]


def standing(since: int) -> Standing:
    """How deliveries stand; those that failed count when they were made since a moment."""
    with reading() as connection:
        if connection is None:
            return Standing(0, 0, ())
        waits, failures = connection.execute(
            "SELECT COALESCE(SUM(CASE WHEN state IN ('waiting', 'sending') THEN 1 ELSE 0 END), 0), "
            "COALESCE(SUM(CASE WHEN state = 'failed' AND created_ms >= ? THEN 1 ELSE 0 END), 0) FROM deliveries",
            (since,),
        ).fetchone()
        held = connection.execute(
            "SELECT DISTINCT r.name, a.url FROM addresses a JOIN agent_roles r ON r.id = a.twin_id ORDER BY r.name, a.url"
        ).fetchall()
    return Standing(int(waits), int(failures), tuple((str(name), str(url)) for name, url in held))


def _read(condition: str, values: Sequence[Any]) -> list[Parcel]:
    with reading() as connection:
        rows = connection.execute(f"{_SELECT} WHERE {condition}", values).fetchall() if connection else []
    return [_parcel(row) for row in rows]


def _parcel(row: Sequence[Any]) -> Parcel:
    delivery_id, twin, result_id, title, text, status, made_by, url, attempts, hours, zone = row
    return Parcel(delivery_id, twin, result_id, title, text, status, made_by, url, attempts + 1, hours, zone)


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))
