"""Searching packs and skills."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.outcome import Notice
from cowork.registry import world
from cowork.registry.entries import SkillHead
from cowork.registry.search import Field, rank
from cowork.registry.world import PackRecord


@dataclass(frozen=True)
class PackHit:
    """A pack that matches a query; `matched` names the fields that do, best first."""

    name: str
    display_name: str
    version: str
    description: str
    category: str
    icon: str
    scope: str
    enabled: bool
    score: int
    matched: tuple[str, ...]


@dataclass(frozen=True)
class PackSearch:
    """Hits sorted by descending score, then name."""

    query: str
    items: tuple[PackHit, ...]
    count: int


@dataclass(frozen=True)
class SkillHit:
    """A skill that matches a query; `matched` names the fields that do, best first."""

    id: str
    name: str
    description: str
    icon: str
    pack: str
    enabled: bool
    score: int
    matched: tuple[str, ...]


@dataclass(frozen=True)
class SkillSearch:
    """Hits sorted by descending score, then id."""

    query: str
    items: tuple[SkillHit, ...]
    count: int


def search_packs(query: str) -> tuple[PackSearch, tuple[Notice, ...]]:
    """Packs in whose metadata or skills every word of `query` occurs, best match first; shadowed ones are left out."""
    found = world.load()
    packs = sorted((pack for pack in found.packs if pack.state != "shadowed"), key=lambda pack: pack.name)
    items = tuple(
        PackHit(
            name=pack.head["name"],
            display_name=pack.head["display_name"],
            version=pack.head["version"],
            description=pack.head["description"],
            category=pack.head["category"],
            icon=pack.head["icon"],
            scope=pack.scope,
            enabled=pack.state == "active",
            score=score,
            matched=matched,
        )
        for pack, score, matched in rank(query, packs, _pack_fields)
    )
    return PackSearch(query, items, len(items)), tuple(found.notices)


def search_skills(query: str) -> tuple[SkillSearch, tuple[Notice, ...]]:
    """Skills in whose id, name, description, category or pack every word of `query` occurs, best match first."""
    found = world.load()
    skills = [(pack, skill) for pack in found.packs if pack.state != "shadowed" for skill in pack.body["skills"]]
    skills.sort(key=lambda item: item[1]["id"])
    items = tuple(
        SkillHit(
            id=skill["id"],
            name=skill["name"],
            description=skill["description"],
            icon=skill["icon"],
            pack=pack.name,
            enabled=pack.state == "active" and pack.skill_enabled(skill),
            score=score,
            matched=matched,
        )
        for (pack, skill), score, matched in rank(query, skills, _skill_fields)
    )
    return SkillSearch(query, items, len(items)), tuple(found.notices)


def _pack_fields(pack: PackRecord) -> list[Field]:
    head = pack.head
    skills = pack.body["skills"]
    return [
        Field("name", head["name"], 100),
        Field("display_name", head["display_name"], 80),
        Field("category", head["category"], 50),
        Field("skills.name", "\n".join(skill["name"] for skill in skills), 40),
        Field("description", head["description"], 30),
        Field("keywords", "\n".join(pack.body["keywords"]), 20),
        Field("skills.description", "\n".join(skill["description"] for skill in skills), 10),
    ]


def _skill_fields(item: tuple[PackRecord, SkillHead]) -> list[Field]:
    pack, skill = item
    return [
        Field("id", skill["id"], 100),
        Field("name", skill["name"], 80),
        Field("description", skill["description"], 30),
        Field("category", skill["category"], 20),
        Field("pack", f"{pack.name} {pack.head['display_name']}", 20),
    ]
