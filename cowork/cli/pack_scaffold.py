"""cowork pack scaffold"""

from __future__ import annotations

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome


@verb()
@click.argument("name", help="The new pack's name: words of a-z and 0-9 with dashes between them.")
@click.option("--display-name", help="What people read; by default the name in capitals.")
@click.option("--description", help="What the pack is for, in one line.")
@click.option("--category", default="Custom", show_default=True, help="What it is filed under, such as Engineering.")
@click.option("--icon", default="📦", show_default=True, help="A character to show with it.")
@click.option("--author", default="Custom", show_default=True, help="Who made it.")
@click.option("--persona", metavar="ID", help="The persona that goes with it.")
@click.option("--with-examples/--no-examples", "examples", default=True, help="With an example skill, command and agent role.")
@click.option("--in", "directory", metavar="DIR", help="Create it in this directory, not among your packs.")
@click.option("--dry-run", is_flag=True, help="Show what would be created; write nothing.")
def scaffold(
    name: str,
    display_name: str | None,
    description: str | None,
    category: str,
    icon: str,
    author: str,
    persona: str | None,
    examples: bool,
    directory: str | None,
    dry_run: bool,
) -> Outcome:
    """Create a pack of your own: a manifest, an example skill with its command and agent role, and a README."""
    from cowork.install.scaffold import scaffold as create

    answer, notices = create(
        name,
        display_name=display_name,
        description=description,
        category=category,
        icon=icon,
        author=author,
        persona=persona,
        examples=examples,
        directory=directory,
        dry_run=dry_run,
    )
    return Outcome(answer, notices)
