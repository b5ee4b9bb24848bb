"""cowork twin deliver"""

from __future__ import annotations

import click

from cowork.cli import completing
from cowork.cli.commands import verb
from cowork.core.outcome import Outcome


@verb()
@click.argument("results", nargs=-1, metavar="[RESULT]...", help="With --retry: only of these results; all without.")
@click.option("--retry", is_flag=True, help="Try again now what failed, also for good.")
@click.option(
    "--test",
    "twin",
    shell_complete=completing.twins,
    metavar="TWIN",
    help="Send a test message to the addresses of a twin, quiet hours or not.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be delivered where; deliver nothing.")
def deliver(results: tuple[str, ...], retry: bool, twin: str | None, dry_run: bool) -> Outcome:
    """Deliver the results that are due to be, and say what became of each. Exit 9 when some were not delivered.

    Heartbeats deliver by themselves. What fails is tried again for most of a day; what falls into quiet hours waits for their
    end, also with --retry.
    """
    from cowork.core.clock import SystemClock
    from cowork.core.errors import UsageError
    from cowork.twins import deliveries

    if twin is not None and (retry or results):
        raise UsageError("twin.which", "--test stands alone", hint="cowork twin deliver --test TWIN")
    if results and not retry:
        raise UsageError("twin.which", "results are named with --retry", hint="cowork twin deliver --retry RESULT")
    if twin is not None:
        return Outcome(deliveries.try_out(twin, SystemClock(), dry_run=dry_run))
    return Outcome(deliveries.deliver(SystemClock(), retry=retry, names=results, dry_run=dry_run))
