"""cowork twin activate"""

from __future__ import annotations

from typing import Any

import click

from cowork.cli import completing
from cowork.cli.commands import verb
from cowork.core.errors import UsageError
from cowork.core.outcome import Outcome

ADDRESS = "as apprise has it; better env:NAME, a variable that is read when something is delivered"


@verb()
@click.argument(
    "persona", required=False, shell_complete=completing.personas, help="A persona template's id; see: cowork twin templates."
)
@click.option("--from", "team", metavar="FILE", help="A YAML list of activations with these options' words as keys.")
@click.option("--name", "display_name", metavar="TEXT", help="The twin's display name.")
@click.option("--count", type=int, metavar="N", help="Make so many twins alike.")
@click.option("--interval", type=int, metavar="MIN", help="Minutes between heartbeats, 5 to 240.")
@click.option(
    "--task",
    "enable",
    multiple=True,
    shell_complete=completing.tasks,
    metavar="ID",
    help="Turn a proactive task on. Repeatable.",
)
@click.option(
    "--no-task",
    "disable",
    multiple=True,
    shell_complete=completing.tasks,
    metavar="ID",
    help="Turn a proactive task off. Repeatable.",
)
@click.option("--provider", metavar="P", help="Who is asked; by default the usual provider.")
@click.option("--model", metavar="M", help="Which model is asked; by default the usual one.")
@click.option("--workspace", metavar="DIR", help="The directory it looks at; by default the present project.")
@click.option("--deliver", multiple=True, metavar="URL", help=f"Deliver results there: an address {ADDRESS}. Repeatable.")
@click.option("--deliver-task", multiple=True, metavar="TASK=URL", help="Deliver the results of a task there, too. Repeatable.")
@click.option("--quiet-hours", metavar="FROM-TO", help="When nothing is delivered, for example 22:00-07:00.")
@click.option("--timezone", metavar="ZONE", help="For quiet hours, for example Europe/Berlin; by default the machine's.")
@click.option(
    "--trust-addresses", is_flag=True, help="With --from: deliver where the file says; else it may name variables alone."
)
@click.option("--dry-run", is_flag=True, help="Show the twins that would be created.")
def activate(
    persona: str | None, team: str | None, deliver_task: tuple[str, ...], trust_addresses: bool, dry_run: bool, **options: Any
) -> Outcome:
    """Create a twin from the persona template PERSONA, for example software-engineer; several alike, or a team from a file."""
    from pathlib import Path

    from cowork.cli import pairs
    from cowork.core.clock import SystemClock

    given = {name: value for name, value in options.items() if value not in (None, ())}
    if team is not None:
        if persona is not None or given or deliver_task:
            hint = "the file says it all; leave the persona and the other options out"
            raise UsageError("usage.invalid", "--from stands alone", hint=hint)
        from cowork.twins import team as teams

        return Outcome(*teams.activate(Path(team), SystemClock(), dry_run=dry_run, trust_addresses=trust_addresses))
    if trust_addresses:
        hint = "addresses that you type are trusted; leave it out"
        raise UsageError("usage.invalid", "--trust-addresses goes with --from", hint=hint)
    if persona is None:
        hint = "for example: cowork twin activate software-engineer"
        raise UsageError("usage.invalid", "missing argument 'PERSONA'", hint=hint)
    from cowork.twins import activation

    told = pairs.texts("--deliver-task", deliver_task)
    return Outcome(*activation.activate(persona, SystemClock(), dry_run=dry_run, deliver_tasks=told, **given))
