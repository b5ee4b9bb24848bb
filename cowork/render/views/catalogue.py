"""The pack catalogue, for a person."""

from __future__ import annotations

from cowork.registry.catalogue import CatalogueEntry, CatalogueSearch
from cowork.render.screen import Screen


def listing(data: CatalogueSearch, screen: Screen) -> None:
    """Catalogue entries."""
    if not data.items:
        screen.text("no entry matches" if data.query else "the catalogue is empty")
        return
    rows = [(f"{item.icon} {item.id}", item.version, item.category, item.skill_count, item.description) for item in data.items]
    screen.table(("PACK", "VERSION", "CATEGORY", "SKILLS", "WHAT IT IS FOR"), rows)


def detail(data: CatalogueEntry, screen: Screen) -> None:
    """One catalogue entry."""
    screen.title(f"{data.icon} {data.display_name}", f"{data.id} {data.version}")
    screen.text(data.description)
    screen.facts(
        {
            "author": data.author,
            "category": data.category,
            "tags": data.tags,
            "skills": data.skill_count,
            "agents": data.agent_count,
            "git": data.git_url,
            "download": data.download_url,
            "updated": data.updated_at,
        }
    )
