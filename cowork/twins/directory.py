"""Listing and finding twins."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Sequence

from cowork.core.clock import Clock, from_millis, millis, parsed
from cowork.core.errors import InvalidInput, NotFound
from cowork.core.text import did_you_mean, one_line
from cowork.twins.heartbeat import heartbeat_from
from cowork.twins.store import listing, roles
from cowork.twins.store.listing import Filter
from cowork.twins.store.opening import reading
from cowork.twins.twin import Twin, TwinItem, TwinList, TwinPage

_WEEK_MS = 7 * 24 * 60 * 60 * 1000


def list_twins(wanted: Filter | None = None) -> TwinList:
    """The twins that are wanted, or all, sorted by name as people count.

    Raises `persona.unknown_category` and `persona.not_found`, with a suggestion, for what neither a twin nor a template has.
    """
    wanted = wanted or Filter()
    items = listing.items(wanted)
    if wanted == Filter():
        return TwinList(items, len(items), len(items))
    everyone = listing.items()
    if not items:
        wanted = _known(wanted, everyone)
        items = listing.items(wanted)
    return TwinList(items, len(items), len(everyone))


def _known(wanted: Filter, everyone: Sequence[TwinItem]) -> Filter:
    """The filter with what is meant by it. Raises as `list_twins`."""
    from cowork.twins import template_files, template_pages, templates

    found, category = template_files.load(), wanted.category
    if category is not None:
        category = template_pages.known_category(category, found, [item.category for item in everyone])
    if wanted.template is not None and wanted.template not in {item.template_id for item in everyone}:
        templates.template_file(found, wanted.template)
    return dataclasses.replace(wanted, category=category)


def find_twin(name: str) -> Twin:
    """The twin with this name (also as `@name`, or without its `twin-`), display name or id. Raises as `find_in`."""
    with reading() as connection:
        if connection is None:
            raise _nobody(name, ())
        return find_in(connection, name)


def find_twins(names: Sequence[str]) -> list[Twin]:
    """The twins with these names, each once, in this order. Raises as `find_in`."""
    with reading() as connection:
        if connection is None:
            raise _nobody(names[0], ())
        return find_all_in(connection, names)


def find_all_in(connection: sqlite3.Connection, names: Sequence[str]) -> list[Twin]:
    """As `find_twins`, in a transaction that is under way."""
    found = {twin.id: twin for twin in (find_in(connection, name) for name in names)}
    return list(found.values())


def find_in(connection: sqlite3.Connection, name: str) -> Twin:
    """As `find_twin`, in a transaction that is under way. Raises `twin.not_found` with a suggestion, or `twin.ambiguous`."""
    wanted = name.removeprefix("@")
    for word in (wanted, f"twin-{wanted}"):
        exact = roles.read(connection, [word])
        if exact:
            return next((twin for twin in exact if twin.name == word), exact[0])
    everyone = roles.identities(connection)
    called = [who for who in everyone if who[2].casefold() in (name.casefold(), wanted.casefold())]
    if len(called) > 1:
        hint = f"name it by one of: {', '.join(who[1] for who in called[:10])}{', ...' if len(called) > 10 else ''}"
        text = f"{len(called)} twins are called '{one_line(wanted, 80)}'"
        raise InvalidInput("twin.ambiguous", text, hint=hint, details={"twin": name})
    if not called:
        raise _nobody(name, [who[1] for who in everyone])
    [twin] = roles.read(connection, [called[0][0]])
    return twin


def page(name: str, clock: Clock) -> TwinPage:
    """A twin with how it stands. Raises as `find_in`."""
    now = millis(clock.now())
    with reading() as connection:
        if connection is None:
            raise _nobody(name, ())
        twin = find_in(connection, name)
        standing = listing.standing(connection, twin.id, now - _WEEK_MS)
    active = twin.status == "active"
    wakes = from_millis(heartbeat_from(now, millis(parsed(twin.anchor_at)), twin.interval_minutes))
    due = [task.due_at for task in twin.tasks if task.enabled and task.due_at is not None]
    due += [from_millis(standing.wake_ms)] if standing.wake_ms is not None else []
    return TwinPage(
        **vars(twin),
        next_beat_at=wakes if active else None,
        next_due_at=min(due) if active and due else None,
        open_requests=standing.open_requests,
        results_week=standing.results_since,
        results_total=standing.results_total,
    )


def _nobody(name: str, known: Sequence[str]) -> NotFound:
    hint = did_you_mean(name.removeprefix("@"), known, "activate one with: cowork twin activate software-engineer")
    return NotFound("twin.not_found", f"there is no twin '{one_line(name, 80)}'", hint=hint, details={"twin": name})
