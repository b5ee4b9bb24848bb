"""cowork twin"""

from __future__ import annotations

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome


@verb()
@click.argument("persona", help="A persona's id.")
@click.option("--name", help="The twin's display name.")
@click.option("--interval", type=int, metavar="MIN", help="Minutes between heartbeats, 5 to 240.")
@click.option("--task", "enable", multiple=True, metavar="ID", help="Turn a proactive task on. Repeatable.")
@click.option("--no-task", "disable", multiple=True, metavar="ID", help="Turn a proactive task off. Repeatable.")
@click.option("--dry-run", is_flag=True, help="Show the twin that would be created.")
def activate(
    persona: str,
    name: str | None,
    interval: int | None,
    enable: tuple[str, ...],
    disable: tuple[str, ...],
    dry_run: bool,
) -> Outcome:
    """Create a twin from PERSONA, for example software-engineer."""
    from cowork.core.clock import SystemClock
    from cowork.twins import activation

    done = activation.activate(
        persona, SystemClock(), display_name=name, interval=interval, enable=enable, disable=disable, dry_run=dry_run
    )
    return Outcome(*done)


@verb()
def list_() -> Outcome:
    """List twins, sorted by name."""
    from cowork.twins import directory

    return Outcome(directory.list_twins())


@verb()
@click.argument("name", help="A twin's name, display name or id.")
def show(name: str) -> Outcome:
    """Show a twin and its tasks."""
    from cowork.twins import directory

    return Outcome(directory.find_twin(name))
