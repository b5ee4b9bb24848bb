"""Skills as `skill list` answers them."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.formats.cowork_plugin import ManifestView
from cowork.registry.discovery import discover, no_pack


@dataclass(frozen=True)
class SkillItem:
    """A skill in a list. `required` names the parameters it cannot do without."""

    id: str
    name: str
    description: str
    icon: str
    category: str
    pack: str
    enabled: bool
    required: tuple[str, ...]


@dataclass(frozen=True)
class SkillList:
    """Skills sorted by pack, then in the pack's own order."""

    items: tuple[SkillItem, ...]
    count: int


def list_skills(*, pack: str | None = None) -> SkillList:
    """All skills, or those of one pack. Raises `pack.not_found`."""
    by_pack = dict(discover(_items))
    if pack is not None and pack not in by_pack:
        raise no_pack(pack)
    chosen = by_pack.values() if pack is None else [by_pack[pack]]
    items = tuple(item for skills in chosen for item in skills)
    return SkillList(items, len(items))


def _items(view: ManifestView) -> tuple[str, list[SkillItem]]:
    pack = str(view.document["name"])
    return pack, [
        SkillItem(
            **view.skill_head(skill),
            pack=pack,
            required=tuple(item["name"] for item in skill.get("parameters", ()) if item.get("required")),
        )
        for skill in view.skills()
    ]
