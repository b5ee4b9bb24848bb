"""cowork loop"""

from __future__ import annotations

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome


@verb()
@click.argument("task", help="What to answer, in a sentence or a paragraph.")
@click.option("--pattern", help="solo or debate; by default the setting default_pattern.")
@click.option("--seat", "seats", multiple=True, metavar="NAME=PROVIDER[/MODEL]", help="Who sits where. Repeatable.")
@click.option("--context", "contexts", multiple=True, metavar="FILE", help="A text file as material. Repeatable.")
@click.option("--rounds", type=click.IntRange(0, 3), help="Rebuttal rounds of a debate.")
@click.option("--provider", help="The provider of seats that are not named; 'rehearsal' works offline.")
@click.option("--model", help="The model of seats that are not named.")
@click.option("--seed", type=int, default=0, show_default=True, help="Decides labels, and what a rehearsal says.")
@click.option("--dry-run", is_flag=True, help="Show seats, calls, depth and worst-case cost; ask nobody.")
@click.option("--stream", is_flag=True, help="Events as NDJSON, the last one the result.")
def start(
    task: str,
    pattern: str | None,
    seats: tuple[str, ...],
    contexts: tuple[str, ...],
    rounds: int | None,
    provider: str | None,
    model: str | None,
    seed: int,
    dry_run: bool,
    stream: bool,
) -> Outcome:
    """Run a collaboration pattern on TASK and record it as a session.

    debate: two seats answer blind; when they disagree they rebut each other, and a judge decides in both orders. Seats
    may be named first, second, judge and tie-break; other names take the free seats in order.
    """
    from cowork.cli.events import EventPrinter
    from cowork.core import settings
    from cowork.core.clock import SystemClock
    from cowork.loop import engine
    from cowork.loop.report import dry_run as plan
    from cowork.loop.request import prepare

    loaded, clock = settings.load(flags={"debate_rounds": rounds}), SystemClock()
    events = EventPrinter(clock, stream=stream)
    request, notices = prepare(task, contexts, loaded, pattern=pattern, seats=seats, provider=provider, model=model, seed=seed)
    warnings = (*loaded.notices, *notices)
    if dry_run:
        return Outcome(plan(request), warnings)
    events.warn(warnings)
    return Outcome(engine.start(request, loaded, clock, (events,)), warnings if events.silent else ())


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
