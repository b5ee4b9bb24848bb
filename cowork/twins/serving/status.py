"""How the twins stand: schedulers, who is at work, and what is due next."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.clock import Clock, from_millis, millis
from cowork.twins.store import due as store_due
from cowork.twins.store import listing, servers


@dataclass(frozen=True)
class Scheduler:
    """A scheduler that runs."""

    host: str
    pid: int
    started_at: str
    seen_at: str
    next_due_at: str | None


@dataclass(frozen=True)
class Working:
    """A twin at work: `kind` is heartbeat, or what somebody asked: ask or skill."""

    twin: str
    kind: str
    host: str
    pid: int
    started_at: str


@dataclass(frozen=True)
class Upcoming:
    """A twin's next heartbeat with something to do; `overdue`: it is due already, and the twin is not at it."""

    twin: str
    due_at: str
    overdue: bool


@dataclass(frozen=True)
class TwinsStatus:
    """How all twins stand; `upcoming` are the next ones, `active` and `overdue` count."""

    schedulers: tuple[Scheduler, ...]
    at_work: tuple[Working, ...]
    upcoming: tuple[Upcoming, ...]
    active: int
    overdue: int


def status(clock: Clock, *, most: int = 20) -> TwinsStatus:
    """How the twins stand now. Nothing is written. Raises `database.*`."""
    now = millis(clock.now())
    items = listing.items()
    waiting = [(item.next_due_at, item.name) for item in items if item.next_due_at is not None]
    at_work = servers.at_work(now)
    overdue = {item.name for item in store_due.due(now)} - {item.twin for item in at_work}
    first = sorted(waiting, key=lambda item: (item[1] not in overdue, *item))[:most]
    return TwinsStatus(
        schedulers=tuple(
            Scheduler(*_place(item.owner), from_millis(item.started_ms), from_millis(item.seen_ms), _moment(item.next_ms))
            for item in servers.running(now)
        ),
        at_work=tuple(Working(item.twin, item.kind, *_place(item.owner), from_millis(item.started_ms)) for item in at_work),
        upcoming=tuple(Upcoming(name, moment, name in overdue) for moment, name in first),
        active=sum(item.status == "active" for item in items),
        overdue=len(overdue),
    )


def _place(owner: str) -> tuple[str, int]:
    """The machine and the process of an owner; 0 for one that has no number."""
    host, _, rest = owner.partition("|")
    pid = rest.partition("|")[0]
    return host, int(pid) if pid.isdecimal() else 0


def _moment(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else from_millis(milliseconds)
