"""A scheduler's look at the store, which may wait for others: made in a thread."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from cowork.twins.store import due, leases, outbox, schedule, servers
from cowork.twins.store.servers import Server


class Look(NamedTuple):
    """When something is due, when something else will be, and when something is to be delivered; None for never."""

    following: int | None
    coming: int | None
    parcels: int | None


def look(owner: str, started: int, now: int, running: Collection[str]) -> Look:
    """Put right what is to be, say that this scheduler runs, and see what there is to do. Raises `database.*`."""
    due.mend_clock(now)
    leases.reap(now, running)
    following = schedule.next_due(now)
    servers.seen(Server(owner, started, now, following))
    return Look(following, schedule.next_after(now), outbox.waiting(now))
