"""Quiet hours: when nobody wants to hear of results. They are kept, and delivered afterwards."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_MINUTE = timedelta(minutes=1)
_LONGEST = 3 * 24 * 60
"""Minutes. A wall clock that is put forward over the only hours that are not quiet makes it two days."""


def quiet_until(moment: datetime, hours: str, timezone: str) -> datetime:
    """When what happens at a moment may be told: the moment itself, or the first minute after the quiet hours it falls into.

    Hours are those of the clock on the wall, also in the nights in which it is put forward or back: so it is asked, minute by
    minute. `hours` is 22:00-07:00, `timezone` an IANA name, empty for the machine's. What is not understood, since another
    machine or version wrote it, counts as no quiet hours and as the machine's zone: it holds back no result for good.
    """
    span = _span(hours)
    if span is None:
        return moment
    begin, end = span
    place = _zone(timezone)

    def inside(at: datetime) -> bool:
        wall = at.astimezone(place).time()
        return begin <= wall < end if begin < end else wall >= begin or wall < end

    at = moment
    for _ in range(_LONGEST):
        if not inside(at):
            return at
        at = at.replace(second=0, microsecond=0) + _MINUTE
    return at


def _span(hours: str) -> tuple[time, time] | None:
    found = _HOURS.fullmatch(hours)
    if found is None:
        return None
    begin, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    return None if begin == end else (begin, end)


def _zone(name: str) -> tzinfo | None:
    """None is the machine's zone."""
    try:
        return ZoneInfo(name) if name else None
    except (OSError, ValueError, KeyError):
        return None
