"""cowork loop"""

from __future__ import annotations

from typing import Any

import click

from cowork.cli.commands import verb
from cowork.cli.loop_run import limit_options, limits_of
from cowork.cli.numbers import Amount
from cowork.core.outcome import Outcome


@verb()
@click.argument("task", help="What to answer, in a sentence or a paragraph.")
@click.option("--pattern", metavar="NAME", help="How the seats work together; see: cowork loop patterns.")
@click.option("--preset", metavar="NAME", help="Pattern, seats and options of the configuration; see: cowork loop presets.")
@click.option("--seat", "seats", multiple=True, metavar="NAME=PROVIDER[/MODEL][,FALLBACK]", help="Who sits where. Repeatable.")
@click.option("--seats", "count", type=click.IntRange(1), metavar="N", help="How many sit in the role for several.")
@click.option("--without", "empty", multiple=True, metavar="ROLE", help="A role that stays empty. Repeatable.")
@click.option("--with", "steps", metavar="STEP[,STEP]", help="Steps around the pattern: planning, thinking, review.")
@click.option("--fallback", "fallbacks", multiple=True, metavar="PROVIDER[/MODEL]", help="Who may stand in for any seat.")
@click.option(
    "--context", "contexts", multiple=True, metavar="PATH", help="A text file, or a directory of them, as material. Repeatable."
)
@click.option("--rounds", type=int, help="Rounds after the first one.")
@click.option("--samples", type=int, help="Answers of a solo seat, which then vote.")
@click.option("--layers", type=int, help="Layers of a team that synthesises instead of voting.")
@click.option("--levels", type=int, help="Levels of a hierarchy.")
@click.option("--tasks", type=int, help="The most tasks of a plan.")
@click.option("--sequential", is_flag=True, default=None, help="Ask in turn, and stop when the rest changes nothing.")
@click.option("--early-stop", is_flag=True, default=None, help="Let go of seats whose answers can change nothing any more.")
@click.option("--verbatim", is_flag=True, default=None, help="Return a team's winner as it is; nobody rewrites it.")
@click.option("--separate", is_flag=True, default=None, help="Review and rewriting as calls of their own.")
@click.option("--judge-speaks", is_flag=True, default=None, help="The judge speaks before every rebuttal.")
@click.option(
    "--check", "checks", multiple=True, metavar="COMMAND", help="Must end with 0 on a draft, given on its stdin. Repeatable."
)
@click.option("--max-calls", type=click.IntRange(1), help="The most calls the run may make, retries and repairs included.")
@click.option("--max-tokens", type=click.IntRange(1), help="The most tokens it may use, in and out together.")
@click.option("--max-cost", type=Amount(0.0), metavar="USD", help="The most money it may cost.")
@click.option("--provider", help="The provider of seats that are not named; 'rehearsal' works offline.")
@click.option("--model", help="The model of seats that are not named.")
@click.option("--seed", type=int, help="Decides labels, ties and what a rehearsal says; drawn anew where models sit.")
@click.option("--dry-run", is_flag=True, help="Show seats, calls, depth and worst-case cost; ask nobody.")
@click.option("--stream", is_flag=True, help="Events as NDJSON, the last one the result.")
def start(
    task: str,
    contexts: tuple[str, ...],
    dry_run: bool,
    stream: bool,
    **asked: Any,
) -> Outcome:
    """Run a collaboration pattern on TASK and record it as a session.

    A seat named like a role (judge, member-2) takes it; other names fill the seats that answer, in order. What was not named
    gets the default model.
    """
    from cowork.cli.events import EventPrinter
    from cowork.core import settings
    from cowork.core.clock import SystemClock
    from cowork.loop import single
    from cowork.loop.report import dry_run as plan
    from cowork.loop.request import prepare
    from cowork.loop.wishes import wish
    from cowork.patterns.setup import OPTION_NAMES

    options = {name: asked.pop(name) for name in OPTION_NAMES}
    loaded, clock = settings.load(), SystemClock()
    events = EventPrinter(clock, stream=stream)
    wanted, said = wish(loaded, options=options, **asked)
    request, notices = prepare(task, contexts, loaded, wanted)
    warnings = (*loaded.notices, *said, *notices)
    if dry_run:
        return Outcome(plan(request), warnings)
    events.warn(warnings)
    return Outcome(single.start(request, loaded, clock, (events,)), warnings if events.silent else ())


@verb()
@click.argument("session", default="last", help="A session's id, the start of one, or 'last'.")
@limit_options
@click.option("--again", is_flag=True, help="Tasks that were given up get another chance.")
@click.option("--take-over", is_flag=True, help="Take a lock that another machine left behind.")
@click.option("--detach", is_flag=True, help="Return once it works, in the background; see: cowork loop watch.")
@click.option("--dry-run", is_flag=True, help="Show what is on record and what would be asked; ask nobody.")
@click.option("--stream", is_flag=True, help="Events as NDJSON, the last one the result.")
def resume(session: str, dry_run: bool, stream: bool, again: bool, take_over: bool, detach: bool, **limits: Any) -> Outcome:
    """Go on with a session that was paused, cut short or ended before it was done; what is finished is not done again.

    Limits count from the very beginning: a run that reached one goes on with a higher one.
    """
    from cowork.cli.events import EventPrinter
    from cowork.core import settings
    from cowork.core.clock import SystemClock
    from cowork.loop import resuming

    loaded, clock = settings.load(), SystemClock()
    events = EventPrinter(clock, stream=stream)
    wish = resuming.Again(limits_of(limits), again=again, take_over=take_over, detach=detach)
    if dry_run:
        return Outcome(resuming.plan(session, wish), loaded.notices)
    events.warn(loaded.notices)
    run = resuming.resume(session, wish, loaded, clock, (events,))
    return Outcome(run, loaded.notices if events.silent else ())


@verb()
def list_() -> Outcome:
    """List sessions, newest first."""
    from cowork.loop import sessions

    return Outcome(*sessions.list_sessions())


@verb()
@click.argument("session", default="last", help="A session's id, the start of one, or 'last'.")
def show(session: str) -> Outcome:
    """Show a session by id, by the start of its id, or the last one."""
    from cowork.loop import sessions

    return Outcome(sessions.show_session(session))
