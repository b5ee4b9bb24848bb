"""Asking something of a twin: assigned tasks, mentions, reasons to wake. They wait for its next heartbeat, or for nobody."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection

from cowork.core.clock import Clock, from_millis, millis, parsed, rfc3339
from cowork.core.errors import Conflict, InvalidInput, LimitReached, NotFound
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.core.text import did_you_mean, one_line, printable
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.twins.directory import find_twin
from cowork.twins.heartbeat import heartbeat_from
from cowork.twins.moments import moment
from cowork.twins.requests import PRIORITIES, Request, RequestKind
from cowork.twins.store import ids, roles
from cowork.twins.store import requests as store
from cowork.twins.store.opening import reading, writing
from cowork.twins.twin import Twin

MOST_OPEN = 25
"""How many requests may wait for one twin: what is more is refused, never dropped."""
COALESCED_MS = 30_000
"""The same reason to wake, given twice within so long, is one."""
_LONGEST_TITLE, _LONGEST_TEXT = 200, 20_000
_SUGGESTED = 500


@dataclass(frozen=True)
class Requested:
    """What was asked of a twin. `coalesced`: the same was asked a moment ago, and is not asked twice.

    While the twin is paused nobody knows when it is attended to: `wake_at` is None.
    """

    request: Request
    coalesced: bool
    dry_run: bool
    plan: tuple[Step, ...]


@dataclass(frozen=True)
class Cancelled:
    """Requests that were taken back."""

    items: tuple[Request, ...]
    count: int
    dry_run: bool
    plan: tuple[Step, ...]


def request(
    name: str,
    kind: RequestKind,
    title: str,
    clock: Clock,
    *,
    text: str = "",
    priority: str = "normal",
    due: str | None = None,
    at_once: bool = False,
    dry_run: bool = False,
    verb: str = "twin assign",
) -> Requested:
    """Ask something of a twin: for its next heartbeat, or `at_once` for the next look of a scheduler.

    Raises `twin.not_found`, `twin.gone`, `twin.not_active` for one that is inactive, `request.empty`, `request.too_long`,
    `request.bad_due`, `twin.too_many_requests`, policy errors.
    """
    twin = find_twin(name)
    not_inactive(twin)
    now = clock.now()
    made = new(twin, kind, title, now, text=text, priority=priority, due=due, at_once=at_once)
    gate.require(Action(verb, what=twin.name), dry_run=dry_run)
    with reading() if dry_run else writing() as connection:  # counted and added while nobody else can
        if not dry_run and connection:
            twin = _still(connection, twin)
        waiting = store.unfinished_of(connection, twin.id) if connection else []
        same = _same(made, waiting, millis(now)) if kind == "wake" else None
        if same is not None:
            plan = Step("leave", twin.name, f"{kind}: {made.title}, asked already as {same.id}")
            return Requested(_told(twin, same), True, dry_run, (plan,))
        if len(waiting) >= MOST_OPEN:
            raise LimitReached(
                "twin.too_many_requests",
                f"{len(waiting)} requests wait for {twin.name} already",
                hint=f"let it work: cowork twin beat {twin.name}; or take some back: cowork twin unassign",
            )
        if not dry_run and connection:
            made = store.add_in(connection, twin.id, made)
    told = _told(twin, made)
    moment = f"at {told.wake_at}" if told.wake_at else "once it is resumed"
    return Requested(told, False, dry_run, (Step("ask", twin.name, f"{kind}: {made.title}, attended to {moment}"),))


def notices(requested: Requested) -> tuple[Notice, ...]:
    """What is worth knowing beside what was asked."""
    if requested.request.wake_at is not None:
        return ()
    twin = requested.request.twin
    return (Notice("twin.paused", f"{twin} is paused: it attends to this once it is resumed: cowork twin resume {twin}"),)


def not_inactive(twin: Twin) -> None:
    """Raises Conflict `twin.not_active`: of an inactive twin nothing can be asked."""
    if twin.status == "inactive":
        raise Conflict("twin.not_active", f"{twin.name} is inactive", hint=f"cowork twin resume {twin.name}")


def new(
    twin: Twin,
    kind: RequestKind,
    title: str,
    now: datetime,
    *,
    text: str = "",
    priority: str = "normal",
    due: str | None = None,
    at_once: bool = False,
) -> Request:
    """A request that is not stored yet. Raises `request.empty`, `request.too_long`, `request.bad_due`."""
    said = one_line(title, _LONGEST_TITLE + 1)
    body = printable(text if text else title if len(said) > _LONGEST_TITLE else "").strip()
    if not said:
        raise InvalidInput(
            "request.empty", "there is nothing to do", hint='for example: cowork twin assign NAME "Look into it"'
        )
    if len(body) > _LONGEST_TEXT:
        raise InvalidInput(
            "request.too_long",
            f"a request has at most {_LONGEST_TEXT} characters, not {len(body)}",
            hint="put it into a file of the workspace, and name the file",
        )
    created = rfc3339(now)
    wake = millis(now) if at_once else heartbeat_from(millis(now), millis(parsed(twin.anchor_at)), twin.interval_minutes)
    return Request(
        id=ids.proposed("requests"),
        twin=twin.name,
        kind=kind,
        title=one_line(title, _LONGEST_TITLE),
        text=body,
        priority=PRIORITIES[priority],
        status="open",
        due_at=None if due is None else _due(due, now),
        wake_at=from_millis(wake),
        attempt=0,
        result_id="",
        created_at=created,
        updated_at=created,
    )


def cancel(ids: Sequence[str], clock: Clock, *, dry_run: bool = False) -> Cancelled:
    """Take requests back that nobody works on yet, by id. Raises `request.not_found`, `request.under_way`, `request.over`."""
    known = {item.id: item for item in store.with_ids(list(dict.fromkeys(ids)))}
    chosen = [_cancellable(known, name) for name in dict.fromkeys(ids)]
    plan = tuple(Step("take back", item.id, f"{item.twin}: {item.title}") for item in chosen)
    for item in chosen:
        gate.require(Action("twin unassign", what=item.twin, removes=True), dry_run=dry_run)
    if dry_run:
        return Cancelled(tuple(chosen), len(chosen), True, plan)
    now = millis(clock.now())
    with writing() as connection:
        for item in chosen:
            if not store.cancel_in(connection, item.id, now):
                raise _under_way(item)
    gone = tuple(dataclasses.replace(item, status="cancelled", updated_at=from_millis(now)) for item in chosen)
    return Cancelled(gone, len(gone), False, plan)


def _cancellable(known: dict[str, Request], name: str) -> Request:
    item = known.get(name)
    if item is None:
        hint = did_you_mean(name, store.open_ids(_SUGGESTED), "list them with: cowork twin tasks")
        raise NotFound("request.not_found", f"there is no request '{name}'", hint=hint, details={"request": name})
    if item.status == "working":
        raise _under_way(item)
    if item.status != "open":
        raise Conflict("request.over", f"{item.id} is {item.status}", hint="see: cowork twin tasks --all")
    return item


def _under_way(item: Request) -> Conflict:
    return Conflict("request.under_way", f"{item.twin} works on {item.id} right now", hint="see: cowork twin status")


def _still(connection: Connection, twin: Twin) -> Twin:
    """The twin as it is by now. Raises `twin.gone`, `twin.not_active`."""
    found = roles.read(connection, [twin.id])
    if not found:
        raise Conflict("twin.gone", f"{twin.name} was removed", hint="see: cowork twin list")
    not_inactive(found[0])
    return found[0]


def _told(twin: Twin, item: Request) -> Request:
    return item if twin.status == "active" else dataclasses.replace(item, wake_at=None)


def _same(made: Request, waiting: Sequence[Request], now: int) -> Request | None:
    for item in waiting:
        recent = now - millis(parsed(item.created_at)) < COALESCED_MS
        if recent and (item.kind, item.title, item.text, item.status) == (made.kind, made.title, made.text, "open"):
            return item
    return None


def _due(text: str, now: datetime) -> str:
    found = moment(text, now, "future")
    if found is not None and found < now:
        raise InvalidInput("request.bad_due", f"'{one_line(text, 40)}' is over already", hint="name a moment that is to come")
    if found is None:
        raise InvalidInput(
            "request.bad_due",
            f"'{one_line(text, 40)}' is no time",
            hint="for example --due 3d, --due 4h, --due 2026-12-01 or --due 2026-12-01T15:00",
        )
    return rfc3339(found)
