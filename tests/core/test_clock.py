"""Moments as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from cowork.core.clock import SystemClock, rfc3339


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 31, 8, 5, tzinfo=UTC), "2026-01-31T08:05:00.000Z"),
        (datetime(2026, 1, 31, 8, 5, 1, 999_999, tzinfo=UTC), "2026-01-31T08:05:01.999Z"),
        (datetime(2026, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=2))), "2025-12-31T23:00:00.000Z"),
    ],
)
def test_a_moment_is_written_as_rfc_3339_in_utc_with_milliseconds(moment: datetime, text: str) -> None:
    assert rfc3339(moment) == text


def test_the_text_sorts_as_the_moments_do() -> None:
    start = datetime(2026, 1, 31, 23, 59, 59, 999_000, tzinfo=UTC)
    moments = [start + timedelta(milliseconds=step) for step in (0, 1, 2, 60_000)]

    assert sorted(map(rfc3339, moments)) == [rfc3339(moment) for moment in moments]


def test_the_systems_clock_tells_utc() -> None:
    before, now, after = datetime.now(UTC), SystemClock().now(), datetime.now(UTC)

    assert now.utcoffset() == timedelta(0)
    assert before <= now <= after
