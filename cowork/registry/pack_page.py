"""A pack as `pack show` answers it."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.formats.pack import AgentRole, SlashCommand
from cowork.registry.discovery import find_pack
from cowork.registry.skills import SkillItem


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
        skills=tuple(
            SkillItem(
                id=skill.id,
                name=skill.name,
                description=skill.description,
                icon=skill.icon,
                category=skill.category,
                enabled=skill.enabled,
                pack=pack.name,
                required=tuple(parameter.name for parameter in skill.parameters if parameter.required),
            )
            for skill in pack.skills
        ),
        slash_commands=pack.slash_commands,
        agent_roles=pack.agent_roles,
        connectors=tuple(connector["name"] for connector in pack.connectors),
        try_asking=pack.try_asking,
    )
