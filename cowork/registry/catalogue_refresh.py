"""`registry refresh`: fetch the catalogue now, whatever the age of the copy that is held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cowork.core.clock import Clock
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.registry import catalogue_cache, catalogue_place, catalogue_source
from cowork.registry.catalogue_entry import CatalogueEntry
from cowork.registry.catalogue_history import warnings_of
from cowork.registry.catalogue_place import Place
from cowork.registry.catalogue_read import Catalogue


@dataclass(frozen=True)
class Refreshed:
    """The catalogue that is held now, and what is different from the one before, as numbers of entries.

    The numbers are null in a dry run. `changed` is false when the registry confirmed what was held.
    """

    registry: str
    mode: Literal["local", "static", "rest"]
    entries: int | None
    changed: bool
    added: int | None
    removed: int | None
    updated: int | None
    republished: tuple[str, ...]
    updated_at: str | None
    fetched_at: str | None
    dry_run: bool
    plan: tuple[Step, ...]


def refresh(clock: Clock, *, accept_older: bool = False, dry_run: bool = False) -> tuple[Refreshed, tuple[Notice, ...]]:
    """Ask the registry and keep what it answers; a directory of this machine is only read.

    Raises `registry.replayed` for a catalogue older than the one held, unless `accept_older`; `registry.unreachable`,
    `registry.invalid`, `web.*`, `policy.*` and `file.*`. What is held stays as it was then.
    """
    gate.require(Action("registry refresh"), dry_run=dry_run)
    place = catalogue_place.place()
    plan = _plan(place)
    if dry_run:
        nothing = Refreshed(place.base, place.mode, None, False, None, None, None, (), None, None, True, plan)
        return nothing, ()
    if place.mode == "local":
        answer = catalogue_source.local(place)
        return _refreshed(place, answer.found, answer.found, None, plan), answer.notices
    question = catalogue_source.question_for(place)
    held = catalogue_cache.read(place.document)
    renewed = catalogue_source.renew(question, held, clock, accept_older=accept_older, keep=True)
    refreshed = _refreshed(place, renewed.found, renewed.before, renewed.copy.fetched_at, plan)
    return refreshed, (*renewed.found.notices, *warnings_of(entry for entry in renewed.found.entries if entry.republished))


def _plan(place: Place) -> tuple[Step, ...]:
    if place.mode == "local":
        return (Step("read", place.document, "a directory needs no copy"),)
    what = "page after page" if place.mode == "rest" else "unless it is what is held"
    return Step("fetch", place.document, what), Step("write", str(catalogue_cache.path_of(place.document)))


def _refreshed(
    place: Place, found: Catalogue, before: Catalogue | None, fetched_at: str | None, plan: tuple[Step, ...]
) -> Refreshed:
    now, then = _by_id(found), _by_id(before) if before else {}
    shared = now.keys() & then.keys()
    return Refreshed(
        registry=place.base,
        mode=place.mode,
        entries=len(now),
        changed=now != then,
        added=len(now.keys() - shared),
        removed=len(then.keys() - shared),
        updated=sum(now[pack_id].version != then[pack_id].version for pack_id in shared),
        republished=tuple(sorted(entry.id for entry in found.entries if entry.republished)),
        updated_at=found.updated_at,
        fetched_at=fetched_at,
        dry_run=False,
        plan=plan,
    )


def _by_id(found: Catalogue) -> dict[str, CatalogueEntry]:
    return {entry.id: entry for entry in found.entries}
