"""Packs, for a person."""

from __future__ import annotations

from cowork.registry.pack_page import PackDetail
from cowork.registry.pack_search import PackSearch
from cowork.registry.packs import PackList
from cowork.render.screen import Screen


def listing(data: PackList, screen: Screen) -> None:
    """A table of packs."""
    rows = [(f"{item.icon} {item.name}", item.version, item.category, item.skills, item.description) for item in data.items]
    screen.table(("PACK", "VERSION", "CATEGORY", "SKILLS", "WHAT IT IS FOR"), rows)


def detail(data: PackDetail, screen: Screen) -> None:
    """A pack's page: header, commands, skills, agents, prompts to try."""
    screen.title(f"{data.icon} {data.display_name}", f"{data.name} {data.version} · {data.scope}")
    screen.text(data.description)
    screen.facts(
        {
            "category": data.category,
            "digital twin": data.persona_template_id,
            "recommended": data.recommended_connectors,
            "connectors": data.connectors,
            "author": data.author,
            "path": data.path,
        }
    )
    if data.skills:
        screen.section("Skills")
        screen.table(
            ("ID", "NEEDS", "WHAT IT GIVES"), [(f"{s.icon} {s.id}", ", ".join(s.required), s.description) for s in data.skills]
        )
    if data.slash_commands:
        screen.section("Commands")
        screen.table(("COMMAND", "SKILL"), [(f"/{command.name}", command.skill_id) for command in data.slash_commands])
    if data.agent_roles:
        screen.section("Agents")
        screen.table(("ROLE", "WHAT IT IS"), [(f"{r.icon} {r.display_name}", r.description) for r in data.agent_roles])
    if data.try_asking:
        screen.section("Try asking")
        screen.bullets(data.try_asking, mark="→")


def hits(data: PackSearch, screen: Screen) -> None:
    """Search results."""
    if not data.items:
        screen.text(f"no pack matches '{data.query}'")
        return
    rows = [(f"{item.icon} {item.name}", item.category, ", ".join(item.matched[:2]), item.description) for item in data.items]
    screen.table(("PACK", "CATEGORY", "FOUND IN", "WHAT IT IS FOR"), rows)
