"""Packs as `pack list` answers them."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.outcome import Notice
from cowork.registry import world
from cowork.registry.world import PackRecord


@dataclass(frozen=True)
class PackItem:
    """A pack in a list. `state`: active, disabled, blocked (by policy) or shadowed (by a stronger scope)."""

    name: str
    display_name: str
    version: str
    description: str
    category: str
    icon: str
    scope: str
    kind: str
    enabled: bool
    state: str
    required: bool
    skills: int
    persona_template_id: str | None
    update: str | None
    path: str


@dataclass(frozen=True)
class PackList:
    """Packs sorted by name, of one name the one that is served first."""

    items: tuple[PackItem, ...]
    count: int


def list_packs(
    *,
    category: str | None = None,
    scope: str | None = None,
    enabled: bool | None = None,
    persona: bool | None = None,
) -> tuple[PackList, tuple[Notice, ...]]:
    """The packs that fit every filter: category (case-insensitive), scope, on or off, with or without a persona."""
    from cowork.registry.updates import Offers

    found = world.load()
    offers = Offers()
    items = [
        _item(pack, offers.update(pack))
        for pack in found.packs
        if (category is None or pack.head["category"].casefold() == category.casefold())
        and (scope is None or pack.scope == scope)
        and (enabled is None or (pack.state == "active") == enabled)
        and (persona is None or (pack.head["persona_template_id"] is not None) == persona)
    ]
    items.sort(key=lambda item: (item.name, not item.enabled, item.path))
    return PackList(tuple(items), len(items)), tuple(found.notices)


def _item(pack: PackRecord, update: str | None) -> PackItem:
    head = pack.head
    return PackItem(
        name=head["name"],
        display_name=head["display_name"],
        version=head["version"],
        description=head["description"],
        category=head["category"],
        icon=head["icon"],
        scope=pack.scope,
        kind=head["kind"],
        enabled=pack.state == "active",
        state=pack.state,
        required=pack.required,
        skills=head["skills"],
        persona_template_id=head["persona_template_id"],
        update=update,
        path=head["path"],
    )
