"""`pack install`: from a source text to a pack in place with its lock entry, or to nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from cowork.core import transactions
from cowork.install.fetching import begun
from cowork.install.staging import staging

if TYPE_CHECKING:
    from cowork.core.clock import Clock
    from cowork.core.outcome import Notice
    from cowork.install.approval import Approval
    from cowork.install.places import Place
    from cowork.install.results import Installation
    from cowork.install.wanted import Wanted


class Options(NamedTuple):
    """How to install. `force` replaces what is there, even a pack from elsewhere or with local edits (kept in the store)."""

    place: Place
    approval: Approval
    force: bool = False
    dry_run: bool = False


def install(
    wanted: Wanted, options: Options, clock: Clock, progress: Callable[[str, dict[str, Any]], None]
) -> tuple[Installation, tuple[Notice, ...]]:
    """Install what is wanted. Raises the errors of every step; whichever is raised, nothing has changed."""
    place = options.place
    if not options.dry_run and (transactions.pending(place.extensions) or place.staging.exists()):
        from cowork.install.commit import recover

        recover(place)
    with staging(None if options.dry_run else place) as work, begun(wanted, work, progress) as pending:
        from cowork.install.placing import bring  # all the rest, loaded while the repository is fetched
        from cowork.install.warming import warm

        if pending is not None:
            warm()
        return bring(wanted, pending, options, clock, progress, work)


def offers_of(
    wanted: Wanted, clock: Clock, progress: Callable[[str, dict[str, Any]], None]
) -> tuple[Installation, tuple[Notice, ...]]:
    """What a source offers, sorted by name. Nothing is written outside the system's temporary directory."""
    del clock
    from cowork.install.locate import listing
    from cowork.install.results import Installation, OfferItem

    with staging(None) as work:
        located, found = listing(wanted._replace(dry_run=True), work, progress)
    items = tuple(
        OfferItem(
            offer.name,
            offer.kind,
            offer.path,
            offer.description,
            offer.version,
            offer.source.canonical if offer.source else None,
        )
        for offer in found
    )
    return Installation((), 0, items, True, ()), located.notices if located else ()
