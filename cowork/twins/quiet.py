"""Quiet hours: when nobody wants to hear of results. They are kept, and delivered afterwards."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from cowork.core.errors import InvalidInput

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def parse(text: str) -> tuple[time, time]:
    """Beginning and end of `22:00-07:00`, which goes over midnight. Raises `twin.bad_quiet_hours`."""
    found = _HOURS.fullmatch(text.strip())
    begin, end = (time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))) if found else (None, None)
    if begin is None or end is None or begin == end:
        raise InvalidInput("twin.bad_quiet_hours", f"'{text}' are no quiet hours", hint="for example 22:00-07:00")
    return begin, end


def zone(name: str) -> tzinfo | None:
    """The time zone with an IANA name; None, which is the machine's, for an empty one. Raises `twin.bad_timezone`."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise InvalidInput("twin.bad_timezone", f"there is no time zone '{name}'", hint="for example Europe/Berlin") from None


def quiet_until(moment: datetime, hours: str, timezone: str) -> datetime:
    """When what happens at a moment may be told: the moment itself, or the end of the quiet hours it falls into.

    Hours are those of the clock on the wall, also in the night in which it is put forward or back.
    """
    if not hours:
        return moment
    begin, end = parse(hours)
    local = moment.astimezone(zone(timezone))
    now = local.time()
    inside = begin <= now < end if begin < end else now >= begin or now < end
    if not inside:
        return moment
    day = local.date() if now < end else local.date() + timedelta(days=1)
    over = datetime.combine(day, end, tzinfo=zone(timezone))
    return max(moment, over.astimezone(moment.tzinfo))
