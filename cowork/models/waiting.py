"""How long a provider asks to wait, wherever it says so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

_LONGEST_S = 32 * 86_400  # a monthly quota; what is longer is a mistake, such as a point in time
_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,15})?")
_UNIT = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = r"([0-9]{1,15}(?:\.[0-9]{1,15})?)\s?(ms|h|m|s)(?![a-z])"
_PARTS = re.compile(_PART)
_DURATION = re.compile(rf"(?:{_PART}\s*)+")
_RETRY_INFO = re.compile(r'"retryDelay"\s{0,9}:\s{0,9}"([^"]{1,40})"')
_SAID = re.compile(rf"(?:try again|retry) (?:in|after) ((?:{_PART}\s*)+)", re.IGNORECASE)
_WORDS = re.compile(r"(?<=[0-9])\s?(milli|hour|minute|min|second|sec)(?:second)?s?\b", re.IGNORECASE)
_LETTER = {"milli": "ms", "hour": "h", "minute": "m", "min": "m", "second": "s", "sec": "s"}
_BUCKET = "x-ratelimit-remaining-"


def wait_seconds(headers: Mapping[str, str], text: str) -> float | None:
    """The longest wait that is asked for, in seconds; None when none is, or none that makes sense.

    Read are `retry-after-ms`, `retry-after` (seconds, or a date against the `date` header), the reset of a used-up
    `x-ratelimit-*` bucket, Google's RetryInfo, and "try again in 50.59s" in the text.
    """
    held = {name.lower(): value for name, value in headers.items()}
    asked = [
        _number(held.get("retry-after-ms", ""), 0.001),
        _number(held.get("retry-after", ""), 1.0),
        _until(held.get("retry-after", ""), held.get("date", "")),
        *(
            _duration(held.get(name.replace("remaining", "reset"), ""))
            for name, left in held.items()
            if name.startswith(_BUCKET) and left.strip() == "0"
        ),
        *(_duration(match.group(1)) for match in _RETRY_INFO.finditer(text)),
        *(_duration(match.group(1)) for match in _SAID.finditer(_WORDS.sub(_letter, text))),
    ]
    usable = [seconds for seconds in asked if seconds is not None and 0 <= seconds < _LONGEST_S]
    return max(usable) if usable else None


def duration(text: str) -> float:
    """Seconds in a text such as `28s`, `6m0s` or `1h2m`; 0 when there is none."""
    return _duration(text) or 0.0


def _duration(text: str) -> float | None:
    if not _DURATION.fullmatch(text.strip()):
        return None
    return sum(float(number) * _UNIT[unit] for number, unit in _PARTS.findall(text))


def _number(text: str, unit: float) -> float | None:
    return float(text) * unit if _NUMBER.fullmatch(text.strip()) else None


def _until(moment: str, now: str) -> float | None:
    try:
        return (parsedate_to_datetime(moment) - parsedate_to_datetime(now)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None  # no date, or no date to measure it against: our own clock may be wrong


def _letter(match: re.Match[str]) -> str:
    return _LETTER[match.group(1).lower()]
