"""How facts about dependencies are worded."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

from cowork.core.text import one_line
from cowork.twins.evidence.dependencies.dependency import Manifest

_MOST, _LONGEST = 8, 180


def about(kind: str, manifest: Manifest, packages: list[str]) -> dict[str, object]:
    """The data that every fact about a manifest has."""
    return {"kind": kind, "file": manifest.file, "ecosystem": manifest.ecosystem, "packages": packages}


def shown(name: str) -> str:
    """A name as it may be shown."""
    return one_line(name, 120)


def listed(texts: Iterable[str]) -> str:
    """The first few of several, as they fit on a line, and how many more there are."""
    every = [one_line(text, 120) for text in texts]
    lengths = accumulate(len(text) + 2 for text in every[:_MOST])
    taken = max(1, sum(length <= _LONGEST for length in lengths))
    more = f" and {len(every) - taken} more" if len(every) > taken else ""
    return ", ".join(every[:taken]) + more
