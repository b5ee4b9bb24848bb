"""cowork twin prune"""

from __future__ import annotations

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome


@verb()
@click.option("--keep", metavar="WHEN", help="Keep results since then: 90d, 2026-12-01; by default `twin_keep_days`.")
@click.option("--yes", is_flag=True, help="Remove without asking.")
@click.option("--dry-run", is_flag=True, help="Show what would go; remove nothing.")
def prune(keep: str | None, yes: bool, dry_run: bool) -> Outcome:
    """Let go old results and requests that are over, and traces of old heartbeats and deliveries.

    Results that were judged stay, and so does the last one of each task. The same happens by itself once a day.
    """
    from cowork.cli.asking import confirm_destruction
    from cowork.core.clock import SystemClock
    from cowork.twins import pruning

    if not dry_run:
        confirm_destruction("remove what twins did long ago?", yes=yes)
    return Outcome(pruning.prune(keep, SystemClock(), dry_run=dry_run))
