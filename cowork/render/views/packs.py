"""Packs, for a person."""

from __future__ import annotations

from cowork.agent.try_run import TryAnswer
from cowork.registry.context import ActiveContext
from cowork.registry.pack_page import PackDetail
from cowork.registry.pack_search import PackSearch
from cowork.registry.packs import PackList
from cowork.registry.provenance import Provenance
from cowork.registry.switches import Switched
from cowork.render.screen import Screen


def listing(data: PackList, screen: Screen) -> None:
    """A table of packs."""
    rows = [
        (
            f"{item.icon} {item.name}",
            item.version,
            item.category,
            "required" if item.required else "" if item.enabled else item.state,
            item.skills,
            f"[update {item.update}] {item.description}" if item.update else item.description,
        )
        for item in data.items
    ]
    screen.table(("PACK", "VERSION", "CATEGORY", "", "SKILLS", "WHAT IT IS FOR"), rows)


def detail(data: PackDetail, screen: Screen) -> None:
    """A pack's page: header, skills, commands, agents, connectors, prompts to try."""
    state = "required by policy" if data.required else data.state
    screen.title(f"{data.icon} {data.display_name}", f"{data.name} {data.version} · {data.scope} · {state}")
    screen.text(data.description)
    screen.facts(
        {
            "category": data.category,
            "digital twin": data.persona_template_id,
            "recommended": data.recommended_connectors,
            "update": f"{data.update} is available" if data.update else None,
            "author": data.author,
            "path": data.path,
            "shadows": data.shadows,
            "hooks": "yes" if data.hooks else None,
        }
    )
    if data.installed is not None:
        _installed(data.installed, screen)
    _commands(data, screen)
    _skills(data, screen)
    _agents(data, screen)
    if data.connectors:
        screen.section("Connectors")
        screen.table(("CONNECTOR", "TYPE"), [(item.name, item.type) for item in data.connectors])
    if data.try_asking:
        screen.section("Try asking")
        screen.bullets(data.try_asking, mark="→")


def _installed(data: Provenance, screen: Screen) -> None:
    screen.section("Installed")
    screen.facts(
        {
            "from": data.source,
            "which is": data.origin if data.origin != data.source else None,
            "commit": data.commit,
            "tree": data.tree_hash,
            "can": data.capabilities,
            "approved": data.approved_by,
            "at": data.installed_at,
            "updated": data.updated_at if data.updated_at != data.installed_at else None,
            "pinned": data.pinned,
        }
    )


def _commands(data: PackDetail, screen: Screen) -> None:
    rows = [(f"/{item.name}", f"runs {item.skill_id}", item.description) for item in data.slash_commands]
    rows += [(f"/{item.name}", "file", item.description) for item in data.commands]
    if rows:
        screen.section("Commands")
        screen.table(("COMMAND", "", "WHAT IT DOES"), rows)


def _skills(data: PackDetail, screen: Screen) -> None:
    if data.skills:
        screen.section("Skills")
        rows = [
            (f"{item.icon} {item.id}", "" if item.enabled else "off", ", ".join(item.required), item.description)
            for item in data.skills
        ]
        screen.table(("ID", "", "NEEDS", "WHAT IT GIVES"), rows)


def _agents(data: PackDetail, screen: Screen) -> None:
    rows = [(f"{item.icon} {item.display_name}", item.description) for item in data.agent_roles]
    rows += [(item.name, item.description) for item in data.agents]
    if data.persona_template_id:
        rows.append((f"🧬 {data.persona_template_id}", "a digital twin: see cowork twin activate"))
    if rows:
        screen.section("Agents")
        screen.table(("AGENT", "WHAT IT IS"), rows)


def hits(data: PackSearch, screen: Screen) -> None:
    """Search results."""
    if not data.items:
        screen.text(f"no pack matches '{data.query}'")
        return
    rows = [(f"{item.icon} {item.name}", item.category, ", ".join(item.matched[:2]), item.description) for item in data.items]
    screen.table(("PACK", "CATEGORY", "FOUND IN", "WHAT IT IS FOR"), rows)


def switched(data: Switched, screen: Screen) -> None:
    """What was turned on or off."""
    what = f"{data.pack}/{data.skill}" if data.skill else data.pack
    word = "on" if data.enabled else "off"
    screen.text(f"would turn {what} {word}" if data.dry_run else f"{what} is {word}{'' if data.changed else ', as it was'}")


def tried(data: TryAnswer, screen: Screen) -> None:
    """The sample, or the answer to one of it."""
    if data.output is not None:
        screen.raw(data.output)
    elif data.asked is not None:
        screen.table(("PLAN", "TARGET", "DETAIL"), [(step.action, step.target, step.detail) for step in data.plan])
    else:
        screen.table(
            ("", "TRY ASKING", "PACK"), [(item.number, item.prompt, f"{item.icon} {item.pack}") for item in data.items]
        )
        screen.text(f"ask the first with: cowork pack try --seed {data.seed} --run 1", style="dim")


def context(data: ActiveContext, screen: Screen) -> None:
    """What is active now."""
    screen.section("Connectors")
    rows = [(item.name, item.type, item.pack, ", ".join((item.status, *item.missing))) for item in data.connectors]
    rows += [(name, "", "", "recommended, not here") for name in data.recommended]
    screen.table(("CONNECTOR", "TYPE", "PACK", "STATUS"), rows)
    screen.section("Skills")
    screen.table(("SKILL", "PACK", "WHAT IT GIVES"), [(item.id, item.pack, item.description) for item in data.skills])
