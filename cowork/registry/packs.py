"""Packs as `pack list` answers them."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.formats.cowork_plugin import ManifestView
from cowork.registry.discovery import discover


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


def list_packs(*, category: str | None = None) -> PackList:
    """All packs, or those of one category (case-insensitive)."""
    wanted = category.casefold() if category else None
    items = tuple(item for item in discover(_item) if wanted is None or item.category.casefold() == wanted)
    return PackList(items, len(items))


def _item(view: ManifestView) -> PackItem:
    return PackItem(
        **view.head(),
        scope=view.scope,
        skills=len(view.skills()),
        persona_template_id=view.document.get("personaTemplateId"),
        path=str(view.directory),
    )
