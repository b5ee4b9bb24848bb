"""The documents of a registry: the catalogue, and a REST registry's pages, single entries and categories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cowork.core.errors import CoworkError, InvalidInput
from cowork.core.files import parse_json
from cowork.core.outcome import Notice
from cowork.registry.catalogue_entry import MAX_ENTRIES, CatalogueEntry, read_entries

FORMAT = 1
_MAX_CATEGORIES = 1_000
_MAX_COUNT = 2**53


@dataclass(frozen=True)
class Category:
    """A category with the number of its entries; null where the registry does not say."""

    name: str
    count: int | None


@dataclass(frozen=True)
class Catalogue:
    """What a registry answered. `total` is of all pages, for a page; `categories` answers the question for them."""

    entries: tuple[CatalogueEntry, ...] = ()
    notices: tuple[Notice, ...] = ()
    updated_at: str | None = None
    serial: int | None = None
    total: int | None = None
    categories: tuple[Category, ...] = ()


def parse(body: bytes, shown: str) -> Any:
    """The JSON of an answer. Raises `registry.invalid`."""
    try:
        return parse_json(body, path=Path("catalogue"), what="pack catalogue")
    except CoworkError as error:
        raise invalid(shown, f"its answer is not JSON: {error.cause}") from error


def whole(document: Any, shown: str) -> Catalogue:
    """The catalogue in a `pack-catalog.json`. Raises `registry.invalid`, `registry.too_many_entries`."""
    packs = document.get("packs") if isinstance(document, Mapping) else None
    if not isinstance(packs, list):
        raise invalid(shown, 'it needs a list "packs"')
    entries, notices = read_entries(packs, shown)
    version = document.get("version")
    if _integer(version) is not None and version > FORMAT:
        text = f"{shown} is of format {min(version, _MAX_COUNT)}, newer than this cowork; what it understands is used"
        notices = (Notice("registry.newer_format", text), *notices)
    by_id = tuple(sorted(entries, key=lambda entry: entry.id))
    return Catalogue(by_id, notices, updated_at=_time(document), serial=_integer(document.get("serial")))


def page(document: Any, shown: str) -> Catalogue:
    """A page of search results, in the registry's order. Raises `registry.invalid`."""
    results = document.get("results") if isinstance(document, Mapping) else None
    if not isinstance(results, list):
        raise invalid(shown, 'its page needs a list "results"')
    entries, notices = read_entries(results, shown)
    total = _integer(document.get("total"))
    return Catalogue(entries, notices, total=len(results) if total is None else total)


def single(document: Any, pack_id: str, shown: str) -> Catalogue:
    """The entry of one id. Raises `registry.invalid`, also when it is the entry of another."""
    entries, notices = read_entries([document], shown)
    if not entries or entries[0].id != pack_id:
        cause = notices[0].message.partition(" ")[2] if notices else f"it answers for '{entries[0].id}'"
        raise invalid(shown, f"asked for '{pack_id}': {cause}")
    return Catalogue(entries)


def categories(document: Any, shown: str) -> Catalogue:
    """The categories a registry names, sorted; as text, or as objects with `name` and `count`. Raises `registry.invalid`."""
    listed = document.get("categories") if isinstance(document, Mapping) else None
    if not isinstance(listed, list):
        raise invalid(shown, 'it needs a list "categories"')
    counts = document.get("counts")
    found = {}
    for item in listed[:_MAX_CATEGORIES]:
        name = item.get("name") if isinstance(item, Mapping) else item
        count = item.get("count") if isinstance(item, Mapping) else None
        if isinstance(name, str) and 0 < len(name) <= 100:
            if isinstance(counts, Mapping):
                count = counts.get(name, count)
            found[name] = Category(name, _integer(count))
    return Catalogue(categories=tuple(sorted(found.values(), key=lambda item: (item.name.casefold(), item.name))))


def invalid(shown: str, cause: str) -> InvalidInput:
    """The error for an answer that is no catalogue."""
    return InvalidInput(
        "registry.invalid",
        f"{shown} is not a pack catalogue",
        cause=cause,
        hint="check the address of the registry, or tell whoever runs it",
        details={"registry": shown},
    )


def too_large(shown: str) -> InvalidInput:
    """The error for a registry that has more to offer than can be kept."""
    text = f"{shown} has more than can be fetched: {MAX_ENTRIES:,} entries, 8 MB, two minutes"
    return InvalidInput("registry.too_many_entries", text, hint="ask it with: cowork registry search")


def _time(document: Mapping[str, Any]) -> str | None:
    value = document.get("updatedAt")
    return value if isinstance(value, str) and len(value) <= 64 else None


def _integer(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_COUNT else None
