"""cowork loop: looking at sessions and steering them, from any other process"""

from __future__ import annotations

from typing import Any

import click

from cowork.cli.commands import verb
from cowork.core.errors import UsageError
from cowork.core.outcome import Outcome

_SESSION = click.argument(
    "session",
    required=False,
    help="A session's id, or the start of one; by default the one that works on this project, else its last.",
)
_WAIT = click.option("--wait", is_flag=True, help="Return only once it is so.")
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Show what would be asked of the session; ask nothing.")


@verb()
@_SESSION
@click.option("--exit-code", "strict", is_flag=True, help="Exit as the run did: 0 when it is completed; 8 while it has no end.")
def status(session: str | None, strict: bool) -> Outcome:
    """Show how a session stands: who works on what, what it used, and what it waits for."""
    from cowork.core.clock import SystemClock
    from cowork.loop.control import finding, status

    return Outcome(status.look(finding.find(session), SystemClock(), strict=strict))


@verb()
@_SESSION
@_WAIT
@_DRY_RUN
def pause(session: str | None, wait: bool, dry_run: bool) -> Outcome:
    """Let a session pause once its iteration is over. Its process waits for `cowork loop resume`."""
    return _steer(session, "pause", wait, dry_run)


@verb()
@_SESSION
@_WAIT
@_DRY_RUN
def stop(session: str | None, wait: bool, dry_run: bool) -> Outcome:
    """End a session once its iteration is over. `cowork loop resume` goes on with it."""
    return _steer(session, "stop", wait, dry_run)


@verb()
@_SESSION
@_WAIT
@_DRY_RUN
def cancel(session: str | None, wait: bool, dry_run: bool) -> Outcome:
    """End a session at once, with the agent at work. `cowork loop resume` goes on with it."""
    return _steer(session, "cancel", wait, dry_run)


@verb()
@click.argument("session", help="A session's id, the start of one, or 'last' of this project.")
@click.argument("words", nargs=-1, required=True, metavar="[TASK] TEXT", help="The task that is blocked, and the answer.")
@_DRY_RUN
def answer(session: str, words: tuple[str, ...], dry_run: bool) -> Outcome:
    """Answer what an agent asked before it goes on. TASK may be left out when only one waits."""
    from cowork.core.clock import SystemClock
    from cowork.loop.control import finding, steering

    if len(words) > 2:
        raise UsageError("usage.invalid", "the answer is more than one word of the command line", hint="put it in quotes")
    task = words[0] if len(words) == 2 else None
    return Outcome(steering.answer(finding.find(session, steering=True), task, words[-1], SystemClock(), dry_run=dry_run))


@verb()
@_SESSION
@click.option("--iteration", type=click.IntRange(1), metavar="N", help="Only of this iteration; by default of the last one.")
@click.option("--task", metavar="ID", help="Only of iterations on this task.")
@click.option("--agent", metavar="NAME", help="Only of iterations in which it worked.")
@click.option("--prompt", is_flag=True, help="What the agent was told, instead of what it printed.")
@click.option("--stderr", is_flag=True, help="What its program wrote to stderr, instead.")
@click.option("--tail", type=click.IntRange(0), metavar="N", help="Only the last lines of each.")
@click.option("--follow", is_flag=True, help="Go on as it comes, until nobody works any more.")
@click.option("--clean", is_flag=True, help="Remove the logs of all iterations but the last ones.")
@click.option("--keep", type=click.IntRange(0), default=20, show_default=True, metavar="N", help="With --clean: how many stay.")
@click.option("--yes", is_flag=True, help="With --clean: do not ask.")
@click.option("--dry-run", is_flag=True, help="With --clean: show what would be removed.")
def logs(session: str | None, prompt: bool, stderr: bool, follow: bool, **how: Any) -> Outcome:
    """Show what agents printed."""
    from cowork.loop.control import finding
    from cowork.loop.control import logs as found

    place = finding.find(session)
    clean, keep, yes, dry_run = (how.pop(name) for name in ("clean", "keep", "yes", "dry_run"))
    if clean:
        return _clean(place, keep, yes=yes, dry_run=dry_run)
    if dry_run:
        raise UsageError("usage.invalid", "--dry-run needs --clean", hint="add --clean, or leave --dry-run out")
    if prompt and stderr:
        raise UsageError("usage.invalid", "--prompt and --stderr are two things", hint="leave one out")
    selection = found.Selection(what="prompt" if prompt else "errors" if stderr else "output", **how)
    if follow:
        return _follow(place, selection)
    return Outcome(found.read(place, selection))


@verb()
@_SESSION
@click.option("--all", "everything", is_flag=True, help="Begin with the first event, not with what comes now.")
@click.option("--stream", is_flag=True, help="Events as NDJSON, the last one how it then stands.")
def watch(session: str | None, everything: bool, stream: bool) -> Outcome:
    """Follow a session until it ends, and exit as it does."""
    import asyncio

    from cowork.cli.events import EventPrinter
    from cowork.core.clock import SystemClock
    from cowork.loop.control import finding, following

    clock, place = SystemClock(), finding.find(session)
    return Outcome(asyncio.run(following.watch(place, clock, EventPrinter(clock, stream=stream), from_start=everything)))


@verb()
@_SESSION
@click.option(
    "--format", "style", type=click.Choice(["markdown", "jsonl", "json"]), default="markdown", help="How to write it."
)
def export(session: str | None, style: Any) -> Outcome:
    """Print a session as Markdown, its journal as NDJSON, or all of it as JSON."""
    from cowork.core.clock import SystemClock
    from cowork.loop.control import exporting, finding

    return Outcome(exporting.export(finding.find(session), style, SystemClock()))


def _steer(session: str | None, wish: Any, wait: bool, dry_run: bool) -> Outcome:
    import asyncio

    from cowork.core.clock import SystemClock
    from cowork.loop.control import finding, steering
    from cowork.loop.engine.cancelling import cancel

    clock = SystemClock()
    told = steering.steer(
        finding.find(session, steering=True), wish, clock, wait=wait, dry_run=dry_run, abort=lambda place: cancel(place, clock)
    )
    return Outcome(asyncio.run(told))


def _clean(place: Any, keep: int, *, yes: bool, dry_run: bool) -> Outcome:
    from cowork.cli.asking import confirm_destruction
    from cowork.loop.control.logs import clean

    if dry_run or not yes:
        planned = clean(place, keep, dry_run=True)
        if dry_run:
            return Outcome(planned)
        if planned.removed:
            confirm_destruction(f"remove {len(planned.removed)} logs ({planned.bytes:,} bytes)?", yes=yes)
    return Outcome(clean(place, keep, dry_run=False))


def _follow(place: Any, selection: Any) -> Outcome:
    import asyncio

    from cowork.cli.invocation import current
    from cowork.core.clock import SystemClock
    from cowork.loop.control.log_following import follow
    from cowork.loop.control.logs import LogPage
    from cowork.render import emit

    if current().json:
        hint = f"follow its events instead: cowork loop watch {place.session_id} --stream"
        raise UsageError("usage.invalid", "--follow is no one document", hint=hint)
    if not selection.is_of_the_last or selection.tail is not None:
        raise UsageError("usage.invalid", "--follow goes from the last iteration on", hint="leave the other options out")
    asyncio.run(follow(place, selection.what, SystemClock(), lambda _, text: emit.passage(text)))
    return Outcome(LogPage(place.session_id, (), 0))
