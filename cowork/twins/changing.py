"""Changing several twins in one transaction: read, decided and written while nobody else can write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from cowork.core.clock import millis, parsed
from cowork.core.plan import Step
from cowork.twins import directory, schedule
from cowork.twins.store import addresses, requests, roles
from cowork.twins.store.opening import reading, writing
from cowork.twins.twin import Twin, TwinChange, TwinsChanged


@dataclass(frozen=True)
class Change:
    """What a twin is to be, or None when it is to go; the steps to it; and the addresses that come and go.

    `why` says why there are no steps.
    """

    after: Twin | None
    plan: tuple[Step, ...]
    come: tuple[tuple[str, str], ...] = ()
    gone: tuple[tuple[str, str], ...] = ()
    why: str = "it is like that already"


Decide = Callable[[Twin, list[tuple[str, str]]], Change]
"""Told a twin as it is, and its addresses with the task of each."""
Check = Callable[[Connection, Sequence[Twin]], None]
"""Told the twins that are to change, while nobody else can write; raises when they may not."""


def change(names: Sequence[str] | None, decide: Decide, *, dry_run: bool, check: Check | None = None) -> TwinsChanged:
    """Change the twins with these names, or all; all of them or none.

    Raises what finding, `decide` and `check` raise, `database.*`.
    """
    if dry_run:
        with reading() as connection:
            if connection is None:
                return _answer(_nobody(names), [], dry_run=True)
            twins = roles.read(connection) if names is None else directory.find_all_in(connection, names)
            _checked(check, connection, twins)
            return _answer(twins, [decide(twin, addresses.of_in(connection, twin.id)) for twin in twins], dry_run=True)
    if names is None and not roles.names():
        return _answer([], [], dry_run=False)
    if names is not None:
        directory.find_twins(names)  # so that a slip of the pen makes no database
    with writing() as connection:
        twins = roles.read(connection) if names is None else directory.find_all_in(connection, names)
        _checked(check, connection, twins)
        changes = [decide(twin, addresses.of_in(connection, twin.id)) for twin in twins]
        for twin, made in zip(twins, changes, strict=True):
            if made.after is None:
                roles.remove_in(connection, twin.id)
                continue
            roles.change_in(connection, twin, made.after)
            _move_requests(connection, twin, made.after)
            addresses.remove_in(connection, twin.id, made.gone)
            addresses.add_in(connection, twin.id, made.come)
    return _answer(twins, changes, dry_run=False)


def _checked(check: Check | None, connection: Connection, twins: Sequence[Twin]) -> None:
    if check is not None:
        check(connection, twins)


def _move_requests(connection: Connection, before: Twin, after: Twin) -> None:
    """Requests wait for heartbeats as they are now."""
    if (before.interval_minutes, before.anchor_at) != (after.interval_minutes, after.anchor_at):
        now = millis(parsed(after.updated_at))
        requests.move_in(connection, after.id, schedule.next_beat(after, now), now)


def _nobody(names: Sequence[str] | None) -> list[Twin]:
    return [] if names is None else directory.find_twins(names)  # which raises: there are none


def _answer(twins: Sequence[Twin], changes: Sequence[Change], *, dry_run: bool) -> TwinsChanged:
    items, plan = [], list[Step]()
    for twin, made in zip(twins, changes, strict=True):
        plan += made.plan or (Step("keep", twin.name, made.why),)
        after = made.after or twin
        removed = made.after is None
        items.append(TwinChange(after.name, after.display_name, after.status, bool(made.plan), removed))
    return TwinsChanged(tuple(items), len(items), dry_run, tuple(plan))
