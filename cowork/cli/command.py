"""cowork command"""

from __future__ import annotations

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome


@verb()
def list_() -> Outcome:
    """List commands: slash commands of packs, and command files of plugins and `.claude` directories."""
    from cowork.registry.commands import list_commands

    return Outcome(*list_commands())


@verb()
@click.argument("name", help="A command's name, with or without its slash.")
def show(name: str) -> Outcome:
    """Show a command and its text. Nothing in it is run."""
    from cowork.registry.commands import show_command

    return Outcome(show_command(name))
