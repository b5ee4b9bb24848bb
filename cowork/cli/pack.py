"""cowork pack"""

from __future__ import annotations

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome


@verb()
@click.option("--category", help="Only packs of this category.")
def list_(category: str | None) -> Outcome:
    """List packs, sorted by name."""
    from cowork.registry.packs import list_packs

    return Outcome(list_packs(category=category))


@verb()
@click.argument("name", help="A pack's name, as `pack list` shows it.")
def show(name: str) -> Outcome:
    """Show a pack: skills, commands, agents, and lines to try asking."""
    from cowork.registry.pack_page import show_pack

    return Outcome(show_pack(name))


@verb()
@click.argument("query", nargs=-1, required=True, help="Words that must all occur.")
def search(query: tuple[str, ...]) -> Outcome:
    """Find packs by name, category, description, keywords, and the names and descriptions of their skills."""
    from cowork.registry.pack_search import search_packs

    return Outcome(search_packs(" ".join(query)))
