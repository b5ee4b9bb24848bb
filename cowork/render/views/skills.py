"""Skills, for a person."""

from __future__ import annotations

from cowork.formats.parameter import Parameter
from cowork.prompts.skill import RenderedSkill
from cowork.registry.matching import SkillMatches
from cowork.registry.pack_search import SkillSearch
from cowork.registry.skill_page import SkillDetail
from cowork.registry.skills import SkillList
from cowork.render.screen import Screen


def listing(data: SkillList, screen: Screen) -> None:
    """A table of skills."""
    rows = [
        (f"{item.icon} {item.id}", item.pack, "" if item.enabled else "off", ", ".join(item.required), item.description)
        for item in data.items
    ]
    screen.table(("SKILL", "PACK", "", "NEEDS", "WHAT IT GIVES"), rows)


def detail(data: SkillDetail, screen: Screen) -> None:
    """A skill's page: parameters, then the prompt."""
    screen.title(f"{data.icon} {data.name}", f"{data.id} · {data.pack}")
    screen.text(data.description)
    screen.facts({"commands": data.slash_commands, "scope": data.scope, "hides": data.shadows, "file": data.path})
    screen.section("Parameters")
    rows = [(item.name, item.type, _default(item), _about(item)) for item in data.parameters]
    screen.table(("NAME", "TYPE", "DEFAULT", "WHAT IT IS"), rows)
    screen.section("Prompt")
    screen.text(data.prompt)


def rendered(data: RenderedSkill, screen: Screen) -> None:
    """The prompt alone, so that it can be piped."""
    screen.raw(data.prompt)


def _default(item: Parameter) -> str:
    if item.required:
        return "required"
    return "" if item.default is None else str(item.default)


def _about(item: Parameter) -> str:
    return f"{item.description} [{' | '.join(item.options)}]" if item.options else item.description


def hits(data: SkillSearch, screen: Screen) -> None:
    """Search results."""
    if not data.items:
        screen.text(f"no skill matches '{data.query}'")
        return
    rows = [(f"{item.icon} {item.id}", item.pack, ", ".join(item.matched[:2]), item.description) for item in data.items]
    screen.table(("SKILL", "PACK", "FOUND IN", "WHAT IT GIVES"), rows)


def matches(data: SkillMatches, screen: Screen) -> None:
    """The skills a text is about."""
    if not data.items:
        screen.text("no skill fits well enough")
        return
    rows = [(item.id, item.pack, f"{item.score:.2f}", ", ".join(item.words)) for item in data.items]
    screen.table(("SKILL", "PACK", "SCORE", "SHARED WORDS"), rows)
