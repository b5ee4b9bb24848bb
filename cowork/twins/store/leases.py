"""Leases: one process at a time lets a twin work, and only so many twins work at once."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

from cowork.core import births
from cowork.core.errors import Conflict
from cowork.twins.heartbeat import heartbeat_before
from cowork.twins.store.opening import reading, writing
from cowork.twins.store.roles import insert
from cowork.twins.twin import Twin

LEASE_MS = 120_000
LONGEST_LEASE_MS = 10 * LEASE_MS
"""A lease that lasts longer was taken by a clock that was ahead."""


Kind = Literal["heartbeat", "request", "by hand", "ask", "skill"]
"""What a twin is at work for: tasks that are due, requests alone, tasks that somebody has it do now, or what somebody asks.

Only heartbeats count for how often it may wake.
"""
Admit = Callable[[int, int | None], None]
"""Told how many other twins are at work and, of a heartbeat, how many milliseconds after the last one of the twin it is; may
raise."""


@dataclass(frozen=True)
class Taken:
    """Work that is ours for as long as the lease is renewed; `given_up` of it has taken down its processes before.

    `twin` is as it was when the work was taken.
    """

    beat_id: str
    token: str
    twin: Twin
    tasks: tuple[tuple[str, int], ...]
    requests: tuple[str, ...]
    given_up: tuple[str, ...]
    started_ms: int

    @property
    def twin_id(self) -> str:
        """The id of the twin."""
        return self.twin.id


def owner() -> str:
    """The name of this process, by which others can tell whether it lives."""
    pid = os.getpid()
    return f"{births.host()}|{pid}|{births.birth(pid) or ''}"


def is_dead(holder: str) -> bool:
    """Whether a holder surely lives no more; False for one on another machine, and where the system cannot tell."""
    machine, _, rest = holder.partition("|")
    pid, _, born = rest.partition("|")
    if machine != births.host() or not born or not pid.isdecimal():
        return False
    return births.birth(int(pid)) not in (born, "")


def is_live(holder: str, until: int, now: int) -> bool:
    """Whether a lease keeps others out."""
    return now < until <= now + LONGEST_LEASE_MS and not is_dead(holder)


def renew(taken: Taken, now: int, lease_ms: int = LEASE_MS) -> bool:
    """Keep the lease for another while; False when it was lost."""
    with writing() as connection:
        changed = connection.execute(
            "UPDATE leases SET until_ms = ? WHERE twin_id = ? AND token = ?", (now + lease_ms, taken.twin_id, taken.token)
        )
        return changed.rowcount == 1


def holding(connection: sqlite3.Connection, taken: Taken) -> None:
    """Make sure, in a transaction that is under way, that the lease is ours. Raises what `loss` returns."""
    row = connection.execute("SELECT token FROM leases WHERE twin_id = ?", (taken.twin_id,)).fetchone()
    if row is None or row[0] != taken.token:
        raise _loss(connection, taken)


def loss(taken: Taken) -> Conflict:
    """Why a lease is not ours any more: Conflict `twin.gone` when the twin was removed, else `twin.lease_lost`."""
    with reading() as connection:
        return _loss(connection, taken)


def _loss(connection: sqlite3.Connection | None, taken: Taken) -> Conflict:
    there = connection and connection.execute("SELECT 1 FROM agent_roles WHERE id = ?", (taken.twin_id,)).fetchone()
    if not there:
        return Conflict("twin.gone", f"{taken.twin.name} was removed while it was at work", hint="see: cowork twin list")
    return Conflict("twin.lease_lost", "another process has taken over this twin's work", hint="see: cowork twin results")


def lease(
    connection: sqlite3.Connection, twin_id: str, now: int, admit: Admit, kind: Kind, wanted: tuple[str, str, int]
) -> None:
    """Take a twin's lease as `wanted` (beat, token, until), in a transaction that is under way. Raises what `take` raises."""
    held = {row[0]: row for row in connection.execute("SELECT twin_id, beat_id, owner, until_ms FROM leases")}
    live = {key for key, row in held.items() if is_live(row[2], row[3], now)}
    if twin_id in live:
        raise Conflict("twin.busy", "the twin is at work already", hint="see: cowork twin status")
    row = connection.execute(
        "SELECT status, last_beat_ms, anchor_ms, interval_minutes FROM agent_roles WHERE id = ?", (twin_id,)
    ).fetchone()
    if row is None:
        raise Conflict("twin.gone", "the twin was removed", hint="see: cowork twin list")
    if kind not in ("ask", "skill") and row[0] != "active":
        raise Conflict("twin.not_active", f"the twin is {row[0]}", hint="see: cowork twin resume")
    admit(len(live), _since(now, *row[1:]) if kind == "heartbeat" else None)
    if twin_id in held:
        _abandon(connection, twin_id, held[twin_id][1], now)
    connection.execute(
        insert("leases", ("twin_id", "beat_id", "token", "owner", "until_ms")), (twin_id, *wanted[:2], owner(), wanted[2])
    )


def _since(now: int, last: int | None, anchor: int, interval_minutes: int) -> int | None:
    """How long ago the last heartbeat was. That it was late does not put off the next one, which comes on time.

    Counted from one heartbeat that they belong to, to the other. However late one was, the next is no closer than half of that.
    """
    if last is None or last > now:
        return None
    apart = heartbeat_before(now, anchor, interval_minutes) - heartbeat_before(last, anchor, interval_minutes)
    return max(now - last, min(apart, 2 * (now - last)))


def reap(now: int, but: Collection[str] = ()) -> int:
    """Free twins, but these, from processes that are gone, so that what they were at is seen to be due; how many that were."""
    with reading() as connection:
        gone = _left(connection, now, but) if connection else []
    if not gone:
        return 0
    with writing() as connection:
        gone = _left(connection, now, but)
        for twin_id, beat_id in gone:
            _abandon(connection, twin_id, beat_id, now)
    return len(gone)


def _left(connection: sqlite3.Connection, now: int, but: Collection[str]) -> list[tuple[str, str]]:
    rows = connection.execute("SELECT twin_id, beat_id, owner, until_ms FROM leases").fetchall()
    return [(row[0], row[1]) for row in rows if row[0] not in but and not is_live(row[2], row[3], now)]


def _abandon(connection: sqlite3.Connection, twin_id: str, beat_id: str, now: int) -> None:
    """What a process left that is gone: its requests are open again; its claims are taken over one by one.

    Who asked and waited waits no more: that is not done again.
    """
    connection.execute("DELETE FROM leases WHERE twin_id = ?", (twin_id,))
    connection.execute(
        "UPDATE claims SET state = 'lost' WHERE twin_id = ? AND beat_id = ? AND state = 'running'", (twin_id, beat_id)
    )
    connection.execute(
        "UPDATE requests SET state = CASE WHEN kind IN ('ask', 'skill') THEN 'cancelled' ELSE 'open' END, beat_id = '', "
        "updated_ms = ? WHERE twin_id = ? AND beat_id = ? AND state = 'working'",
        (now, twin_id, beat_id),
    )
    connection.execute(
        "UPDATE beats SET state = 'lost', reason = 'its process is gone', ended_ms = ? WHERE id = ?", (now, beat_id)
    )
