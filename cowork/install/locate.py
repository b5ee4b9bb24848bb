"""From what was asked for to the files: a catalogue entry is looked up, a source opened, an offer chosen, perhaps elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cowork.core.errors import InvalidInput, NotFound
from cowork.core.outcome import Notice
from cowork.install.contents import Offer, choose, offers
from cowork.install.git import Pending
from cowork.install.material import Material, Progress, open_source
from cowork.install.ranges import satisfies
from cowork.install.sources import Source, parse_remote
from cowork.install.wanted import Wanted, permit


@dataclass(frozen=True)
class Located:
    """The offer that was chosen, in the material that has it, and the concrete source of that material."""

    material: Material
    offer: Offer
    origin: Source
    wanted: Wanted
    notices: tuple[Notice, ...] = field(default=())


def listing(wanted: Wanted, work: Path, progress: Progress) -> tuple[Located | None, tuple[Offer, ...]]:
    """Everything a source offers, with the source opened. Raises as `locate`."""
    wanted, origin, notices = _resolved(wanted)
    permit(wanted, origin)
    material = open_source(origin, work, progress)
    found = offers(material, origin.path, origin.name)
    return None if not found else Located(material, found[0], origin, wanted, notices), found


def locate(wanted: Wanted, work: Path, progress: Progress, pending: Pending | None = None) -> Located:
    """Open what is wanted, or take what is `pending`, and choose what is meant.

    Raises Denied by policy before anything is asked of the network, and what catalogue, source and offers raise.
    """
    wanted, origin, notices = _resolved(wanted)
    permit(wanted, origin)
    material = pending.finish() if pending is not None and pending.source == origin else open_source(origin, work, progress)
    offer = choose(offers(material, origin.path, origin.name), wanted.plugin)
    notices += material.notices
    if offer.source is None:
        return Located(material, offer, origin, wanted, notices)
    permit(wanted, offer.source)
    elsewhere = open_source(offer.source, work, progress, sha256=offer.sha256)
    found = offers(elsewhere, offer.source.path, offer.name)
    inner = choose(found, None if len(found) == 1 else offer.name)
    if inner.source is not None:
        raise InvalidInput(
            "install.nested_marketplace", f"'{offer.name}' leads from one marketplace to another", hint="name it directly"
        )
    names = wanted.expected_names or (offer.name,)
    return Located(elsewhere, inner, offer.source, wanted._replace(expected_names=names), notices + elsewhere.notices)


def _resolved(wanted: Wanted) -> tuple[Wanted, Source, tuple[Notice, ...]]:
    """What a catalogue entry stands for; every other source stands for itself."""
    source = wanted.source
    if source.kind != "catalogue":
        return wanted, source, ()
    from cowork.registry import catalogue

    entry, notices = catalogue.find(source.url, offline=wanted.offline)
    if source.ref is not None and not satisfies(entry.version, source.ref):
        raise NotFound(
            "install.no_such_version",
            f"the catalogue offers '{entry.id}' {entry.version}, not {source.ref}",
            hint=f"install it with: cowork pack install {entry.id}",
            details={"id": entry.id, "version": entry.version},
        )
    if entry.status != "active":
        notices += (Notice("registry.not_active", f"the catalogue lists '{entry.id}' as {entry.status}"),)
    if entry.git_url:
        ref = entry.commit or entry.ref
        inside = f"//{entry.path}" if entry.path else ""
        url = entry.git_url
        if url.startswith(("https://", "http://")) and (inside or not url.startswith("https://github.com/")):
            url = f"git+{url}"
        origin = parse_remote(f"{url}{inside}{f'@{ref}' if ref else ''}")
    elif entry.download_url:
        origin = parse_remote(entry.download_url)
    else:
        raise NotFound(
            "install.no_source",
            f"the catalogue does not say where '{entry.id}' is",
            hint="it comes with cowork, or ask its author",
        )
    names = (entry.name, entry.id)
    return wanted._replace(expected_names=names, expected_hash=wanted.expected_hash or entry.tree_hash), origin, notices
