"""How facts of a history are worded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime


def many(count: int, one: str, more: str = "") -> str:
    """A number with its noun: `1 commit`, `2,000 commits`."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def lines(added: int, removed: int) -> str:
    """Lines that were added and removed."""
    return f"+{added:,} -{removed:,}"


def days(earlier: datetime, now: datetime) -> int:
    """Whole days from one moment to another, never below 0."""
    return max(0, (now - earlier).days)


def ago(earlier: datetime, now: datetime) -> str:
    """How long ago that was, in days."""
    passed = days(earlier, now)
    return "today" if passed == 0 else f"{many(passed, 'day')} ago"


def most_of(counted: Counter[str], most: int = 3) -> str:
    """The largest of what was counted, with their counts: `cowork (5), tests (2)`."""
    return ", ".join(f"{name} ({count:,})" for name, count in ranked(counted)[:most])


def ranked(counted: Counter[str]) -> list[tuple[str, int]]:
    """What was counted, the largest first; what is equal by name."""
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))


def some(names: Iterable[str], most: int = 3) -> str:
    """The first of these names, and how many there are beside them."""
    known = list(names)
    rest = len(known) - most
    return ", ".join(known[:most]) + (f" and {rest:,} more" if rest > 0 else "")
