"""A skill as `skill show` answers it."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.formats.parameter import Parameter
from cowork.registry import lookup
from cowork.registry.components import scope_of


@dataclass(frozen=True)
class SkillDetail:
    """A skill with its parameters, its prompt and the slash commands that run it. `shadows`: packs whose skill it hides."""

    id: str
    name: str
    description: str
    icon: str
    category: str
    pack: str
    scope: str
    enabled: bool
    path: str
    shadows: tuple[str, ...]
    warnings: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    slash_commands: tuple[str, ...]
    prompt: str


def show_skill(skill_id: str) -> SkillDetail:
    """Everything about the skill that answers to an id. Raises `skill.not_found`, `skill.disabled`, `policy.pack_denied`."""
    found, pack, skill = lookup.find_skill(skill_id)
    text = lookup.skill_text(pack, skill)
    others = [other.name for other, _ in found.answering(skill_id)[:-1]]
    return SkillDetail(
        id=skill["id"],
        name=skill["name"],
        description=skill["description"],
        icon=skill["icon"],
        category=skill["category"],
        pack=pack.name,
        scope=scope_of(pack),
        enabled=True,
        path=skill["file"],
        shadows=tuple(others),
        warnings=(*skill["warnings"], *text.missing),
        parameters=text.parameters,
        slash_commands=tuple(f"/{item['name']}" for item in pack.body["slash_commands"] if item["skill_id"] == skill_id),
        prompt=text.prompt,
    )
