"""cowork pack outdated, update, rollback: following the sources, and going back."""

from __future__ import annotations

from pathlib import Path

import click

from cowork.cli.commands import verb
from cowork.cli.pack_install import APPROVE, SCOPE, STREAM, YES, prepare
from cowork.core.outcome import Outcome

_DRY_RUN = click.option("--dry-run", is_flag=True, help="Show what would change in files and capabilities; change nothing.")
_FORCE = click.option("--force", is_flag=True, help="Replace files that were changed here; they are kept in the store.")


@verb()
@click.argument("names", nargs=-1, metavar="[NAME...]", help="Installed packs; by default all.")
@SCOPE
@click.option("--offline", is_flag=True, help="Ask the cached catalogue only.")
def outdated(names: tuple[str, ...], scope: str, offline: bool) -> Outcome:
    """Ask the sources of installed packs whether there is something newer."""
    from cowork.install import update as updating
    from cowork.install.places import place_of

    return Outcome(updating.outdated(place_of("project" if scope == "project" else "user"), names, offline=offline))


@verb()
@click.argument("names", nargs=-1, metavar="[NAME...]", help="Installed packs; by default all that are not pinned.")
@APPROVE
@YES
@_FORCE
@SCOPE
@_DRY_RUN
@STREAM
def update(
    names: tuple[str, ...], approve: tuple[str, ...], yes: bool, force: bool, scope: str, dry_run: bool, stream: bool
) -> Outcome:
    """Bring installed packs to what their sources offer now.

    A branch is followed; a tag that moved is refused; a commit stays. What a pack can newly do has to be approved. Files that
    were changed here block it. The trees before stay in the store for `pack rollback`.
    """
    from cowork.core.clock import SystemClock
    from cowork.install import update as updating

    options, progress, done = prepare(scope, approve, yes=yes, force=force, dry_run=dry_run, stream=stream)
    try:
        return Outcome(*updating.update(names, options, SystemClock(), progress))
    finally:
        done()


@verb()
@click.argument("name", help="An installed pack.")
@click.option("--to", metavar="VERSION|COMMIT|HASH", help="Where to go; by default to what was installed before.")
@APPROVE
@YES
@_FORCE
@SCOPE
@_DRY_RUN
def rollback(name: str, to: str | None, approve: tuple[str, ...], yes: bool, force: bool, scope: str, dry_run: bool) -> Outcome:
    """Go back to a tree that was installed before, from the store, without a network."""
    from cowork.core.clock import SystemClock
    from cowork.install import rollback as back

    options, progress, done = prepare(scope, approve, yes=yes, force=force, dry_run=dry_run)
    try:
        return Outcome(*back.rollback(name, to, options, SystemClock(), progress))
    finally:
        done()


@verb()
@click.argument("file", type=click.Path(exists=False), help="What `pack export` wrote: a .json list or a .tar.gz bundle.")
@APPROVE
@YES
@click.option("--force", is_flag=True, help="Replace packs of the same name; their content stays in the store.")
@SCOPE
@click.option("--dry-run", is_flag=True, help="Judge everything, show what would be installed, change nothing.")
@STREAM
def import_(file: str, approve: tuple[str, ...], yes: bool, force: bool, scope: str, dry_run: bool, stream: bool) -> Outcome:
    """Install exactly what a list or a bundle names: all of it, or nothing."""
    from cowork.core.clock import SystemClock
    from cowork.install.portable import bring

    options, progress, done = prepare(scope, approve, yes=yes, force=force, dry_run=dry_run, stream=stream)
    try:
        return Outcome(*bring(Path(file), options, SystemClock(), progress))
    finally:
        done()
