"""Telling people of results, where they are: what waits is sent, what fails is tried again, and nothing is lost by it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from cowork.core.clock import Clock, from_millis, millis
from cowork.core.plan import Step
from cowork.loop.notifying import notify
from cowork.twins.addresses import FROM_ENVIRONMENT, shown
from cowork.twins.quiet import quiet_until
from cowork.twins.store import outbox
from cowork.twins.store.outbox import Parcel
from cowork.twins.twin import Twin

AGAIN_MS = (60_000, 300_000, 1_800_000, 7_200_000)
"""How long after each failure it is tried again; after the last it has failed for good."""
MOST_AT_ONCE = 50
PATIENCE_S = 20.0
_LONGEST = 3500


@dataclass(frozen=True)
class Attempt:
    """A try to deliver: `sent`, `waiting` for the next one at `next_at`, or `failed` for good."""

    twin: str
    result_id: str
    title: str
    address: str
    state: str
    problem: str
    next_at: str | None


@dataclass(frozen=True)
class Deliveries:
    """What was tried. `waiting` is when the next one is due, None when none waits."""

    items: tuple[Attempt, ...]
    count: int
    sent: int
    waiting: str | None
    dry_run: bool
    plan: tuple[Step, ...]


def not_before(twin: Twin) -> Callable[[int], int]:
    """When a result of a twin may be told at the earliest: outside its quiet hours."""

    def moment(now: int) -> int:
        return millis(quiet_until(datetime.fromtimestamp(now / 1000, UTC), twin.quiet_hours, twin.timezone))

    return moment


def deliver(clock: Clock, *, most: int = MOST_AT_ONCE, patience_s: float = PATIENCE_S) -> Deliveries:
    """Make the deliveries that are due, one after the other. Whatever an address does, only that delivery fails."""
    made: list[Attempt] = []
    while len(made) < most and (parcel := outbox.take(millis(clock.now()))) is not None:
        made.append(_made(parcel, clock, patience_s))
    following = outbox.waiting(millis(clock.now()))
    sent = sum(item.state == "sent" for item in made)
    return Deliveries(tuple(made), len(made), sent, None if following is None else from_millis(following), False, ())


def _made(parcel: Parcel, clock: Clock, patience_s: float) -> Attempt:
    problem = _send(parcel, patience_s)
    now = millis(clock.now())
    again = None
    if problem is None:
        outbox.sent(parcel.id, now)
    else:
        again = now + AGAIN_MS[parcel.attempts - 1] if parcel.attempts <= len(AGAIN_MS) else None
        outbox.failed(parcel.id, problem, again)
    return Attempt(
        twin=parcel.twin,
        result_id=parcel.result_id,
        title=parcel.title,
        address=shown(parcel.url),
        state="sent" if problem is None else "failed" if again is None else "waiting",
        problem=problem or "",
        next_at=None if again is None else from_millis(again),
    )


def _send(parcel: Parcel, patience_s: float) -> str | None:
    """What went wrong, None when nothing did."""
    url = parcel.url
    if url.startswith(FROM_ENVIRONMENT):
        name = url.removeprefix(FROM_ENVIRONMENT)
        url = os.environ.get(name, "")
        if not url:
            return f"the variable {name} is not set"
    told, problems = notify([url], f"{parcel.twin}: {parcel.title}", _body(parcel), patience_s=patience_s)
    return None if told else (problems[0] if problems else "it could not be told")


def _body(parcel: Parcel) -> str:
    more = f"\n\nWhole: cowork twin results show {parcel.result_id}"
    return parcel.text if len(parcel.text) <= _LONGEST else f"{parcel.text[:_LONGEST].rstrip()} ...{more}"
