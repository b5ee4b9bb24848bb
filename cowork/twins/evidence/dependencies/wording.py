"""How facts about dependencies are worded."""

from __future__ import annotations

from collections.abc import Iterable

from cowork.core.text import one_line
from cowork.twins.evidence.dependencies.dependency import Manifest

_SHOWN = 8


def about(kind: str, manifest: Manifest, packages: list[str]) -> dict[str, object]:
    """The data that every fact about a manifest has."""
    return {"kind": kind, "file": manifest.file, "ecosystem": manifest.ecosystem, "packages": packages}


def shown(name: str) -> str:
    """A name as it may be shown."""
    return one_line(name, 120)


def listed(texts: Iterable[str]) -> str:
    """The first few of several, and how many more there are."""
    every = [one_line(text, 120) for text in texts]
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + more
