"""Searching packs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cowork.formats.cowork_plugin import ManifestView
from cowork.registry.discovery import discover
from cowork.registry.search import Field, rank


@dataclass(frozen=True)
class PackHit:
    """A pack that matches a query; `matched` names the fields that do, best first."""

    name: str
    display_name: str
    version: str
    description: str
    category: str
    icon: str
    score: int
    matched: tuple[str, ...]


@dataclass(frozen=True)
class PackSearch:
    """Hits sorted by descending score, then name."""

    query: str
    items: tuple[PackHit, ...]
    count: int


def search_packs(query: str) -> PackSearch:
    """Packs in whose metadata or skills every word of `query` occurs, best match first."""
    candidates = discover(lambda view: (view.head(), _fields(view)))
    ranked = rank(query, candidates, lambda candidate: candidate[1])
    items = tuple(PackHit(**head, score=score, matched=matched) for (head, _), score, matched in ranked)
    return PackSearch(query, items, len(items))


def _fields(view: ManifestView) -> list[Field]:
    head: dict[str, Any] = view.head()
    skills = view.skills()
    return [
        Field("name", head["name"], 100),
        Field("display_name", head["display_name"], 80),
        Field("category", head["category"], 50),
        Field("skills.name", "\n".join(skill["name"] for skill in skills), 40),
        Field("description", head["description"], 30),
        Field("keywords", "\n".join(view.document.get("keywords", ())), 20),
        Field("skills.description", "\n".join(skill["description"] for skill in skills), 10),
    ]
