"""A catalogue beside the one before it: whether it is an older one played back, and what changed behind a version.

Without a signature nobody can prove a catalogue genuine, but a mirror, a cache on the way or an attacker with an old copy
must not be able to take back a correction that this machine has already seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from cowork.core.outcome import Notice
from cowork.registry.catalogue_entry import CatalogueEntry
from cowork.registry.catalogue_read import Catalogue
from cowork.registry.versions import is_newer


def moment(text: str | None) -> datetime | None:
    """The moment that a text of RFC 3339 names, in UTC; None for anything else."""
    try:
        found = datetime.fromisoformat(text or "")
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def older(new: Catalogue, held: Catalogue) -> str | None:
    """Why `new` is older than `held`, or None when it is not.

    Serial numbers decide, then the times of the documents. Where the documents say neither, as pages of a REST registry do, a
    version that goes back while its entry's own time does not go on counts as old.
    """
    if new.serial is not None and held.serial is not None and new.serial != held.serial:
        return f"its serial is {new.serial}, and {held.serial} was seen before" if new.serial < held.serial else None
    before, now = moment(held.updated_at), moment(new.updated_at)
    if before and now:
        return f"it is of {new.updated_at}, and that of {held.updated_at} was seen before" if now < before else None
    if before or (held.serial is not None and new.serial is None):
        return "it does not say any more of when it is"
    return _gone_back(new, held)


def _gone_back(new: Catalogue, held: Catalogue) -> str | None:
    known = {entry.id: entry for entry in held.entries}
    for entry in new.entries:
        before = known.get(entry.id)
        if before and is_newer(before.version, entry.version):
            then, now = moment(before.updated_at), moment(entry.updated_at)
            if not (then and now and now > then):
                return f"'{entry.id}' goes back from {before.version} to {entry.version}"
    return None


def republished(new: Catalogue, held: Catalogue, marked: Mapping[str, str]) -> dict[str, str]:
    """Id and version of entries whose content changed behind their version, now or (`marked`) in an earlier catalogue."""
    known = {entry.id: entry for entry in held.entries}
    found = {}
    for entry in new.entries:
        before = known.get(entry.id)
        again = before is not None and before.version == entry.version and _differs(entry, before)
        if again or marked.get(entry.id) == entry.version:
            found[entry.id] = entry.version
    return found


def _differs(new: CatalogueEntry, held: CatalogueEntry) -> bool:
    if held.tree_hash is not None:  # the hash names the content; a commit that differs may well hold the same
        return new.tree_hash != held.tree_hash
    return held.commit is not None and new.commit != held.commit


def mark(entries: Iterable[CatalogueEntry], marked: Mapping[str, str]) -> tuple[CatalogueEntry, ...]:
    """The entries, those that were published again under the same version marked."""
    if not marked:
        return tuple(entries)
    return tuple(replace(entry, republished=True) if marked.get(entry.id) == entry.version else entry for entry in entries)


def warnings_of(entries: Iterable[CatalogueEntry]) -> tuple[Notice, ...]:
    """What has to be said about single entries: published again, not recommended any more."""
    found = []
    for entry in entries:
        if entry.republished:
            text = f"'{entry.id}' {entry.version} was published again with other content under the same version"
            found.append(Notice("registry.republished", text))
        if entry.status == "deprecated":
            found.append(Notice("registry.deprecated", f"'{entry.id}' is deprecated: its registry advises against it"))
    return tuple(found)
