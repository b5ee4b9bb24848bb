"""Entries of a catalogue as whoever wrote them left them, read so that nothing in them can hurt.

What an entry must have is there, of its type and of a sensible length, or the entry is skipped with a warning. What it may
have falls back to a default, except where that would drop a protection: then, too, the entry is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cowork.core.errors import InvalidInput
from cowork.core.outcome import Notice
from cowork.core.text import one_line

MAX_ENTRIES = 20_000
_MAX_WARNINGS = 20
_MAX_TAGS = 50
_MAX_NUMBER = 1_000_000_000
_REQUIRED = {"id": 128, "name": 128, "displayName": 200, "description": 4_000, "version": 100, "author": 200}
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.)){0,127}")
# Where a default would quietly give up what protects the reader, a wrong value costs the entry its place.
_GUARDED = {
    "treeHash": re.compile(r"h1:[0-9a-f]{64}"),
    "commit": re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}"),
    "ref": re.compile(r"[^\s\x00-\x20\x7f\\~^:?*\[-][^\s\x00-\x20\x7f\\~^:?*\[]{0,254}"),
    "path": re.compile(r"(?!\.{1,2}(?:/|$))[^\x00-\x1f\x7f\\/]+(?:/(?!\.{1,2}(?:/|$))[^\x00-\x1f\x7f\\/]+)*"),
}
_MAX_GUARDED = 1_000

Status = Literal["active", "deprecated", "deleted"]


@dataclass(frozen=True)
class CatalogueEntry:
    """One pack on offer. `republished`: its content changed although its version did not."""

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
    ref: str | None
    commit: str | None
    tree_hash: str | None
    path: str | None
    skill_count: int
    agent_count: int
    downloads: int | None
    rating: float | None
    updated_at: str | None
    status: Status
    republished: bool


def is_id(text: str) -> bool:
    """Whether a text can be the id of an entry."""
    return _NAME.fullmatch(text) is not None


def read_entries(items: Iterable[Any], shown: str) -> tuple[tuple[CatalogueEntry, ...], tuple[Notice, ...]]:
    """The entries that can be used, in their order, and a warning for each that is skipped.

    Raises `registry.too_many_entries`. `shown` says in a warning where an entry stands.
    """
    found: dict[str, CatalogueEntry] = {}
    notices: list[Notice] = []
    skipped = 0
    for number, item in enumerate(items):
        if number >= MAX_ENTRIES:
            hint = "publish a smaller catalogue"
            raise InvalidInput("registry.too_many_entries", f"{shown} has more than {MAX_ENTRIES:,} entries", hint=hint)
        problem = _problem(item) or (f"repeats the id {item['id']}" if item["id"] in found else None)
        if problem is None:
            found[item["id"]] = _entry(item)
            continue
        skipped += 1
        if skipped <= _MAX_WARNINGS:
            notices.append(Notice("registry.entry_skipped", f"{shown}: packs[{number}] {problem}"))
    if skipped > _MAX_WARNINGS:
        notices.append(Notice("registry.entry_skipped", f"{shown}: {skipped - _MAX_WARNINGS} more entries are skipped"))
    return tuple(found.values()), tuple(notices)


def _problem(item: Any) -> str | None:
    if not isinstance(item, Mapping):
        return "is not an object"
    missing = [key for key in _REQUIRED if not isinstance(item.get(key), str)]
    if missing:
        return f"lacks {', '.join(missing)}"
    for key, longest in _REQUIRED.items():
        if len(item[key]) > longest:
            return f"has a {key} of more than {longest} characters"
    for key in ("id", "name"):
        if not _NAME.fullmatch(item[key]):
            return f"has the {key} '{one_line(item[key], 60)}', which is no name"
    for key, rule in _GUARDED.items():
        value = item.get(key)
        if value is not None and not (isinstance(value, str) and len(value) <= _MAX_GUARDED and rule.fullmatch(value)):
            return f"has a {key} that is none"
    return None


def _entry(item: Mapping[str, Any]) -> CatalogueEntry:
    return CatalogueEntry(
        id=item["id"],
        name=item["name"],
        display_name=item["displayName"],
        description=item["description"],
        version=item["version"],
        author=item["author"],
        icon=_text(item, "icon", 32) or "📦",
        category=_text(item, "category", 100) or "Custom",
        tags=_tags(item.get("tags")),
        git_url=_text(item, "gitUrl", 2_000),
        download_url=_text(item, "downloadUrl", 2_000),
        ref=item.get("ref"),
        commit=item.get("commit"),
        tree_hash=item.get("treeHash"),
        path=item.get("path"),
        skill_count=_count(item.get("skillCount")) or 0,
        agent_count=_count(item.get("agentCount")) or 0,
        downloads=_count(item.get("downloads")),
        rating=_rating(item.get("rating")),
        updated_at=_text(item, "updatedAt", 64),
        status=_status(item.get("status")),
        republished=False,
    )


def _text(item: Mapping[str, Any], key: str, longest: int) -> str | None:
    value = item.get(key)
    return value if isinstance(value, str) and len(value) <= longest else None


def _tags(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(tag for tag in value[:_MAX_TAGS] if isinstance(tag, str) and len(tag) <= 100)


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_NUMBER else None


def _rating(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 5:
        return None
    return float(value)


def _status(value: Any) -> Status:
    """What a newer registry may call by a name we do not know is at least not plainly on offer."""
    if value is None or value == "active":
        return "active"
    return "deleted" if value == "deleted" else "deprecated"
