"""Skills as `skill list` answers them."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.outcome import Notice
from cowork.registry import lookup, world
from cowork.registry.entries import SkillHead
from cowork.registry.world import PackRecord


@dataclass(frozen=True)
class SkillItem:
    """A skill in a list. `required` names the parameters it cannot do without; `enabled` says whether it is on."""

    id: str
    name: str
    description: str
    icon: str
    category: str
    pack: str
    scope: str
    enabled: bool
    required: tuple[str, ...]

    @classmethod
    def of(cls, pack: PackRecord, skill: SkillHead) -> SkillItem:
        """The list entry for `skill` of `pack`."""
        return cls(
            id=skill["id"],
            name=skill["name"],
            description=skill["description"],
            icon=skill["icon"],
            category=skill["category"],
            pack=pack.name,
            scope=pack.scope,
            enabled=pack.state == "active" and pack.skill_enabled(skill),
            required=tuple(skill["required"]),
        )


@dataclass(frozen=True)
class SkillList:
    """Skills sorted by pack, then in the pack's own order."""

    items: tuple[SkillItem, ...]
    count: int


def list_skills(*, pack: str | None = None, enabled: bool | None = None) -> tuple[SkillList, tuple[Notice, ...]]:
    """All skills, or those of one pack, or those that are on or off. Raises `pack.not_found`.

    Shadowed packs register nothing and are left out. Skill ids that are registered twice come with a warning.
    """
    if pack is None:
        found = world.load()
        packs = [record for record in found.packs if record.state != "shadowed"]
    else:
        found, record = lookup.find_pack(pack)
        packs = [record]
    items = [
        SkillItem.of(record, skill) for record in sorted(packs, key=lambda item: item.name) for skill in record.body["skills"]
    ]
    kept = tuple(item for item in items if enabled is None or item.enabled == enabled)
    return SkillList(kept, len(kept)), (*found.notices, *found.conflicts())
