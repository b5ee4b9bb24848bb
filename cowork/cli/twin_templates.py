"""cowork twin templates, preview and categories"""

from __future__ import annotations

import click

from cowork.cli import completing
from cowork.cli.commands import verb
from cowork.core.outcome import Outcome


@verb()
@click.option("--category", metavar="NAME", help="Only those of a category.")
@click.option(
    "--search", default="", metavar="TEXT", help="Only those in which every word occurs: id, name, description, tags."
)
def templates(category: str | None, search: str) -> Outcome:
    """List persona templates, sorted by category and id."""
    from cowork.twins import template_pages

    return Outcome(*template_pages.list_templates(category=category, search=search))


@verb()
def categories() -> Outcome:
    """List the categories of persona templates with their counts."""
    from cowork.twins import template_pages

    return Outcome(*template_pages.list_categories())


@verb()
@click.argument("persona", shell_complete=completing.personas, help="A persona template's id; see: cowork twin templates.")
@click.option("--full", is_flag=True, help="Show the system prompt and the prompts of the tasks too.")
def preview(persona: str, full: bool) -> Outcome:
    """Show what activating PERSONA would create: role, heartbeat, tasks and skills. Nothing is created."""
    from cowork.twins import template_pages

    return Outcome(*template_pages.preview(persona, full=full))
