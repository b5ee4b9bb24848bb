"""The pack catalogue: what could be installed, as the registry in force offers it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from cowork.core.clock import Clock, SystemClock
from cowork.core.errors import CoworkError, NotFound
from cowork.core.outcome import Notice
from cowork.core.text import did_you_mean, one_line
from cowork.registry import catalogue_place, catalogue_source
from cowork.registry.catalogue_entry import CatalogueEntry, is_id
from cowork.registry.catalogue_history import warnings_of
from cowork.registry.catalogue_place import Place
from cowork.registry.catalogue_read import Catalogue, Category
from cowork.registry.catalogue_source import Answer, Question, Source
from cowork.registry.search import Field, rank

PAGE_SIZE = 20
_WORDS = ("search", "categories")
"""What a REST registry answers at the addresses where these ids would be."""


@dataclass(frozen=True)
class CatalogueSearch:
    """One page of the entries that match, best first; with an empty query all of them, by id. `total` counts all pages.

    `source` is network, cache, shipped (with cowork) or local (a directory); `stale` says that it may be out of date.
    """

    query: str
    category: str | None
    total: int
    page: int
    page_size: int
    items: tuple[CatalogueEntry, ...]
    count: int
    registry: str
    source: Source
    fetched_at: str | None
    stale: bool


@dataclass(frozen=True)
class CategoryList:
    """The categories on offer, by name."""

    items: tuple[Category, ...]
    count: int
    registry: str
    source: Source
    fetched_at: str | None
    stale: bool


def search(
    query: str,
    *,
    category: str | None = None,
    page: int = 1,
    page_size: int = PAGE_SIZE,
    offline: bool = False,
    clock: Clock | None = None,
) -> tuple[CatalogueSearch, tuple[Notice, ...]]:
    """Search the catalogue. Entries that cannot be used are skipped with a notice.

    Raises `registry.*` and `web.*` errors when the registry cannot be asked and there is no copy of what it said.
    """
    place, clock = catalogue_place.place(), clock or SystemClock()
    if place.mode == "rest":
        from cowork.registry import catalogue_rest

        answer = _asked(place, clock, catalogue_rest.page_of(place, query, category, page, page_size), offline=offline)
    else:
        answer = catalogue_source.whole(place, clock, offline=offline)
    if answer.found.total is not None:  # the registry has searched and cut the page
        total, items = answer.found.total, _offered(answer.found)[:page_size]
    else:
        found = matching(_offered(answer.found), query, category)
        total, items = len(found), tuple(found[(page - 1) * page_size : page * page_size])
    result = CatalogueSearch(query, category, total, page, page_size, items, len(items), *_origin(answer))
    return result, (*answer.notices, *warnings_of(items))


def find(pack_id: str, *, offline: bool = False, clock: Clock | None = None) -> tuple[CatalogueEntry, tuple[Notice, ...]]:
    """One entry by id, or by `registry/id` from a registry that `pack_registries` names; `offline` answers from what is held.

    Raises `registry.not_found` with a suggestion, `registry.withdrawn` for an entry that its registry has deleted, and what
    `search` raises.
    """
    registry, slash, bare = pack_id.partition("/")
    place, clock = catalogue_place.named(registry) if slash else catalogue_place.place(), clock or SystemClock()
    pack_id = bare if slash else pack_id
    try:
        if place.mode == "rest" and is_id(pack_id) and pack_id not in _WORDS:
            from cowork.registry import catalogue_rest

            answer = _asked(place, clock, catalogue_rest.entry_of(place, pack_id), offline=offline)
        else:
            answer = catalogue_source.whole(place, clock, offline=offline)
    except NotFound:
        _not_found(pack_id, ())
    entry = next((entry for entry in answer.found.entries if entry.id == pack_id), None)
    if entry is None:
        _not_found(pack_id, [entry.id for entry in _offered(answer.found)])
    if entry.status == "deleted":
        text = f"'{entry.id}' was withdrawn from the catalogue"
        raise NotFound("registry.withdrawn", text, hint="find another: cowork registry search", details={"id": entry.id})
    return entry, (*answer.notices, *warnings_of([entry]))


def categories(*, offline: bool = False, clock: Clock | None = None) -> tuple[CategoryList, tuple[Notice, ...]]:
    """The categories of the entries on offer. Raises what `search` raises."""
    place, clock = catalogue_place.place(), clock or SystemClock()
    if place.mode == "rest":
        from cowork.registry import catalogue_rest

        answer = _asked(place, clock, catalogue_rest.categories_of(place), offline=offline)
    else:
        answer = catalogue_source.whole(place, clock, offline=offline)
    items = answer.found.categories or counted(_offered(answer.found))
    return CategoryList(items, len(items), *_origin(answer)), answer.notices


def matching(entries: Sequence[CatalogueEntry], query: str, category: str | None) -> list[CatalogueEntry]:
    """The entries of a category (whatever its case) in which every word of the query occurs, best first."""
    if category:
        entries = [entry for entry in entries if entry.category.casefold() == category.casefold()]
    return [entry for entry, _, _ in rank(query, entries, _fields)] if query.strip() else list(entries)


def counted(entries: Sequence[CatalogueEntry]) -> tuple[Category, ...]:
    """The categories of entries, by name, with the number of entries in each."""
    numbers = Counter(entry.category for entry in entries)
    return tuple(Category(name, numbers[name]) for name in sorted(numbers, key=lambda name: (name.casefold(), name)))


def _asked(place: Place, clock: Clock, question: Question, *, offline: bool) -> Answer:
    """A REST registry's answer. Where it cannot be had, the whole catalogue answers, if there is a copy of that."""
    try:
        return catalogue_source.ask(question, clock, offline=offline)
    except NotFound:
        raise
    except CoworkError as error:
        try:
            return catalogue_source.whole(place, clock, offline=True)
        except CoworkError:
            raise error from None


def _offered(found: Catalogue) -> tuple[CatalogueEntry, ...]:
    return tuple(entry for entry in found.entries if entry.status != "deleted")


def _origin(answer: Answer) -> tuple[str, Source, str | None, bool]:
    origin = answer.origin
    return origin.registry, origin.source, origin.fetched_at, origin.stale


def _not_found(pack_id: str, known: Sequence[str]) -> NoReturn:
    hint = did_you_mean(pack_id, known, "list them with: cowork registry search")
    text = f"the catalogue has no '{one_line(pack_id, 80)}'"
    raise NotFound("registry.not_found", text, hint=hint, details={"id": pack_id})


def _fields(entry: CatalogueEntry) -> list[Field]:
    return [
        Field("id", entry.id, 100),
        *([Field("name", entry.name, 90)] if entry.name != entry.id else ()),
        Field("display_name", entry.display_name, 80),
        Field("category", entry.category, 50),
        Field("description", entry.description, 30),
        Field("tags", "\n".join(entry.tags), 20),
    ]
