"""cowork twin export, import, backup, restore"""

from __future__ import annotations

import click

from cowork.cli import completing
from cowork.cli.commands import verb
from cowork.core.outcome import Outcome

_FORCE = click.option("--force", is_flag=True, help="Replace a file that is there.")
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Show what would be done; write nothing.")


@verb()
@click.argument(
    "names", nargs=-1, shell_complete=completing.twins, metavar="[NAME...]", help="Twins by name, display name or id."
)
@click.option("--all", "everyone", is_flag=True, help="All twins.")
@click.option("--output", metavar="FILE", help="Write the document there.")
@_FORCE
@_DRY_RUN
def export(names: tuple[str, ...], everyone: bool, output: str | None, force: bool, dry_run: bool) -> Outcome:
    """Write down how twins are set up, for another machine: no secrets, and nothing of what they did."""
    from cowork.cli.twin_change import named_or_all
    from cowork.twins import moving

    return Outcome(*moving.export(named_or_all(names, everyone=everyone), output, dry_run=dry_run, force=force))


@verb()
@click.argument("file", help="What `cowork twin export` wrote.")
@click.option("--trust-addresses", is_flag=True, help="Deliver where the file says, too; else it may name variables alone.")
@_DRY_RUN
def import_(file: str, trust_addresses: bool, dry_run: bool) -> Outcome:
    """Create the twins of a document, all of them or none."""
    from pathlib import Path

    from cowork.core.clock import SystemClock
    from cowork.twins import moving

    return Outcome(*moving.bring(Path(file), SystemClock(), dry_run=dry_run, trust_addresses=trust_addresses))


@verb()
@click.argument("file", required=False, help="Where to; by default a file named by the time, in COWORK_HOME.")
@_FORCE
@_DRY_RUN
def backup(file: str | None, force: bool, dry_run: bool) -> Outcome:
    """Copy everything that twins are, did and know, while they work. The copy holds the secrets of their addresses."""
    from cowork.core.clock import SystemClock
    from cowork.twins import keeping

    return Outcome(keeping.backup(file, SystemClock(), dry_run=dry_run, force=force))


@verb()
@click.argument("file", help="What `cowork twin backup` wrote.")
@click.option("--yes", is_flag=True, help="Replace without asking.")
@click.option("--force", is_flag=True, help="Also while a twin is at work: what it does is lost.")
@_DRY_RUN
def restore(file: str, yes: bool, force: bool, dry_run: bool) -> Outcome:
    """Put a copy in the place of what there is, which is kept as a copy, too."""
    from cowork.cli.asking import confirm_destruction
    from cowork.core.clock import SystemClock
    from cowork.twins import keeping

    if not dry_run:
        confirm_destruction("replace all twins, and what they did and know, by the copy?", yes=yes)
    return Outcome(keeping.restore(file, SystemClock(), force=force, dry_run=dry_run))
