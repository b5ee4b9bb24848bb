"""The one in-memory pack, whatever file format it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from cowork.formats.parameter import Parameter

Scope = Literal["bundled", "personal", "project", "organization"]


@dataclass(frozen=True)
class Skill:
    """A prompt template with typed parameters."""

    id: str
    name: str
    description: str
    icon: str
    category: str
    prompt: str
    parameters: tuple[Parameter, ...]
    enabled: bool


@dataclass(frozen=True)
class AgentRole:
    """An agent identity that a pack brings along."""

    name: str
    display_name: str
    description: str
    icon: str
    color: str
    capabilities: tuple[str, ...]
    system_prompt: str


@dataclass(frozen=True)
class SlashCommand:
    """`/name` runs the skill `skill_id`, which may live in another pack."""

    name: str
    description: str
    skill_id: str


@dataclass(frozen=True)
class Pack:
    """A role bundle: skills, agent roles, slash commands, connectors and prompts to try."""

    name: str
    display_name: str
    version: str
    description: str
    author: str
    icon: str
    category: str
    keywords: tuple[str, ...]
    scope: Scope
    path: str
    persona_template_id: str | None
    recommended_connectors: tuple[str, ...]
    try_asking: tuple[str, ...]
    skills: tuple[Skill, ...]
    agent_roles: tuple[AgentRole, ...]
    slash_commands: tuple[SlashCommand, ...]
    connectors: tuple[dict[str, Any], ...]
