"""cowork pack verify, pin, unpin, uninstall, export, gc: keeping what is installed in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cowork.cli.asking import confirm_destruction
from cowork.cli.commands import verb
from cowork.cli.pack_install import SCOPE
from cowork.core.errors import UsageError
from cowork.core.outcome import Outcome

if TYPE_CHECKING:
    from cowork.install.places import Place

_DRY_RUN = click.option("--dry-run", is_flag=True, help="Show what would happen; change nothing.")
_YES = click.option("--yes", is_flag=True, help="Do not ask.")


@verb()
@click.argument("names", nargs=-1, metavar="[NAME...]", help="Installed packs; by default all.")
@SCOPE
def verify(names: tuple[str, ...], scope: str) -> Outcome:
    """Compare what is installed with the lockfile, file by file. Exit 1 when something is not as it was installed."""
    from cowork.install.verify import verify as compare

    return Outcome(compare(_place(scope), names))


@verb()
@click.argument("name", help="An installed pack.")
@click.option("--reason", required=True, help="Why it stays: whoever wonders later reads this.")
@SCOPE
@_DRY_RUN
def pin(name: str, reason: str, scope: str, dry_run: bool) -> Outcome:
    """Keep a pack as it is: updates leave it alone."""
    from cowork.core.clock import SystemClock
    from cowork.install.pins import set_pin

    return Outcome(set_pin(_place(scope), name, reason, SystemClock(), dry_run=dry_run))


@verb()
@click.argument("name", help="An installed pack.")
@SCOPE
@_DRY_RUN
def unpin(name: str, scope: str, dry_run: bool) -> Outcome:
    """Let a pack follow its source again."""
    from cowork.core.clock import SystemClock
    from cowork.install.pins import set_pin

    return Outcome(set_pin(_place(scope), name, None, SystemClock(), dry_run=dry_run))


@verb()
@click.argument("name", help="A pack of yours, or with --scope project one of the project.")
@click.option("--purge", is_flag=True, help="Remove its trees from the store too: nothing can bring it back offline.")
@SCOPE
@_YES
@_DRY_RUN
def uninstall(name: str, purge: bool, scope: str, yes: bool, dry_run: bool) -> Outcome:
    """Take a pack away, with its lock entry and its switches. Bundled, organization and required packs stay."""
    from cowork.core.clock import SystemClock
    from cowork.install.uninstall import uninstall as remove

    place, clock = _place(scope), SystemClock()
    if dry_run or not yes:
        planned = remove(place, name, clock, purge=purge, dry_run=True)
        if dry_run:
            return Outcome(planned)
        confirm_destruction(f"remove {planned.path}{' and everything the store holds of it' if purge else ''}?", yes=yes)
    return Outcome(remove(place, name, clock, purge=purge, dry_run=False))


@verb()
@click.option("--output", "-o", metavar="FILE", help="Where to write it; by default it is the answer.")
@click.option("--bundle", is_flag=True, help="With the content, as .tar.gz, for a machine without network. Needs --output.")
@SCOPE
@_DRY_RUN
def export(output: str | None, bundle: bool, scope: str, dry_run: bool) -> Outcome:
    """List what is installed, for `pack import` on another machine."""
    from cowork.install.portable import export as write

    if bundle and output is None:
        raise UsageError("usage.invalid", "a bundle needs a file", hint="add --output packs.tar.gz")
    return Outcome(*write(_place(scope), output, bundle=bundle, dry_run=dry_run))


@verb()
@click.option("--history", is_flag=True, help="Also what only `pack rollback` could ask for.")
@_YES
@_DRY_RUN
def gc(history: bool, yes: bool, dry_run: bool) -> Outcome:
    """Remove from the store what no lockfile speaks of, and what broken-off installations left."""
    from cowork.install.gc import collect

    if dry_run or not yes:
        planned = collect(dry_run=True, all_history=history)
        if dry_run:
            return Outcome(planned)
        if planned.removed:
            confirm_destruction(f"remove {len(planned.removed)} trees ({planned.bytes:,} bytes) from the store?", yes=yes)
    return Outcome(collect(dry_run=False, all_history=history))


def _place(scope: str) -> Place:
    from cowork.install.places import place_of

    return place_of("project" if scope == "project" else "user")
