"""cowork twin feedback, remember, forget, memory: what twins learn and know."""

from __future__ import annotations

import click

from cowork.cli import completing
from cowork.cli.commands import verb
from cowork.core.errors import UsageError
from cowork.core.outcome import Outcome

KINDS = ("correction", "preference", "note")
_TWIN = click.argument("name", shell_complete=completing.twins, help="A twin's name, display name or id.")
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")


@verb()
@click.argument("result", help="A result's id, the start of one, or 'last'.")
@click.argument("why", required=False, help="The reason, which the twin remembers.")
@click.option("--good", is_flag=True, help="It was good; the reason is remembered as a preference.")
@click.option("--bad", is_flag=True, help="It was bad; the reason is remembered as a correction.")
@click.option("--clear", is_flag=True, help="Take the verdict back, with what was learned from it.")
@_DRY_RUN
def feedback(result: str, why: str | None, good: bool, bad: bool, clear: bool, dry_run: bool) -> Outcome:
    """Say whether a result was good. What was said of it before is replaced."""
    from cowork.core.clock import SystemClock
    from cowork.twins import judging

    if good + bad + clear != 1:
        raise UsageError("usage.invalid", "one of --good, --bad and --clear is needed", hint='for example: --bad "why"')
    if clear and why is not None:
        raise UsageError("usage.invalid", "--clear takes no reason", hint="leave it out")
    verdict = judging.verdict_of(good=good, bad=bad)
    judged = judging.judge(result, verdict, why or "", SystemClock(), dry_run=dry_run)
    return Outcome(judged, judging.beside(judged.result_id) if result == "last" else ())


@verb()
@_TWIN
@click.argument("text", nargs=-1, required=True, help="What it is to remember, in a line.")
@click.option("--kind", type=click.Choice(KINDS), default="note", show_default=True, help="Corrections are recalled first.")
@_DRY_RUN
def remember(name: str, text: tuple[str, ...], kind: str, dry_run: bool) -> Outcome:
    """Tell a twin what it is to remember. What all twins are to know are facts: cowork twin facts add."""
    from cowork.core.clock import SystemClock
    from cowork.twins import memory, remembering

    known = next(item for item in memory.KINDS if item == kind)
    return Outcome(remembering.remember(name, " ".join(text), SystemClock(), kind=known, dry_run=dry_run))


@verb()
@click.argument("memories", nargs=-1, required=True, metavar="MEMORY...", help="Ids of memories, or the starts of some.")
@_DRY_RUN
def forget(memories: tuple[str, ...], dry_run: bool) -> Outcome:
    """Make twins forget what they remember, all of it or nothing."""
    from cowork.twins import remembering

    return Outcome(remembering.forget(memories, dry_run=dry_run))


@verb()
@_TWIN
@click.option("--search", metavar="WORDS", help="Only what holds all these words or beginnings of words; best first.")
def memory(name: str, search: str | None) -> Outcome:
    """Show what a twin remembers, newest first, and what of it a model would be told now."""
    from cowork.twins import recalling

    return Outcome(recalling.memory_of(name, search))
