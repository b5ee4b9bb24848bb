"""The pack catalogue: what could be installed. Reads the shipped `registry/pack-catalog.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cowork.core.errors import CoworkError, InvalidInput, NotFound
from cowork.core.files import read_json
from cowork.core.outcome import Notice
from cowork.core.paths import data_dir
from cowork.core.text import did_you_mean
from cowork.registry.search import Field, rank

FILE_NAME = "pack-catalog.json"
_REQUIRED = ("id", "name", "displayName", "description", "version", "author")


@dataclass(frozen=True)
class CatalogueEntry:
    """One pack on offer."""

    id: str
    name: str
    display_name: str
    description: str
    version: str
    author: str
    icon: str
    category: str
    tags: tuple[str, ...]
    git_url: str | None
    download_url: str | None
    skill_count: int
    agent_count: int
    updated_at: str | None


@dataclass(frozen=True)
class CatalogueSearch:
    """Entries that match, best first; with an empty query all of them, by id."""

    query: str
    items: tuple[CatalogueEntry, ...]
    count: int


def search(query: str, *, category: str | None = None) -> tuple[CatalogueSearch, tuple[Notice, ...]]:
    """Search the catalogue. Entries with missing fields are skipped with a notice."""
    entries, notices = _entries()
    if category:
        entries = [entry for entry in entries if entry.category.casefold() == category.casefold()]
    if query.strip():
        entries = [entry for entry, _, _ in rank(query, entries, _fields)]
    return CatalogueSearch(query, tuple(entries), len(entries)), notices


def find(pack_id: str) -> tuple[CatalogueEntry, tuple[Notice, ...]]:
    """One entry by id. Raises `registry.not_found` with a suggestion."""
    entries, notices = _entries()
    for entry in entries:
        if entry.id == pack_id:
            return entry, notices
    hint = did_you_mean(pack_id, [entry.id for entry in entries], "list them with: cowork registry search")
    raise NotFound("registry.not_found", f"the catalogue has no '{pack_id}'", hint=hint, details={"id": pack_id})


def _entries() -> tuple[list[CatalogueEntry], tuple[Notice, ...]]:
    path = data_dir("registry") / FILE_NAME
    try:
        document = read_json(path, what="pack catalogue")
    except FileNotFoundError:
        raise CoworkError("registry.missing", f"there is no pack catalogue at {path}", hint="install cowork again") from None
    packs = document.get("packs") if isinstance(document, dict) else None
    if not isinstance(packs, list):
        raise InvalidInput("registry.invalid", f"{path} is not a pack catalogue", hint='it needs a list "packs"')
    entries, notices = [], []
    for number, item in enumerate(packs):
        problem = _problem(item)
        if problem:
            notices.append(Notice("registry.entry_skipped", f"{path}: packs[{number}] {problem}"))
        else:
            entries.append(_entry(item))
    return sorted(entries, key=lambda entry: entry.id), tuple(notices)


def _problem(item: Any) -> str | None:
    if not isinstance(item, Mapping):
        return "is not an object"
    missing = [key for key in _REQUIRED if not isinstance(item.get(key), str)]
    return f"lacks {', '.join(missing)}" if missing else None


def _entry(item: Mapping[str, Any]) -> CatalogueEntry:
    tags = item.get("tags")
    return CatalogueEntry(
        id=item["id"],
        name=item["name"],
        display_name=item["displayName"],
        description=item["description"],
        version=item["version"],
        author=item["author"],
        icon=str(item.get("icon") or "📦"),
        category=str(item.get("category") or "Custom"),
        tags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
        git_url=_text(item.get("gitUrl")),
        download_url=_text(item.get("downloadUrl")),
        skill_count=_count(item.get("skillCount")),
        agent_count=_count(item.get("agentCount")),
        updated_at=_text(item.get("updatedAt")),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def _fields(entry: CatalogueEntry) -> list[Field]:
    return [
        Field("id", entry.id, 100),
        Field("display_name", entry.display_name, 80),
        Field("category", entry.category, 50),
        Field("description", entry.description, 30),
        Field("tags", "\n".join(entry.tags), 20),
    ]
