"""Points in time as providers write them: `9pm (America/Toronto)`, `Mon 9am`, `Jun 3 at 4pm (UTC)`, an epoch, RFC 3339.

A time of day is the next one that comes. In the hour that a change to daylight saving leaves out, it is as much later; in the
hour that comes twice, it is the first of the two that is still to come. Where no zone is named, it is the zone of this machine.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_MONTHS = "january february march april may june july august september october november december".split()
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
JUST_PASSED = timedelta(minutes=1)
"""A message names minutes and takes a moment to arrive: what it says may just be over, and is not a day away."""


def _names(words: list[str]) -> str:
    """A pattern for words, whole or cut after three or four letters: `Jun`, `Sept.`."""
    return rf"(?:{'|'.join(f'{word}|{word[:4]}|{word[:3]}' for word in words)})\b\.?"


_CLOCK = r"(?P<hour>[0-9]{1,2})(?::(?P<minute>[0-9]{2})(?::[0-9]{2})?)?(?:\s?(?P<half>[ap])\.?m\b\.?)?"
_ZONE = (
    r"(?:\s?\((?P<inside>[^()\n]{1,40})\)"
    r"|\s?(?P<beside>(?-i:(?:UTC|GMT)(?:[+-][0-9]{1,2}(?::?[0-9]{2})?)?|Z|[A-Z]{2,5}|[A-Z][A-Za-z]{1,20}/[A-Za-z/_]{1,30}))(?![\w]))?"
)
_ISO_TIME = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
_DAY_OF_MONTH = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
MOMENT = (
    rf"(?:(?P<iso>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:[T ]{_ISO_TIME})?)"
    rf"|(?:(?:(?P<today>today|tomorrow)|(?P<weekday>{_names(_DAYS)})"
    rf"|(?P<month>{_names(_MONTHS)})\s{_DAY_OF_MONTH}(?:,?\s(?P<year>[0-9]{{4}})(?![0-9:]))?),?\s(?:at\s)?)?{_CLOCK})"
    rf"{_ZONE}"
)
"""A pattern with named groups, for expressions that ignore case and allow for a clock's time, a day before it and a zone."""


def moment(match: re.Match[str], now: datetime, local: tzinfo | None) -> datetime | None:
    """What a match of MOMENT means, in UTC; None when it is no time, is over, or is in a zone that nobody knows."""
    try:
        return _moment(match, now, local)
    except (ValueError, OverflowError, OSError):  # a day that is none, a time beyond all calendars, a zone that is a directory
        return None


def rest_of_day(now: datetime, local: tzinfo | None = None) -> float:
    """Seconds until midnight in a zone, by default the machine's."""
    today = now.astimezone(local).date()
    return (_instants(datetime.combine(today + timedelta(days=1), time()), local)[0] - now).total_seconds()


def rfc3339(text: str) -> datetime | None:
    """A point in time that names its offset, in UTC."""
    try:
        found = datetime.fromisoformat(text.strip())
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def epoch(number: float) -> datetime | None:
    """Seconds or milliseconds since 1970, whichever gives a day between 2001 and 5138; None when neither does."""
    if 1e12 <= number < 1e14:
        number /= 1000
    return datetime.fromtimestamp(number, UTC) if 1e9 <= number < 1e11 else None


def _moment(match: re.Match[str], now: datetime, local: tzinfo | None) -> datetime | None:
    said = match["inside"] or match["beside"]
    known, zone = _zone(said.strip(), local) if said else (True, local)
    if not known:
        return None
    if match["iso"]:
        found = datetime.fromisoformat(match["iso"])
        return found.astimezone(UTC) if found.tzinfo else _next([found], zone, now)
    clock = _clock(match)
    if clock is None:
        return None
    today = now.astimezone(zone).date()
    return _next([datetime.combine(day, clock) for day in _days(match, today)], zone, now)


def _clock(match: re.Match[str]) -> time | None:
    hour, minute, half = int(match["hour"]), match["minute"], match["half"]
    if half is None:
        return time(hour, int(minute)) if minute else None  # a number alone may be anything
    if not 1 <= hour <= 12:
        return None
    return time(hour % 12 + (12 if half.lower() == "p" else 0), int(minute or 0))


def _days(match: re.Match[str], today: date) -> list[date]:
    """The days on which it may be, in their order."""
    if match["today"]:
        return [today + timedelta(days=match["today"].lower() == "tomorrow")]
    if match["weekday"]:
        ahead = (_place(_DAYS, match["weekday"]) - today.weekday()) % 7
        return [today + timedelta(days=ahead), today + timedelta(days=ahead + 7)]
    if match["month"]:
        month, day = _place(_MONTHS, match["month"]) + 1, int(match["day"])
        years = [int(match["year"])] if match["year"] else [today.year, today.year + 1]
        return [date(year, month, day) for year in years if day <= monthrange(year, month)[1]]
    return [today, today + timedelta(days=1)]


def _place(words: list[str], said: str) -> int:
    return next(place for place, word in enumerate(words) if word.startswith(said[:3].lower()))


def _next(walls: list[datetime], zone: tzinfo | None, now: datetime) -> datetime | None:
    """The first of these times on the wall that is not over."""
    instants = sorted(instant for wall in walls for instant in _instants(wall, zone))
    return next((instant for instant in instants if instant > now - JUST_PASSED), None)


def _instants(wall: datetime, zone: tzinfo | None) -> list[datetime]:
    """When a wall shows this time: once, or twice when the clock is set back. Where it never does, as much later."""
    both = [wall.replace(fold=fold) for fold in (0, 1)]
    first, second = [datetime.fromtimestamp((at.replace(tzinfo=zone) if zone else at).timestamp(), UTC) for at in both]
    return [first, second] if second > first else [first]


def _zone(name: str, local: tzinfo | None) -> tuple[bool, tzinfo | None]:
    """Whether a zone is known, and the zone."""
    offset = re.fullmatch(r"(?:UTC|GMT)(?:([+-])([0-9]{1,2})(?::?([0-9]{2}))?)?|Z", name, re.IGNORECASE)
    if offset:
        ahead = timedelta(hours=int(offset[2] or 0), minutes=int(offset[3] or 0))
        return True, timezone(-ahead if offset[1] == "-" else ahead)
    if name.lower() in ("local", "local time", "your time"):
        return True, local
    try:
        return True, ZoneInfo(name)
    except KeyError:
        return False, None
