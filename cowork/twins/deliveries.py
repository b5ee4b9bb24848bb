"""Deliveries that somebody asks for: those that are due, those that failed once more, and a test of a twin's addresses."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from cowork.core.clock import Clock, from_millis, millis
from cowork.core.errors import Degraded, NotFound
from cowork.core.plan import Step
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.twins import delivering, messages
from cowork.twins.addresses import shown
from cowork.twins.delivering import Attempt, Deliveries
from cowork.twins.directory import find_twin
from cowork.twins.store import outbox, results

_VERB = "twin deliver"
_MOST_SHOWN = 1000


def deliver(clock: Clock, *, retry: bool = False, names: Sequence[str] = (), dry_run: bool = False) -> Deliveries:
    """Make the deliveries that are due; with `retry` also those that failed, for good or so far, of results or of all.

    Raises `result.not_found`, `result.ambiguous`, policy and database errors; Degraded `twin.not_delivered` with the report as
    `data` when some were not made.
    """
    gate.require(Action(_VERB), dry_run=dry_run)
    wanted = [results.find(name).id for name in names]
    now = millis(clock.now())
    if dry_run:
        parcels = outbox.due(now, _MOST_SHOWN) + (outbox.unsuccessful(wanted, _MOST_SHOWN) if retry else [])
        plan = [_step(parcel, now) for parcel in {parcel.id: parcel for parcel in parcels}.values()]
        return delivering.report((), clock, plan or [Step("deliver", "nothing", "none is due")], dry_run=True)
    if retry:
        outbox.retry(now, wanted)
    return _judged(delivering.deliver(clock))


def try_out(name: str, clock: Clock, *, dry_run: bool = False, patience_s: float = delivering.PATIENCE_S) -> Deliveries:
    """Send a message to every address of a twin and its tasks at once, quiet hours or not; nothing is stored.

    Raises `twin.not_found`, `twin.ambiguous`, NotFound `twin.no_address`, policy and database errors; Degraded
    `twin.not_delivered` as `deliver`.
    """
    gate.require(Action(_VERB, what=name), dry_run=dry_run)
    twin = find_twin(name)
    addresses = outbox.addresses(twin.id)
    if not addresses:
        hint = f"cowork twin edit {twin.name} --deliver env:MY_SLACK"
        raise NotFound("twin.no_address", f"nothing is delivered for {twin.name}", hint=hint)
    if dry_run:
        plan = [Step("send a test", twin.name, shown(url)) for url in addresses]
        return delivering.report((), clock, plan, dry_run=True)
    message, end = messages.trial(twin), time.monotonic() + patience_s

    def tried(places: Sequence[int]) -> list[Attempt]:
        made = []
        for place in places:
            address = addresses[place]
            problem = delivering.send(address, message, max(0.0, end - time.monotonic()))
            state = "failed" if problem else "sent"
            made.append(Attempt(twin.name, "", message.title, shown(address), state, problem or "", None))
        return made

    groups = delivering.by_host(addresses)
    with ThreadPoolExecutor(min(len(groups), delivering.MOST_HOSTS), "deliver") as pool:
        made = [attempt for attempts in pool.map(tried, groups) for attempt in attempts]
    return _judged(delivering.report(made, clock))


def _step(parcel: outbox.Parcel, now: int) -> Step:
    moment = delivering.not_before(now, parcel.quiet_hours, parcel.timezone)
    after = f", not before {from_millis(moment)}: quiet hours" if moment > now else ""
    return Step("deliver", f"{parcel.twin}: {parcel.title} ({parcel.result_id})", f"{shown(parcel.url)}{after}")


def _judged(report: Deliveries) -> Deliveries:
    if not report.failed:
        return report
    first = next(item for item in report.items if item.problem)
    raise Degraded(
        "twin.not_delivered",
        f"{report.failed} of {report.count} deliveries were not made",
        cause=f"{first.twin}, {first.address}: {first.problem}",
        hint="the results are stored; what failed is tried again by itself, and at once by: cowork twin deliver --retry",
        data=report,
    )
