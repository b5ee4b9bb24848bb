"""cowork registry"""

from __future__ import annotations

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome
from cowork.registry import catalogue


@verb()
@click.argument("query", nargs=-1, help="Words that must all occur.")
@click.option("--category", help="Only entries of this category.")
def search(query: tuple[str, ...], category: str | None) -> Outcome:
    """Search the catalogue; without a query, list it."""
    return Outcome(*catalogue.search(" ".join(query), category=category))


@verb()
@click.argument("pack_id", metavar="ID", help="An entry's id.")
def show(pack_id: str) -> Outcome:
    """Show a catalogue entry."""
    return Outcome(*catalogue.find(pack_id))
