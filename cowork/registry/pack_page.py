"""A pack as `pack show` answers it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cowork.core.outcome import Notice
from cowork.registry import lookup
from cowork.registry.entries import ComponentHead
from cowork.registry.provenance import Provenance, provenance
from cowork.registry.skills import SkillItem
from cowork.registry.updates import Offers
from cowork.registry.world import PackRecord


@dataclass(frozen=True)
class SlashCommandItem:
    """`/name` runs the skill `skill_id`, which may live in another pack."""

    name: str
    description: str
    skill_id: str


@dataclass(frozen=True)
class RoleItem:
    """An agent role of a pack."""

    name: str
    display_name: str
    description: str
    icon: str
    color: str
    capabilities: tuple[str, ...]
    system_prompt: str


@dataclass(frozen=True)
class ComponentItem:
    """An agent or a command that a plugin brings as a file."""

    name: str
    description: str
    path: str


@dataclass(frozen=True)
class ConnectorItem:
    """A connector, or an MCP server (`type` mcp)."""

    name: str
    type: str


@dataclass(frozen=True)
class PackDetail:
    """A pack with everything it brings. Prompts are in `skill show`. `shadows` are packs of the same name it hides."""

    name: str
    display_name: str
    version: str
    description: str
    author: str
    category: str
    icon: str
    scope: str
    kind: str
    path: str
    enabled: bool
    state: str
    required: bool
    rule: str
    update: str | None
    shadows: tuple[str, ...]
    keywords: tuple[str, ...]
    persona_template_id: str | None
    recommended_connectors: tuple[str, ...]
    skills: tuple[SkillItem, ...]
    slash_commands: tuple[SlashCommandItem, ...]
    agent_roles: tuple[RoleItem, ...]
    agents: tuple[ComponentItem, ...]
    commands: tuple[ComponentItem, ...]
    connectors: tuple[ConnectorItem, ...]
    hooks: bool
    try_asking: tuple[str, ...]
    installed: Provenance | None


def show_pack(name: str) -> tuple[PackDetail, tuple[Notice, ...]]:
    """Everything about one pack. Raises `pack.not_found`, or the pack's own problem when it cannot be used."""
    found, pack = lookup.find_pack(name)
    body = pack.body
    head = pack.head
    hidden = [other.head["path"] for other in found.packs if other.name == pack.name and other is not pack]
    detail = PackDetail(
        name=head["name"],
        display_name=head["display_name"],
        version=head["version"],
        description=head["description"],
        author=body["author"],
        category=head["category"],
        icon=head["icon"],
        scope=pack.scope,
        kind=head["kind"],
        path=head["path"],
        enabled=pack.state == "active",
        state=pack.state,
        required=pack.required,
        rule=pack.rule,
        update=Offers().update(pack),
        shadows=tuple(hidden),
        keywords=tuple(body["keywords"]),
        persona_template_id=head["persona_template_id"],
        recommended_connectors=tuple(body["recommended_connectors"]),
        skills=tuple(SkillItem.of(pack, skill) for skill in body["skills"]),
        slash_commands=tuple(SlashCommandItem(**command) for command in body["slash_commands"]),
        agent_roles=_roles(pack),
        agents=tuple(_component(item) for item in body["agents"]),
        commands=tuple(_component(item) for item in body["commands"]),
        connectors=(
            *(ConnectorItem(item["name"], item["type"]) for item in body["connectors"]),
            *(ConnectorItem(name, "mcp") for name in body["mcp_servers"]),
        ),
        hooks=body["hooks"],
        try_asking=tuple(body["try_asking"]),
        installed=provenance(Path(head["path"])),
    )
    return detail, tuple(notice for notice in found.notices if head["path"] in notice.message)


def _roles(pack: PackRecord) -> tuple[RoleItem, ...]:
    return tuple(
        RoleItem(
            name=role["name"],
            display_name=role["displayName"],
            description=role.get("description", ""),
            icon=role["icon"],
            color=role["color"],
            capabilities=tuple(role.get("capabilities", ())),
            system_prompt=role.get("systemPrompt", ""),
        )
        for role in pack.body["agent_roles"]
    )


def _component(item: ComponentHead) -> ComponentItem:
    return ComponentItem(item["name"], item["description"], item["file"])
