"""cowork twin ask, assign, wake, unassign, tasks, board"""

from __future__ import annotations

from typing import Any

import click

from cowork.cli import completing
from cowork.cli.commands import verb
from cowork.cli.parameters import collect, parameters
from cowork.cli.twin_beat import answered, set_up, speaking
from cowork.core.errors import UsageError
from cowork.core.outcome import Outcome

_PRIORITY = click.option(
    "--priority",
    type=click.Choice(["urgent", "high", "normal", "low"]),
    default="normal",
    show_default=True,
    help="What goes first.",
)
_NOW = click.option("--now", "at_once", is_flag=True, help="Not at its next heartbeat, but as soon as a scheduler looks.")
_DRY = click.option("--dry-run", is_flag=True, help="Show what would be asked; ask nothing.")


@verb()
@click.argument("name", shell_complete=completing.twins, metavar="@TWIN", help="A twin's name.")
@click.argument("text", nargs=-1, required=True, help="What you want to know, or a /skill with its text.")
@click.option("--later", is_flag=True, help="Do not wait: it answers at its next heartbeat.")
@_NOW
@_DRY
@parameters
@speaking
def ask(
    name: str,
    text: tuple[str, ...],
    later: bool,
    at_once: bool,
    params: tuple[str, ...],
    files: tuple[str, ...],
    dry_run: bool,
    **how: Any,
) -> Outcome:
    """Ask a twin and wait for the answer, which rests on evidence of its workspace.

    Without a model it answers with the evidence alone. A text that begins with a slash runs that skill or command.
    """
    from cowork.core.clock import SystemClock
    from cowork.twins.beats import replying

    if later or at_once:
        _for_those_who_wait(param=params, param_file=files, **how)
        return Outcome(replying.leave(name, " ".join(text), SystemClock(), at_once=at_once, dry_run=dry_run))
    named, setup = collect(params, files), set_up("twin ask", **how)
    return answered(setup, lambda: (replying.ask(name, " ".join(text), setup, named=named, dry_run=dry_run), ()))


@verb()
@click.argument("name", shell_complete=completing.twins, help="A twin's name.")
@click.argument("task", nargs=-1, required=True, help="What it is to do, in your own words.")
@click.option("--details", default="", help="More than fits one line.")
@_PRIORITY
@click.option("--due", metavar="WHEN", help="By when: 3d, 4h, 2026-12-01.")
@_NOW
@_DRY
def assign(name: str, task: tuple[str, ...], details: str, **how: Any) -> Outcome:
    """Give a twin a task: it works on it at its next heartbeat, before its own tasks."""
    return _request(name, "task", " ".join(task), text=details, verb="twin assign", **how)


@verb()
@click.argument("name", shell_complete=completing.twins, help="A twin's name.")
@click.argument("reason", nargs=-1, help="Why: it is told.")
@_NOW
@_DRY
def wake(name: str, reason: tuple[str, ...], **how: Any) -> Outcome:
    """Tell a twin that something happened: for hooks, cron and scripts. The same reason within 30 seconds counts once."""
    return _request(name, "wake", " ".join(reason) or "Somebody woke you", verb="twin wake", **how)


@verb()
@click.argument("ids", nargs=-1, required=True, metavar="ID...", help="Requests, as `twin tasks` shows them.")
@_DRY
def unassign(ids: tuple[str, ...], dry_run: bool) -> Outcome:
    """Take back what was asked of a twin and it has not begun."""
    from cowork.core.clock import SystemClock
    from cowork.twins import requesting

    return Outcome(requesting.cancel(ids, SystemClock(), dry_run=dry_run))


@verb()
@click.argument("names", nargs=-1, shell_complete=completing.twins, metavar="[TWIN]...", help="Twins; all without.")
@click.option("--all", "everything", is_flag=True, help="Also what is over, taken back or turned off.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=200, show_default=True, help="At most so many.")
def tasks(names: tuple[str, ...], everything: bool, limit: int) -> Outcome:
    """List what twins have to do: what was asked of them first, then their own tasks by when they are due."""
    from cowork.twins import board

    return Outcome(board.tasks(names, everything=everything, limit=limit))


@verb()
@click.argument("names", nargs=-1, shell_complete=completing.twins, metavar="[TWIN]...", help="Twins; all without.")
@click.option("--hours", type=click.IntRange(1, 24 * 90), default=24, show_default=True, help="How far back done goes.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Of at most so many twins.")
def board(names: tuple[str, ...], hours: int, limit: int) -> Outcome:
    """Show the work of twins in columns: scheduled, asked, working, done, failed."""
    from cowork.core.clock import SystemClock
    from cowork.twins.board import board as board_of

    return Outcome(board_of(names, SystemClock(), hours=hours, limit=limit))


def _for_those_who_wait(**how: Any) -> None:
    """Who leaves a question does not choose who answers it. Raises `usage.invalid`."""
    for option, value in how.items():
        if value:
            name = f"--{option.replace('_', '-')}"
            hint = f"leave {name} out; the twin answers as at every heartbeat"
            raise UsageError("usage.invalid", f"{name} is for who waits for the answer", hint=hint)


def _request(name: str, kind: Any, title: str, **how: Any) -> Outcome:
    from cowork.core.clock import SystemClock
    from cowork.twins import requesting

    asked = requesting.request(name, kind, title, SystemClock(), **how)
    return Outcome(asked, requesting.notices(asked))
