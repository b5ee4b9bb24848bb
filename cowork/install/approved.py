"""What was approved before, on this machine: an update asks about nothing twice, and believes nobody else about it."""

from __future__ import annotations

from typing import Any

from cowork.install import store
from cowork.install.lockfile import Locked
from cowork.install.places import Place
from cowork.install.sources import Source, parse


def approved_before(place: Place, entry: Locked | None, origin: Source) -> tuple[str, ...]:
    """The capabilities of an installed pack that still count as approved for what comes from `origin`.

    None for a pack that came from elsewhere. A project's lockfile is written by whoever wrote the project, so there only the
    receipts of this machine count, for exactly the tree that is named. Raises what `parse` raises.
    """
    if entry is None or parse(entry.origin).base != origin.base:
        return ()
    return entry.capabilities if place.scope == "user" else approved_here(entry.name, entry.tree_hash)


def approved_here(name: str, tree_hash: str) -> tuple[str, ...]:
    """The capabilities that somebody on this machine approved for a tree."""
    listed = (store.receipt_of(name, tree_hash) or {}).get("approved")
    return tuple(item for item in listed if isinstance(item, str)) if isinstance(listed, list) else ()


def receipt(entry: Locked) -> dict[str, Any]:
    """The receipt for a tree whose capabilities were approved, each of them."""
    return {**entry.document(), "name": entry.name, "approved": list(entry.capabilities)}
