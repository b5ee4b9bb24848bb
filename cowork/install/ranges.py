"""Ranges of versions, as npm means them: 1.2.3, 1.x, *, ^1.2, ~1.2, >=1 <2; every part has to hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from semver import Version

_OPEN = r"(?:\d+|[xX*])"
_PART = re.compile(rf"(\^|~|>=|<=|>|<|==?|)v?({_OPEN}(?:\.{_OPEN}){{0,2}})((?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)")


def satisfies(version: str, wanted: str) -> bool:
    """Whether a version lies in a range; a range that cannot be read holds that very text and nothing else.

    An unfinished version (1.0.0-rc.1) is meant only by who names one of its own numbers, or `*`.
    """
    from semver import Version

    if version == wanted:
        return True
    try:
        held = Version.parse(version)
        parts = _parts(wanted)
        if held.prerelease and wanted.strip() != "*":
            own = f"{held.major}.{held.minor}.{held.patch}"
            if not any(core == own and suffix.startswith("-") for _, core, suffix in parts):
                return False
        return all(_holds(held, *part) for part in parts)
    except ValueError:
        return False


def _parts(wanted: str) -> list[tuple[str, str, str]]:
    """The sign, the numbers and the rest of each part. Raises ValueError."""
    parts = [_PART.fullmatch(part) for part in re.sub(r"([\^~<>=])\s+", r"\1", wanted).replace(",", " ").split()]
    if not parts or None in parts:
        raise ValueError("this is no range")
    return [(part[1], part[2], part[3]) for part in parts if part]


def _holds(held: Version, sign: str, core: str, suffix: str) -> bool:
    """Whether a version lies where a sign and a version, of which numbers may be left open, put it. Raises ValueError."""
    named = re.match(r"(?:\d+(?:\.|$))*", core)
    numbers = tuple(int(item) for item in (named[0] if named else "").split(".") if item)
    if len(numbers) < 3 and suffix:
        raise ValueError("what follows the numbers belongs to all three")
    own = (held.major, held.minor, held.patch)
    if len(numbers) == 3:
        order = held.compare(f"{core}{suffix}")
    else:
        order = (own[: len(numbers)] > numbers) - (own[: len(numbers)] < numbers)
    if sign in (">", ">=", "<", "<="):
        return {">": order > 0, ">=": order >= 0, "<": order < 0, "<=": order <= 0}[sign]
    if sign == "~":
        return own[: min(len(numbers), 2)] == numbers[:2] and order >= 0
    if sign == "^":  # the first number that is not zero may not change
        fixed = next((at + 1 for at, number in enumerate(numbers) if number), len(numbers))
        return own[:fixed] == numbers[:fixed] and order >= 0
    return order == 0
