"""Skills as the `skill` verbs answer them."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.errors import NotFound
from cowork.core.text import did_you_mean
from cowork.formats.pack import Pack, Parameter, Skill
from cowork.registry.discovery import discover, find_pack


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

    @classmethod
    def of(cls, pack: Pack, skill: Skill) -> SkillItem:
        """The list entry for `skill` of `pack`."""
        required = tuple(parameter.name for parameter in skill.parameters if parameter.required)
        return cls(skill.id, skill.name, skill.description, skill.icon, skill.category, pack.name, skill.enabled, required)


@dataclass(frozen=True)
class SkillList:
    """Skills sorted by pack, then in the pack's own order."""

    items: tuple[SkillItem, ...]
    count: int


@dataclass(frozen=True)
class SkillDetail:
    """A skill with its parameters, its prompt and the slash commands that run it."""

    id: str
    name: str
    description: str
    icon: str
    category: str
    pack: str
    scope: str
    enabled: bool
    parameters: tuple[Parameter, ...]
    slash_commands: tuple[str, ...]
    prompt: str


def list_skills(*, pack: str | None = None) -> SkillList:
    """All skills, or those of one pack. Raises `pack.not_found`."""
    packs = discover() if pack is None else [find_pack(pack)]
    items = tuple(SkillItem.of(owner, skill) for owner in packs for skill in owner.skills)
    return SkillList(items, len(items))


def find_skill(skill_id: str) -> tuple[Pack, Skill]:
    """The skill and its pack. Raises `skill.not_found` with a suggestion."""
    packs = discover()
    for pack in packs:
        for skill in pack.skills:
            if skill.id == skill_id:
                return pack, skill
    known = [skill.id for pack in packs for skill in pack.skills]
    hint = did_you_mean(skill_id, known, "list them with: cowork skill list")
    raise NotFound("skill.not_found", f"there is no skill '{skill_id}'", hint=hint, details={"id": skill_id})


def show_skill(skill_id: str) -> SkillDetail:
    """Everything about one skill. Raises `skill.not_found`."""
    pack, skill = find_skill(skill_id)
    return SkillDetail(
        id=skill.id,
        name=skill.name,
        description=skill.description,
        icon=skill.icon,
        category=skill.category,
        pack=pack.name,
        scope=pack.scope,
        enabled=skill.enabled,
        parameters=skill.parameters,
        slash_commands=tuple(f"/{command.name}" for command in pack.slash_commands if command.skill_id == skill.id),
        prompt=skill.prompt,
    )
