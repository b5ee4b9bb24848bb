"""Time as a value that tests can replace."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time, elapsed time and waiting."""

    def now(self) -> datetime:
        """The current moment, in UTC."""

    def monotonic(self) -> float:
        """Seconds that only move forward."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        import asyncio

        await asyncio.sleep(seconds)


def rfc3339(moment: datetime) -> str:
    """`moment` as RFC 3339 in UTC with milliseconds: 2026-01-31T08:05:00.000Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def millis(moment: datetime) -> int:
    """`moment` as milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def from_millis(milliseconds: int) -> str:
    """Milliseconds since 1970 as RFC 3339."""
    return rfc3339(datetime.fromtimestamp(milliseconds / 1000, UTC))


def parsed(text: str) -> datetime:
    """The moment that an RFC 3339 text names. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return moment.astimezone(UTC)
