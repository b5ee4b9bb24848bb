"""Packs as the `pack` verbs answer them."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.formats.pack import AgentRole, Pack, SlashCommand
from cowork.registry.discovery import discover, find_pack
from cowork.registry.search import Field, rank
from cowork.registry.skills import SkillItem


@dataclass(frozen=True)
class PackItem:
    """A pack in a list. `skills` counts them."""

    name: str
    display_name: str
    version: str
    description: str
    category: str
    icon: str
    scope: str
    skills: int
    persona_template_id: str | None
    path: str


@dataclass(frozen=True)
class PackList:
    """Packs sorted by name."""

    items: tuple[PackItem, ...]
    count: int


@dataclass(frozen=True)
class PackDetail:
    """A pack with everything it brings. Prompts are in `skill show`."""

    name: str
    display_name: str
    version: str
    description: str
    author: str
    category: str
    icon: str
    scope: str
    path: str
    keywords: tuple[str, ...]
    persona_template_id: str | None
    recommended_connectors: tuple[str, ...]
    skills: tuple[SkillItem, ...]
    slash_commands: tuple[SlashCommand, ...]
    agent_roles: tuple[AgentRole, ...]
    connectors: tuple[str, ...]
    try_asking: tuple[str, ...]


@dataclass(frozen=True)
class PackHit:
    """A pack that matches a query; `matched` names the fields that do, best first."""

    name: str
    display_name: str
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


def list_packs(*, category: str | None = None) -> PackList:
    """All packs, or those of one category (case-insensitive)."""
    wanted = category.casefold() if category else None
    items = tuple(_item(pack) for pack in discover() if wanted is None or pack.category.casefold() == wanted)
    return PackList(items, len(items))


def show_pack(name: str) -> PackDetail:
    """Everything about one pack. Raises `pack.not_found`."""
    pack = find_pack(name)
    return PackDetail(
        name=pack.name,
        display_name=pack.display_name,
        version=pack.version,
        description=pack.description,
        author=pack.author,
        category=pack.category,
        icon=pack.icon,
        scope=pack.scope,
        path=pack.path,
        keywords=pack.keywords,
        persona_template_id=pack.persona_template_id,
        recommended_connectors=pack.recommended_connectors,
        skills=tuple(SkillItem.of(pack, skill) for skill in pack.skills),
        slash_commands=pack.slash_commands,
        agent_roles=pack.agent_roles,
        connectors=tuple(connector["name"] for connector in pack.connectors),
        try_asking=pack.try_asking,
    )


def search_packs(query: str) -> PackSearch:
    """Packs whose metadata or skills contain every word of `query`, best match first."""
    ranked = rank(query, discover(), _fields)
    items = tuple(
        PackHit(pack.name, pack.display_name, pack.description, pack.category, pack.icon, score, matched)
        for pack, score, matched in ranked
    )
    return PackSearch(query, items, len(items))


def _item(pack: Pack) -> PackItem:
    return PackItem(
        name=pack.name,
        display_name=pack.display_name,
        version=pack.version,
        description=pack.description,
        category=pack.category,
        icon=pack.icon,
        scope=pack.scope,
        skills=len(pack.skills),
        persona_template_id=pack.persona_template_id,
        path=pack.path,
    )


def _fields(pack: Pack) -> list[Field]:
    return [
        Field("name", pack.name, 100),
        Field("display_name", pack.display_name, 80),
        Field("category", pack.category, 50),
        Field("skills.name", "\n".join(skill.name for skill in pack.skills), 40),
        Field("description", pack.description, 30),
        Field("keywords", "\n".join(pack.keywords), 20),
        Field("skills.description", "\n".join(skill.description for skill in pack.skills), 10),
    ]
