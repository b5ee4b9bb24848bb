"""Where an installed pack came from, as the lockfile beside it says. Read for pages alone: nothing is decided by it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cowork.core.errors import CoworkError
from cowork.core.files import read_json


@dataclass(frozen=True)
class Provenance:
    """What the lockfile records of a pack. `pinned` is the reason, None when it follows its source."""

    source: str
    origin: str
    ref: str | None
    commit: str | None
    tree_hash: str
    capabilities: tuple[str, ...]
    approved_by: str
    installed_at: str
    updated_at: str
    pinned: str | None


def provenance(directory: Path) -> Provenance | None:
    """The record of the pack in a directory; None for one that was not installed, or whose lockfile cannot be read."""
    if directory.parent.name != "extensions":
        return None
    try:
        entry = read_json(directory.parent.parent / "cowork.lock", what="lockfile")["packs"][directory.name]
        pinned = entry.get("pinned")
        return Provenance(
            source=_text(entry["source"]),
            origin=_text(entry["origin"]),
            ref=_text(entry["ref"]) if entry["ref"] is not None else None,
            commit=_text(entry["commit"]) if entry["commit"] is not None else None,
            tree_hash=_text(entry["tree_hash"]),
            capabilities=tuple(_text(item) for item in entry["capabilities"]),
            approved_by=_text(entry["approved_by"]),
            installed_at=_text(entry["installed_at"]),
            updated_at=_text(entry["updated_at"]),
            pinned=_text(pinned["reason"]) if pinned is not None else None,
        )
    except (CoworkError, OSError, KeyError, TypeError, AttributeError):
        return None  # `pack verify` says what is wrong with a lockfile


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
