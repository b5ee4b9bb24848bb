"""cowork twin list, show"""

from __future__ import annotations

import click

from cowork.cli import completing
from cowork.cli.commands import verb
from cowork.core.outcome import Outcome

STATUSES = ("active", "paused", "inactive")


@verb()
@click.option("--status", type=click.Choice(STATUSES), help="Only twins that are like this.")
@click.option("--category", metavar="NAME", help="Only twins of this category, for example engineering.")
@click.option("--template", shell_complete=completing.personas, metavar="ID", help="Only twins of this persona template.")
def list_(status: str | None, category: str | None, template: str | None) -> Outcome:
    """List twins, sorted by name; twin-a-2 comes before twin-a-10."""
    from cowork.twins import directory
    from cowork.twins.store.listing import Filter

    return Outcome(directory.list_twins(Filter(status, category, template)))


@verb()
@click.argument("name", shell_complete=completing.twins, help="A twin's name, display name or id.")
def show(name: str) -> Outcome:
    """Show a twin, its tasks, and when it wakes next."""
    from cowork.core.clock import SystemClock
    from cowork.twins import directory

    return Outcome(directory.page(name, SystemClock()))
