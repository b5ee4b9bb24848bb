"""Schedulers that run, as others see them."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.twins.store.leases import is_dead, is_live
from cowork.twins.store.opening import reading, writing

UNSEEN_MS = 180_000
"""A scheduler on another machine that was not seen for so long is gone."""


@dataclass(frozen=True)
class Server:
    """A scheduler: when it started, was seen last, and wants to wake a twin next."""

    owner: str
    started_ms: int
    seen_ms: int
    next_ms: int | None


@dataclass(frozen=True)
class AtWork:
    """A twin at work, for whom, and since when."""

    twin: str
    kind: str
    owner: str
    started_ms: int


def seen(server: Server) -> None:
    """Say that a scheduler runs."""
    with writing() as connection:
        connection.execute(
            "INSERT INTO servers (owner, started_ms, seen_ms, next_ms) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (owner) DO UPDATE SET seen_ms = excluded.seen_ms, next_ms = excluded.next_ms",
            (server.owner, server.started_ms, server.seen_ms, server.next_ms),
        )


def gone(owner: str) -> None:
    """Say that a scheduler ended, and forget those that died."""
    with writing() as connection:
        dead = [row[0] for row in connection.execute("SELECT owner FROM servers") if row[0] == owner or is_dead(row[0])]
        connection.executemany("DELETE FROM servers WHERE owner = ?", [(name,) for name in dead])


def running(now: int) -> list[Server]:
    """The schedulers that run."""
    with reading() as connection:
        if connection is None:
            return []
        rows = connection.execute("SELECT owner, started_ms, seen_ms, next_ms FROM servers ORDER BY started_ms").fetchall()
    return [Server(*row) for row in rows if not is_dead(row[0]) and abs(now - row[2]) < UNSEEN_MS]


def at_work(now: int) -> list[AtWork]:
    """The twins at work."""
    with reading() as connection:
        if connection is None:
            return []
        rows = connection.execute(
            "SELECT r.name, b.kind, l.owner, b.started_ms, l.until_ms FROM leases l JOIN agent_roles r ON r.id = l.twin_id "
            "JOIN beats b ON b.id = l.beat_id ORDER BY b.started_ms, r.name"
        ).fetchall()
    return [AtWork(*row[:4]) for row in rows if is_live(row[2], row[4], now)]
