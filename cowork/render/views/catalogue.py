"""The pack catalogue, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cowork.render.screen import Screen

if TYPE_CHECKING:
    from cowork.core.plan import Step
    from cowork.install.publishing.building import CatalogueBuilt
    from cowork.install.publishing.serving import Served
    from cowork.registry.catalogue import CatalogueSearch, CategoryList
    from cowork.registry.catalogue_entry import CatalogueEntry
    from cowork.registry.catalogue_refresh import Refreshed
    from cowork.registry.catalogue_updates import UpdateList


def listing(data: CatalogueSearch, screen: Screen) -> None:
    """Catalogue entries."""
    if not data.items:
        beyond = f"there is no page {data.page}" if data.total else "the catalogue is empty"
        screen.text("no entry matches" if data.query and not data.total else beyond)
        return
    rows = [(f"{item.icon} {item.id}", item.version, item.category, item.skill_count, item.description) for item in data.items]
    screen.table(("PACK", "VERSION", "CATEGORY", "SKILLS", "WHAT IT IS FOR"), rows)
    if data.count < data.total:
        pages = -(-data.total // data.page_size)
        screen.text(f"page {data.page} of {pages}, {data.total} entries", style="dim")


def detail(data: CatalogueEntry, screen: Screen) -> None:
    """One catalogue entry."""
    screen.title(f"{data.icon} {data.display_name}", f"{data.id} {data.version}")
    screen.text(data.description)
    screen.facts(
        {
            "status": None if data.status == "active" else data.status,
            "warning": "published again with other content under the same version" if data.republished else None,
            "author": data.author,
            "category": data.category,
            "tags": data.tags,
            "skills": data.skill_count,
            "agents": data.agent_count,
            "git": data.git_url,
            "ref": data.ref,
            "commit": data.commit,
            "path": data.path,
            "download": data.download_url,
            "tree hash": data.tree_hash,
            "downloads": data.downloads,
            "rating": data.rating,
            "updated": data.updated_at,
        }
    )


def categories(data: CategoryList, screen: Screen) -> None:
    """Categories with the number of entries in each."""
    if not data.items:
        screen.text("the catalogue is empty")
        return
    screen.table(("CATEGORY", "PACKS"), [(item.name, item.count) for item in data.items])


def refreshed(data: Refreshed, screen: Screen) -> None:
    """What was fetched, or would be."""
    if data.dry_run:
        _plan(data.plan, screen)
        return
    screen.title(f"{data.entries} entries", data.registry)
    if not data.changed:
        screen.text("as before")
        return
    screen.facts(
        {
            "new": data.added or None,
            "gone": data.removed or None,
            "other version": data.updated or None,
            "published again": data.republished,
            "made": data.updated_at,
        }
    )


def updates(data: UpdateList, screen: Screen) -> None:
    """Packs that have a newer version."""
    if not data.items:
        screen.text(f"no newer version of any of {data.checked} packs" if data.checked else "no packs besides the bundled ones")
        return
    rows = [(item.name, item.installed, item.available, item.scope, item.source) for item in data.items]
    screen.table(("PACK", "INSTALLED", "AVAILABLE", "SCOPE", "SOURCE"), rows)


def built(data: CatalogueBuilt, screen: Screen) -> None:
    """What was written, or would be."""
    if data.dry_run:
        _plan(data.plan, screen)
        return
    screen.title(f"{data.count} packs", data.output if data.changed else f"{data.output} · as before")
    rows = [(item.id, item.version, item.skills, item.agents, item.files, item.tree_hash) for item in data.items]
    screen.table(("PACK", "VERSION", "SKILLS", "AGENTS", "FILES", "TREE HASH"), rows)


def served(data: Served, screen: Screen) -> None:
    """What was served, after its end."""
    screen.title(f"{data.entries} entries", f"{data.requests} requests answered")
    screen.facts({"static": data.registry, "rest": data.rest, "archives": data.archives})


def _plan(plan: tuple[Step, ...], screen: Screen) -> None:
    screen.table(("PLAN", "TARGET", "DETAIL"), [(step.action, step.target, step.detail) for step in plan])
