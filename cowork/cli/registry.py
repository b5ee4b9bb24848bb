"""cowork registry"""

from __future__ import annotations

from pathlib import Path

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome

_OFFLINE = click.option("--offline", is_flag=True, help="Ask nobody: answer from the copy that is held.")
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Show what would be done.")


@verb()
@click.argument("query", nargs=-1, help="Words that must all occur.")
@click.option("--category", help="Only entries of this category.")
@click.option("--page", type=click.IntRange(1, 1_000_000), default=1, show_default=True, help="Which page.")
@click.option("--page-size", type=click.IntRange(1, 100), default=20, show_default=True, help="Entries on a page.")
@_OFFLINE
def search(query: tuple[str, ...], category: str | None, page: int, page_size: int, offline: bool) -> Outcome:
    """Search the catalogue; without a query, list it."""
    from cowork.registry import catalogue

    words = " ".join(query)
    return Outcome(*catalogue.search(words, category=category, page=page, page_size=page_size, offline=offline))


@verb()
@click.argument("pack_id", metavar="ID", help="An entry's id.")
@_OFFLINE
def show(pack_id: str, offline: bool) -> Outcome:
    """Show a catalogue entry."""
    from cowork.registry import catalogue

    return Outcome(*catalogue.find(pack_id, offline=offline))


@verb()
@_OFFLINE
def categories(offline: bool) -> Outcome:
    """List the categories of the catalogue."""
    from cowork.registry import catalogue

    return Outcome(*catalogue.categories(offline=offline))


@verb()
@click.option("--accept-older", is_flag=True, help="Take a catalogue although a newer one was seen before.")
@_DRY_RUN
def refresh(accept_older: bool, dry_run: bool) -> Outcome:
    """Fetch the catalogue now, however fresh the copy is that is held."""
    from cowork.core.clock import SystemClock
    from cowork.registry import catalogue_refresh

    return Outcome(*catalogue_refresh.refresh(SystemClock(), accept_older=accept_older, dry_run=dry_run))


@verb()
@_OFFLINE
def updates(offline: bool) -> Outcome:
    """List installed packs that have a newer version in the catalogue."""
    from cowork.registry import catalogue_updates

    return Outcome(*catalogue_updates.list_updates(offline=offline))


@verb()
@click.argument("directory", metavar="DIR", help="A directory that holds packs.")
@click.option("--output", metavar="FILE", help="The catalogue to write; by default pack-catalog.json here.")
@click.option("--base-url", metavar="URL", help="Where it will be published: the packs' archives are written beside it.")
@_DRY_RUN
def build(directory: str, output: str | None, base_url: str | None, dry_run: bool) -> Outcome:
    """Write a catalogue of the packs in DIR, with counts and hashes.

    The same packs give the same catalogue: its time is $SOURCE_DATE_EPOCH or now, and stays when nothing has changed.
    """
    from cowork.core.clock import SystemClock
    from cowork.install.publishing import building

    path = Path(output) if output else None
    return Outcome(*building.build(Path(directory), SystemClock(), output=path, base_url=base_url, dry_run=dry_run))


@verb()
@click.argument("directory", metavar="DIR", help="A directory that holds packs, or a pack-catalog.json.")
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="The port; by default a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="An address of this machine alone.")
@click.option("--requests", type=click.IntRange(min=0), metavar="N", help="End after N requests; 0 only says what there is.")
@click.option("--stream", is_flag=True, help="Events as NDJSON, the first one with the address.")
def serve(directory: str, port: int, host: str, requests: int | None, stream: bool) -> Outcome:
    """Serve packs to this machine, as a static and as a REST registry, until Ctrl-C."""
    from cowork.cli.events import EventPrinter
    from cowork.core.clock import SystemClock
    from cowork.install.publishing import serving

    clock = SystemClock()
    announce = EventPrinter(clock, stream=stream).announce
    return Outcome(*serving.serve(Path(directory), clock, announce, host=host, port=port, requests=requests))
