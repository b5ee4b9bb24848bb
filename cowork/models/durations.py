"""Lengths of time as providers write them: `28s`, `6m0s`, `1h2m3.5s`, `3 hours 12 minutes`, `2 days 3 hours`."""

from __future__ import annotations

import math
import re

_UNITS = "milliseconds?|millis?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w"
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_NUMBER = r"[0-9]{1,15}(?:\.[0-9]{1,15})?"
_PART = rf"{_NUMBER}\s?(?:{_UNITS})(?![a-z])"
_PARTS = re.compile(rf"({_NUMBER})\s?({_UNITS})(?![a-z])", re.IGNORECASE)
DURATION = rf"{_PART}(?:,?\s{{0,3}}(?:and\s)?{_PART}){{0,9}}"
"""A pattern without groups, for expressions that ignore case."""
_WHOLE = re.compile(DURATION, re.IGNORECASE)


def seconds_in(text: str) -> float | None:
    """The sum of the parts of a duration; None when the text is none."""
    if not _WHOLE.fullmatch(text.strip()):
        return None
    return sum(float(number) * _factor(unit.lower()) for number, unit in _PARTS.findall(text))


def spoken(seconds: float) -> str:
    """A length of time for a person, rounded up: `42 s`, `17 min`, `3 h 12 min`."""
    whole = max(1, math.ceil(seconds))
    minutes = math.ceil(whole / 60)
    if whole < 60:
        return f"{whole} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _factor(unit: str) -> float:
    return 0.001 if unit.startswith(("ms", "mil")) else _SECONDS[unit[0]]
