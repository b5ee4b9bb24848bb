"""Skills as `skill list` answers them."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.outcome import Notice
from cowork.registry import lookup, world
from cowork.registry.components import scope_of
from cowork.registry.entries import SkillHead
from cowork.registry.world import PackRecord


@dataclass(frozen=True)
class SkillItem:
    """A skill in a list. `required` names the parameters it cannot do without; `enabled` says whether it is on.

    `scope`: enterprise, project, user, plugin or builtin. `shadowed`: a stronger one has the id. `warnings` are what is wrong
    with its file, with lines; the invocable ones say who may invoke it.
    """

    id: str
    name: str
    description: str
    icon: str
    category: str
    pack: str
    scope: str
    enabled: bool
    required: tuple[str, ...]
    path: str
    shadowed: bool
    model_invocable: bool
    user_invocable: bool
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, pack: PackRecord, skill: SkillHead, *, shadowed: bool = False) -> SkillItem:
        """The list entry for `skill` of `pack`."""
        return cls(
            id=skill["id"],
            name=skill["name"],
            description=skill["description"],
            icon=skill["icon"],
            category=skill["category"],
            pack="" if pack.root.single else pack.name,
            scope=scope_of(pack),
            enabled=pack.state == "active" and pack.skill_enabled(skill),
            required=tuple(skill["required"]),
            path=skill["file"],
            shadowed=shadowed,
            model_invocable=skill["for_models"],
            user_invocable=skill["for_users"],
            warnings=tuple(skill["warnings"]),
        )


@dataclass(frozen=True)
class SkillList:
    """Skills sorted by pack, then in the pack's own order; those of `.claude` directories, which have no pack, come last."""

    items: tuple[SkillItem, ...]
    count: int


def list_skills(*, pack: str | None = None, enabled: bool | None = None) -> tuple[SkillList, tuple[Notice, ...]]:
    """All skills, or those of one pack, or those that are on or off. Raises `pack.not_found`.

    Shadowed packs register nothing and are left out. Skill ids that are registered twice come with a warning.
    """
    if pack is None:
        found = world.load()
        packs = [record for record in found.records if record.state != "shadowed"]
    else:
        found, record = lookup.find_pack(pack)
        packs = [record]
    used = {skill["id"]: record for record, skill in found.skills()}  # of one id the last registered is used
    items = [
        SkillItem.of(record, skill, shadowed=used.get(skill["id"], record) is not record)
        for record in sorted(packs, key=lambda item: (item.root.single, item.name))
        for skill in record.body["skills"]
    ]
    kept = tuple(item for item in items if enabled is None or item.enabled == enabled)
    return SkillList(kept, len(kept)), (*found.notices, *found.conflicts())
