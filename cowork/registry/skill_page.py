"""A skill as `skill show` answers it."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.formats.cowork_plugin import ManifestView
from cowork.formats.parameter import Parameter
from cowork.registry.discovery import discover, no_skill


@dataclass(frozen=True)
class SkillDetail:
    """A skill with its parameters, its prompt and the slash commands that run it."""

    id: str
    name: str
    description: str
    icon: str
    category: str
    enabled: bool
    pack: str
    scope: str
    parameters: tuple[Parameter, ...]
    slash_commands: tuple[str, ...]
    prompt: str


def show_skill(skill_id: str) -> SkillDetail:
    """Everything about one skill. Raises `skill.not_found` with a suggestion."""
    for detail in discover(lambda view: _look(view, skill_id)):
        if detail is not None:
            return detail
    raise no_skill(skill_id)


def _look(view: ManifestView, skill_id: str) -> SkillDetail | None:
    skill = next((skill for skill in view.skills() if skill["id"] == skill_id), None)
    if skill is None:
        return None
    commands = view.document.get("slashCommands", ())
    return SkillDetail(
        **view.skill_head(skill),
        pack=view.document["name"],
        scope=view.scope,
        parameters=view.parameters(skill),
        slash_commands=tuple(f"/{command['name']}" for command in commands if command["skillId"] == skill_id),
        prompt=skill["prompt"],
    )
