"""`registry updates`: the installed packs of which the catalogue has a newer version."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.clock import Clock, SystemClock
from cowork.core.outcome import Notice
from cowork.registry import catalogue_place, catalogue_source, world
from cowork.registry.catalogue_history import warnings_of
from cowork.registry.catalogue_source import Source
from cowork.registry.versions import is_newer


@dataclass(frozen=True)
class UpdateItem:
    """An installed pack of which there is a newer version; `source` is where the catalogue says it can be had."""

    name: str
    installed: str
    available: str
    scope: str
    path: str
    id: str
    source: str | None


@dataclass(frozen=True)
class UpdateList:
    """Packs with a newer version, by name, of `checked` that did not come with cowork."""

    items: tuple[UpdateItem, ...]
    count: int
    checked: int
    registry: str
    source: Source
    fetched_at: str | None
    stale: bool


def list_updates(*, offline: bool = False, clock: Clock | None = None) -> tuple[UpdateList, tuple[Notice, ...]]:
    """The installed packs that have a newer version in the catalogue, which is fetched unless it is fresh, or `offline`.

    Raises `registry.*` and `web.*` errors when the registry cannot be asked and there is no copy of what it said.
    """
    packs = [pack for pack in world.load().packs if pack.scope != "bundled" and pack.state != "shadowed"]
    answer = catalogue_source.whole(catalogue_place.place(), clock or SystemClock(), offline=offline)
    offered = catalogue_source.offers_of(answer.found)
    items, entries = [], []
    for pack in sorted(packs, key=lambda pack: (pack.name, pack.head["path"])):
        entry, held = offered.get(pack.name), pack.head["version"]
        if entry and is_newer(entry.version, held):
            where = entry.git_url or entry.download_url
            items.append(UpdateItem(pack.name, held, entry.version, pack.scope, pack.head["path"], entry.id, where))
            entries.append(entry)
    origin = answer.origin
    found = UpdateList(tuple(items), len(items), len(packs), origin.registry, origin.source, origin.fetched_at, origin.stale)
    return found, (*answer.notices, *warnings_of(entries))
