"""Letting twins rest, work again, or go."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from sqlite3 import Connection
from typing import Literal

from cowork.core.clock import Clock, millis, rfc3339
from cowork.core.errors import Conflict
from cowork.core.plan import Step
from cowork.core.text import one_line
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.twins import changing, directory, schedule
from cowork.twins.differences import differences
from cowork.twins.store import copies
from cowork.twins.twin import Twin, TwinsChanged


def pause(names: Sequence[str], clock: Clock, *, dry_run: bool) -> TwinsChanged:
    """Twins wake no more until they are resumed. Raises `twin.not_found`, `twin.ambiguous`, policy and database errors."""
    return _set(names, "paused", "twin pause", clock, dry_run=dry_run)


def resume(names: Sequence[str], clock: Clock, *, dry_run: bool) -> TwinsChanged:
    """Twins wake again; what became due meanwhile is done once, at their next heartbeat. Raises as `pause`."""
    return _set(names, "active", "twin resume", clock, dry_run=dry_run)


def deactivate(names: Sequence[str], clock: Clock, *, purge: bool, dry_run: bool, force: bool = False) -> TwinsChanged:
    """Twins work no more. What they did and know stays, unless `purge` removes them with all of it.

    Raises as `pause`, and Conflict `twin.busy` when one that is to be removed is at work, unless `force`.
    """
    if not purge:
        return _set(names, "inactive", "twin deactivate", clock, dry_run=dry_run)
    _permitted("twin deactivate", names, wakes=False, dry_run=dry_run)

    def purged(twin: Twin, _addresses: object) -> changing.Change:
        return changing.Change(None, (Step("remove", twin.name, "with its results, requests, memory and addresses"),))

    def at_rest(connection: Connection, twins: Sequence[Twin]) -> None:
        busy = set(copies.at_work(connection, millis(clock.now()))) & {twin.name for twin in twins}
        if busy and not force:
            name, hint = min(busy), "wait until it is done, or lose what it does with --force"
            raise Conflict("twin.busy", f"{name} is at work", hint=hint, details={"twins": sorted(busy)[:20]})

    return changing.change(names, purged, dry_run=dry_run, check=at_rest)


def _set(
    names: Sequence[str], status: Literal["active", "paused", "inactive"], verb: str, clock: Clock, *, dry_run: bool
) -> TwinsChanged:
    now = clock.now()
    wakes = status == "active"
    _permitted(verb, names, wakes=wakes, dry_run=dry_run)

    def changed(twin: Twin, _addresses: object) -> changing.Change:
        if twin.status == status:
            return changing.Change(twin, ())
        after = dataclasses.replace(twin, status=status, updated_at=rfc3339(now))
        after = schedule.after_rest(after, millis(now)) if wakes else after
        return changing.Change(after, tuple(differences(twin, after)))

    return changing.change(names, changed, dry_run=dry_run)


def _permitted(verb: str, names: Sequence[str], *, wakes: bool, dry_run: bool) -> None:
    """Ask the gate about twins that there are: of others nothing was allowed. Raises `twin.not_found`, policy errors."""
    gate.refuse(Action(verb, what=one_line(", ".join(names)), removes=not wakes), dry_run=dry_run)
    found = directory.find_twins(names)
    beats = min((twin.interval_minutes for twin in found), default=0) * 60 if wakes else None
    what = one_line(", ".join(twin.name for twin in found))
    gate.require(Action(verb, what=what, heartbeat_s=beats, removes=not wakes), dry_run=dry_run)
