"""What the verbs that change packs answer."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.plan import Step
from cowork.install.capabilities import Capability
from cowork.install.lockfile import Locked, ScanSummary


@dataclass(frozen=True)
class InstalledPack:
    """A pack that was installed, or would be. `changed` is false when exactly this was there already."""

    name: str
    version: str
    kind: str
    scope: str
    path: str
    source: str
    origin: str
    ref: str | None
    commit: str | None
    tree_hash: str
    files: int
    bytes: int
    capabilities: tuple[Capability, ...]
    approved_by: str | None
    scan: ScanSummary
    changed: bool


@dataclass(frozen=True)
class OfferItem:
    """Something that a source offers. `source` is set when it lies elsewhere."""

    name: str
    kind: str
    path: str
    description: str
    version: str | None
    source: str | None


@dataclass(frozen=True)
class Installation:
    """Packs in `items`, sorted by name; with --list, what the source offers in `offers`, and nothing is installed."""

    items: tuple[InstalledPack, ...]
    count: int
    offers: tuple[OfferItem, ...]
    dry_run: bool
    plan: tuple[Step, ...]


def item_of(entry: Locked, scope: str, path: str, capabilities: tuple[Capability, ...], *, changed: bool) -> InstalledPack:
    """The answer for one lock entry."""
    return InstalledPack(
        name=entry.name,
        version=entry.version,
        kind=entry.kind,
        scope=scope,
        path=path,
        source=entry.source,
        origin=entry.origin,
        ref=entry.ref,
        commit=entry.commit,
        tree_hash=entry.tree_hash,
        files=entry.files,
        bytes=entry.bytes,
        capabilities=capabilities,
        approved_by=entry.approved_by or None,
        scan=entry.scan,
        changed=changed,
    )
