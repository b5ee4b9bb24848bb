"""Moments as people say them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Literal

_SPAN = re.compile(r"(\d{1,5})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DAY = len("2026-12-01")


def moment(text: str, now: datetime, towards: Literal["past", "future"]) -> datetime | None:
    """`90m`, `4h`, `3d`, `2w` from now into the past or the future, `2026-12-01` or `2026-12-01T15:00+01:00`; None for others.

    A day means its beginning in the past and its end in the future. Without an offset the machine's time zone counts.
    """
    bare = text.strip()
    try:
        if span := _SPAN.fullmatch(bare):
            length = timedelta(**{_UNITS[span[2]]: int(span[1])})
            return now - length if towards == "past" else now + length
        found = datetime.fromisoformat(bare)
        if len(bare) <= _DAY and towards == "future":
            found = found.replace(hour=23, minute=59, second=59)
        return found if found.tzinfo else found.astimezone()
    except (ValueError, OverflowError, OSError):
        return None
