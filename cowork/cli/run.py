"""cowork run"""

from __future__ import annotations

import click

from cowork.cli.commands import verb
from cowork.core.errors import UsageError
from cowork.core.outcome import Outcome


@verb()
@click.argument("command", metavar="/COMMAND", help="A slash command, for example /code-review-prep.")
@click.argument("text", nargs=-1, help="Free text, or a JSON object with the parameters by name.")
@click.option("--provider", help="The provider to ask; 'rehearsal' works offline.")
@click.option("--model", help="The model to ask.")
@click.option("--dry-run", is_flag=True, help="Show what would be asked of whom.")
@click.option("--stream", is_flag=True, help="Events as NDJSON while the answer comes.")
def run(command: str, text: tuple[str, ...], provider: str | None, model: str | None, dry_run: bool, stream: bool) -> Outcome:
    """Run a slash command: its skill, with TEXT as the parameter it is about.

    The text goes to the parameter named objective, input, prompt, query or text, else to the only one, else to the only
    required one, else to the first.
    """
    from cowork.agent.skill_run import run_command
    from cowork.cli.events import EventPrinter
    from cowork.core import settings
    from cowork.core.clock import SystemClock

    command, text = _split(command, text)
    loaded, clock = settings.load(), SystemClock()
    events = EventPrinter(clock, stream=stream)
    ran, notices = run_command(
        command, " ".join(text), loaded, clock, events.emit, provider=provider, model=model, dry_run=dry_run
    )
    return Outcome(ran, (*loaded.notices, *notices))


def _split(command: str, text: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The command and its text, also where a shell has handed both over as one word."""
    first, _, rest = command.strip().partition(" ")
    if first.startswith("@"):
        raise UsageError("run.reserved", f"'{first}' names a twin, and twins do not take work yet", hint="use a /command")
    if not first.startswith("/"):
        hint = 'for example: cowork run /code-review-prep "..."'
        raise UsageError("run.no_command", f"'{first}' is no slash command", hint=hint)
    return first, ((rest, *text) if rest else text)
