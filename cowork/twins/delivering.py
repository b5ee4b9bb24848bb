"""Telling people of results, where they are: what waits is sent, what fails is tried again, and nothing is lost by it.

Different hosts are told beside each other and the messages for one of them in order, so one that does not answer keeps nobody
else waiting. A message that was sent when its process died before that was recorded is sent again: rather twice than never.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from cowork.core.clock import Clock, from_millis, millis
from cowork.core.errors import CoworkError
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.core.text import counted
from cowork.loop.notifying import names_file, tell
from cowork.twins import messages
from cowork.twins.addresses import FROM_ENVIRONMENT, host, resolved, shown
from cowork.twins.messages import Message
from cowork.twins.quiet import quiet_until
from cowork.twins.store import outbox
from cowork.twins.store.outbox import Parcel

PATIENCE_S = 20.0
"""How long all deliveries of a call take together, whatever the addresses do."""
SLOW_S = 3.0
"""A host that takes longer to fail is left alone for the rest of a call."""
MOST_AT_ONCE = 200
MOST_HOSTS = 32

Emit = Callable[[str, dict[str, Any]], object]


@dataclass(frozen=True)
class Attempt:
    """A delivery that was due: `sent`, `waiting` for the next try at `next_at`, or `failed` for good.

    `problem` is why it was not sent; empty when it was not tried: its host had not taken what came before. `result_id` is
    empty for a test.
    """

    twin: str
    result_id: str
    title: str
    address: str
    status: str
    problem: str
    next_at: str | None


@dataclass(frozen=True)
class Deliveries:
    """What was due; `sent` and `failed` count tries of now.

    `waiting_until` is when the next delivery is due, None when none waits.
    """

    items: tuple[Attempt, ...]
    count: int
    sent: int
    failed: int
    waiting_until: str | None
    dry_run: bool
    plan: tuple[Step, ...]


def deliver(clock: Clock, *, patience_s: float = PATIENCE_S) -> Deliveries:
    """Make the deliveries that are due, as far as there is time; the others stay due. Raises `database.*`."""
    end = time.monotonic() + patience_s
    made = list[Attempt]()
    while time.monotonic() < end and (parcels := outbox.take(millis(clock.now()), MOST_AT_ONCE, not_before)):
        made += _delivered(parcels, clock, end)
    return report(made, clock)


def deliver_and_tell(clock: Clock, emit: Emit) -> tuple[Notice, ...]:
    """Deliver after other work, which it neither fails nor holds up for long: what became of it is told as events.

    What was not delivered is handed back as notices, too, one for each address: for who is answered with a document.
    """
    try:
        made = deliver(clock)
    except CoworkError as error:  # they wait in the database, and are tried again
        emit("delivery.problem", {"code": error.code, "message": error.message})
        return (Notice("twin.not_delivered", f"nothing could be delivered: {error.message}"),)
    for item in made.items:
        kind = "delivery.sent" if item.status == "sent" else "delivery.failed" if item.problem else "delivery.waiting"
        about = {"twin": item.twin, "result": item.result_id, "address": item.address}
        emit(kind, {**about, "problem": item.problem, "next_at": item.next_at})
    return _undelivered(made.items)


def _undelivered(made: Sequence[Attempt]) -> tuple[Notice, ...]:
    """What was not sent to each address, and why not first."""
    groups = dict[tuple[str, str], list[Attempt]]()
    for item in made:
        if item.status != "sent":
            groups.setdefault((item.twin, item.address), []).append(item)
    found = []
    for (twin, address), items in groups.items():
        why = next((f": {item.problem}" for item in items if item.problem), "")
        text = f"{twin}: {counted(len(items), 'result')} not delivered to {address}{why}; see: cowork twin deliver --retry"
        found.append(Notice("twin.not_delivered", text))
    return tuple(found)


def report(made: Sequence[Attempt], clock: Clock, plan: Sequence[Step] = (), *, dry_run: bool = False) -> Deliveries:
    """What was made, and when the next delivery is due."""
    following = outbox.waiting(millis(clock.now()))
    sent = sum(item.status == "sent" for item in made)
    failed = sum(bool(item.problem) for item in made)
    return Deliveries(
        tuple(made), len(made), sent, failed, None if following is None else from_millis(following), dry_run, tuple(plan)
    )


@lru_cache(maxsize=1024)  # many twins have the same hours
def not_before(now: int, hours: str, timezone: str) -> int:
    """When a result may be told at the earliest, in milliseconds: outside the quiet hours of its twin."""
    return millis(quiet_until(datetime.fromtimestamp(now / 1000, UTC), hours, timezone))


def send(address: str, message: Message, patience_s: float) -> str | None:
    """Send to an address as it is stored: what went wrong, None when nothing did. Nothing of the address is in it."""
    url = resolved(address)
    if url is None:
        return f"the variable {address.removeprefix(FROM_ENVIRONMENT)} is not set"
    if url == address and names_file(url):  # of a copy that was put back, or of an older cowork
        return "the address names a file of this machine; put it into a variable and deliver to env:NAME"
    return tell(url, message.title, message.body, ending=message.ending, patience_s=patience_s)


def by_host(addresses: Sequence[str]) -> list[list[int]]:
    """The places of addresses in a list, those of one host together."""
    groups: dict[str, list[int]] = {}
    for place, address in enumerate(addresses):
        groups.setdefault(host(resolved(address) or address), []).append(place)
    return list(groups.values())


def _delivered(parcels: Sequence[Parcel], clock: Clock, end: float) -> list[Attempt]:
    groups = [[parcels[place] for place in places] for places in by_host([parcel.url for parcel in parcels])]
    with ThreadPoolExecutor(min(len(groups), MOST_HOSTS), "deliver") as pool:
        ended = list(pool.map(lambda group: _to_one_host(group, clock, end), groups))
    return [attempt for attempts in ended for attempt in attempts]


def _to_one_host(parcels: Sequence[Parcel], clock: Clock, end: float) -> list[Attempt]:
    """One after the other. An address that failed is left alone, and the whole host when it was slow to."""
    made, left_alone = list[Attempt](), set[str]()
    for parcel in parcels:
        began = time.monotonic()
        if began >= end or parcel.url in left_alone:
            again = outbox.give_back(parcel, millis(clock.now()))
            made.append(_attempt(parcel, "waiting", "", again))
            continue
        attempt = _try(parcel, clock, end - began)
        made.append(attempt)
        if attempt.problem:
            left_alone.add(parcel.url)
            end = end if time.monotonic() - began < SLOW_S else began
    return made


def _try(parcel: Parcel, clock: Clock, patience_s: float) -> Attempt:
    problem = send(parcel.url, messages.of_result(parcel), patience_s)
    now = millis(clock.now())
    if problem is None:
        outbox.sent(parcel, now)
        return _attempt(parcel, "sent", "", None)
    again = outbox.failed(parcel, problem, now)
    return _attempt(parcel, "failed" if again is None else "waiting", problem, again)


def _attempt(parcel: Parcel, status: str, problem: str, again: int | None) -> Attempt:
    following = None if again is None else from_millis(again)
    return Attempt(parcel.twin, parcel.result_id, parcel.title, shown(parcel.url), status, problem, following)
