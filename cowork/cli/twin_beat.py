"""cowork twin beat"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from cowork.cli import completing
from cowork.cli.commands import verb
from cowork.core.outcome import Notice, Outcome


def speaking(function: Any) -> Any:
    """The options of every verb that lets a twin speak."""
    options = [
        click.option("--provider", help="The provider to ask; by default the twin's, else the usual one."),
        click.option("--model", help="The model to ask; by default the twin's, else the usual one."),
        click.option("--no-model", is_flag=True, help="Ask no model: a digest of the evidence."),
        click.option("--stream", is_flag=True, help="Events as NDJSON, the last one the result."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


@verb()
@click.argument(
    "names",
    nargs=-1,
    shell_complete=completing.twins,
    metavar="[TWIN]...",
    help="Twins to wake now; without, those whose heartbeat it is.",
)
@click.option("--due", is_flag=True, help="Every twin whose heartbeat it is: for cron. This is what happens without names.")
@click.option("--all", "everyone", is_flag=True, help="Every active twin, also before its first heartbeat.")
@click.option(
    "--task",
    "tasks",
    multiple=True,
    shell_complete=completing.tasks,
    metavar="ID",
    help="Do this task of the named twins, due or not. Repeatable.",
)
@click.option("--jobs", type=click.IntRange(1, 64), help="How many twins work at a time.")
@click.option("--exit-code", is_flag=True, help="Exit 8 when nothing was due.")
@click.option("--dry-run", is_flag=True, help="Show what is due; do nothing.")
@speaking
def beat(
    names: tuple[str, ...],
    due: bool,
    everyone: bool,
    tasks: tuple[str, ...],
    jobs: int | None,
    exit_code: bool,
    dry_run: bool,
    **how: Any,
) -> Outcome:
    """Let twins do what is due: collect evidence, ask a model if there is one, store and deliver the results.

    Without a model the results are digests of the evidence. Where nothing is due, nobody is asked and nothing costs.
    """
    from cowork.core.errors import LimitReached, UsageError
    from cowork.twins.beats import waking

    if (due and everyone) or (names and (due or everyone)):
        raise UsageError("twin.which", "name twins, or say --due or --all", hint="cowork twin beat --all")
    if tasks and not names:
        raise UsageError("twin.which", "--task needs the name of a twin", hint="cowork twin beat TWIN --task ID")
    setup = set_up("twin beat", **how)
    wish = waking.Wish(names, early=everyone or bool(names), tasks=tasks)

    def woken() -> tuple[Any, tuple[Notice, ...]]:
        report, notices = waking.wake(wish, setup, jobs=jobs or setup.settings["twin_jobs"], dry_run=dry_run)
        if exit_code and report.nothing_due:
            raise LimitReached("twin.nothing_due", "nothing is due", hint="see: cowork twin list", data=report, notices=notices)
        return report, notices

    return answered(setup, woken)


def answered(setup: Any, work: Callable[[], tuple[Any, tuple[Notice, ...]]]) -> Outcome:
    """What comes of letting twins work, or its error, with the warnings about the settings it worked under."""
    from cowork.core.errors import CoworkError

    known = setup.settings.notices
    try:
        data, notices = work()
    except CoworkError as error:
        error.notices = (*known, *error.notices)
        raise
    return Outcome(data, (*known, *notices))


def set_up(verb_name: str, *, provider: str | None, model: str | None, no_model: bool, stream: bool) -> Any:
    """What heartbeats share."""
    from cowork.cli.events import EventPrinter
    from cowork.cli.invocation import current
    from cowork.core import settings
    from cowork.core.clock import SystemClock
    from cowork.loop.agents.opening import shared_limiter
    from cowork.twins.beats.asking import Speaker
    from cowork.twins.beats.work import Setup

    loaded, clock = settings.load(), SystemClock()
    events = EventPrinter(clock, stream=stream)
    speaker = None if no_model else Speaker(provider, model)
    return Setup(clock, loaded, shared_limiter(loaded, clock), speaker, events.emit, verb_name, current().later)
