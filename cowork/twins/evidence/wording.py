"""Words for facts: text of strangers on one line, moments, ages, numbers, names."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from cowork.core.secrets import Redactor
from cowork.core.text import one_line
from cowork.models.catalogue import key_names

_MOST = 120


def text(value: Any, most: int = _MOST) -> str:
    """A stranger's text on one safe line; empty for what is no text."""
    return one_line(value[: most * 8], most) if isinstance(value, str) else ""


def quoted(value: str, most: int = _MOST) -> str:
    """What a program said, as `text`, without the secrets of our environment."""
    redactor = Redactor(os.environ, secret_names=key_names())
    return text(redactor.text(value[: most * 8]), most)


def number(value: Any) -> int:
    """A count; 0 for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def moment(value: Any) -> datetime | None:
    """An RFC 3339 text as a moment in UTC; one without a zone counts as UTC. None for everything else, and for the year 1."""
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if found.year > 1 else None


def hours_since(then: datetime | None, now: datetime) -> float | None:
    """Hours between two moments, to a tenth, never below 0."""
    return None if then is None else max(0.0, round((now - then).total_seconds() / 3600, 1))


def age(hours: float | None) -> str:
    """Hours as people say them: `40 min`, `5 h`, `3 d`."""
    if hours is None:
        return "unknown"
    if hours < 1:
        return f"{int(hours * 60)} min"
    return f"{int(hours)} h" if hours < 48 else f"{int(hours / 24)} d"


def day(moment: datetime) -> str:
    """A day in UTC: 2026-01-31. What is kept for a while says when, not how long ago."""
    return f"{moment.astimezone(UTC):%Y-%m-%d}"


def minute(moment: datetime) -> str:
    """A minute: 2026-01-31 08:05 UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def duration(seconds: float) -> str:
    """Seconds as people say them: `0.25 s`, `12 s`, `3 min 5 s`."""
    if seconds < 10:
        return f"{seconds:.2g} s" if seconds < 1 else f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    return str(timedelta(seconds=round(seconds))) if seconds >= 3600 else f"{int(seconds // 60)} min {int(seconds % 60)} s"


def days(earlier: datetime, now: datetime) -> int:
    """Whole days from one moment to another, never below 0."""
    return max(0, (now - earlier).days)


def ago(earlier: datetime, now: datetime) -> str:
    """How long ago that was, in days."""
    passed = days(earlier, now)
    return "today" if passed == 0 else f"{many(passed, 'day')} ago"


def many(count: int, one: str, more: str = "") -> str:
    """A number with its noun: `1 commit`, `2,000 commits`."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def lines(added: int, removed: int) -> str:
    """Lines that were added and removed."""
    return f"+{added:,} -{removed:,}"


def ranked(counted: Counter[str]) -> list[tuple[str, int]]:
    """What was counted, the largest first; what is equal by name."""
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))


def most_of(counted: Counter[str], most: int = 3) -> str:
    """The largest of what was counted, with their counts: `cowork (5), tests (2)`."""
    return ", ".join(f"{name} ({count:,})" for name, count in ranked(counted)[:most])


def listed(names: Iterable[str], most: int = 5) -> str:
    """Names in a row, and how many more there are."""
    known = list(names)
    more = f" and {len(known) - most:,} more" if len(known) > most else ""
    return ", ".join(known[:most]) + more


def names_in(value: Any, *keys: str, most: int = 20) -> list[str]:
    """The names in a list of objects: of each, its first of these members that is a text."""
    if not isinstance(value, list):
        return []
    items = [item for item in value[:most] if isinstance(item, dict)]
    found = [next((name for key in keys if (name := text(item.get(key), 60))), "") for item in items]
    return [name for name in found if name]
