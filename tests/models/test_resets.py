"""Points in time that a message names: the next such time on the wall of the zone it names, whatever clocks do there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.models.waiting import wait_seconds

MONDAY = "2026-06-01T13:00-04:00"  # in New York, where the machine of these tests is
LOCAL = ZoneInfo("America/New_York")
HOUR, DAY = 3600.0, 86_400.0


def waited(now: str, text: str) -> float | None:
    """The wait that a text asks for at a moment."""
    return wait_seconds({}, text, datetime.fromisoformat(now).astimezone(UTC), local=LOCAL)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("You've hit your limit \u00b7 resets 9pm (America/Toronto)", 8 * HOUR),
        ("You've hit your session limit \u00b7 resets 3:30am (Europe/Berlin)", 8.5 * HOUR),
        ("Claude usage limit reached. Your limit will reset at 7pm (Asia/Tokyo).", 17 * HOUR),
        ("resets 9pm", 8 * HOUR),
        ("resets at 9 PM.", 8 * HOUR),
        ("resets 9 p.m.", 8 * HOUR),
        ("resets 12am", 11 * HOUR),
        ("resets 12pm", 23 * HOUR),
        ("resets at 14:00 UTC", 21 * HOUR),
        ("resets at 19:00Z", 2 * HOUR),
        ("resets 8pm (UTC+2)", HOUR),
        ("resets 15:30 GMT-5:30", 4 * HOUR),
        ("resets 14:30", 1.5 * HOUR),
        ("resets 9pm (local time)", 8 * HOUR),
        ("resets tomorrow at 1pm", DAY),
        ("try again today at 2pm", HOUR),
        ("resets Tue 1pm", DAY),
        ("resets Mon 9am", 7 * DAY - 4 * HOUR),
        ("resets Monday at 2pm", HOUR),
        ("Weekly limit reached \u2219 resets Jun 3 at 4pm (UTC)", 2 * DAY - HOUR),
        ("resets Jun 3, 4pm (UTC)", 2 * DAY - HOUR),
        ("resets June 30th, 1pm", 29 * DAY),
        ("try again at Jun 2, 2026, 1:00 PM.", DAY),
        ("purchase more credits or try again at Jun 2nd, 2026 1:00 PM.", DAY),
        ("try again at 5:32 PM.", 4 * HOUR + 32 * 60),
        ("resets on 2026-06-02", 11 * HOUR),
        ("resets at 2026-06-01T18:00:00Z", HOUR),
        ("resets at 2026-06-01 14:00", HOUR),
        ("RESETS AT 9PM", 8 * HOUR),
    ],
)
def test_the_next_such_time_is_meant(text: str, seconds: float) -> None:
    assert waited(MONDAY, text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "resets 9pm (Mars/Olympus)",
        "resets 9pm PST",  # several zones are called so
        "resets 9pm (../../etc/passwd)",
        "resets 9pm (Europe)",
        "resets 9pm (\0)",
        "resets 9",
        "resets 13pm",
        "resets 0am",
        "resets 24:00",
        "resets 9:61am",
        "resets 9pmish",
        "resets monthly at 9am",
        "resets Feb 30 at 9am",
        "resets Jun 31, 9am",
        "resets Oct 9, 10am",  # in four months
        "resets May 30, 10am",  # over
        "resets 2026-13-41",
        "resets at 2026-05-30T18:00:00Z",
        "resets 9pm (UTC+99)",
        "presets 9pm",
        "The cache resets every 9 minutes",
    ],
)
def test_what_is_no_time_or_in_no_known_zone_is_not_a_wait(text: str) -> None:
    assert waited(MONDAY, text) is None


@pytest.mark.parametrize(
    ("now", "text", "seconds"),
    [
        ("2026-06-01T21:00:30-04:00", "resets 9pm", 0.0),  # it has just passed: not tomorrow
        ("2026-06-01T21:02:00-04:00", "resets 9pm", DAY - 120),
        ("2026-06-01T00:00:20-04:00", "resets 12am", 0.0),
        ("2026-12-31T23:00-05:00", "resets Jan 2, 11pm", 2 * DAY),  # next year
        ("2028-02-28T09:00-05:00", "resets Feb 29, 9am", DAY),
        ("2026-02-28T09:00-05:00", "resets Feb 29, 9am", None),
        ("2026-06-01T13:00-04:00", "resets 3am (Pacific/Auckland)", 22 * HOUR),  # there it is already Tuesday, 5am
    ],
)
def test_days_and_years_pass(now: str, text: str, seconds: float | None) -> None:
    assert waited(now, text) == seconds


@pytest.mark.parametrize(
    ("now", "text", "seconds"),
    [
        # 8 March 2026: at 2:00 it is 3:00 in New York
        ("2026-03-08T01:30-05:00", "resets 3:30am", HOUR),
        ("2026-03-08T01:30-05:00", "resets 2:30am", HOUR),  # a time that is left out
        ("2026-03-08T03:40-04:00", "resets 2:30am", 23 * HOUR - 10 * 60),
        ("2026-03-07T12:00-05:00", "resets 12pm", 0.0),
        ("2026-03-07T12:02-05:00", "resets 12pm", 23 * HOUR - 120),  # a day of 23 hours
        ("2026-03-07T13:00-05:00", "resets Sun 1pm", 23 * HOUR),
        # 1 November 2026: at 2:00 it is 1:00 again
        ("2026-11-01T00:30-04:00", "resets 1:30am", HOUR),
        ("2026-11-01T01:35-04:00", "resets 1:30am", HOUR - 5 * 60),  # the second time
        ("2026-11-01T01:35-05:00", "resets 1:30am", DAY - 5 * 60),
        ("2026-10-31T13:00-04:00", "resets tomorrow at 1pm", 25 * HOUR),
        # Lord Howe Island moves by half an hour: on 4 October 2026 at 2:00 it is 2:30
        ("2026-10-04T01:45+10:30", "resets 2:15am (Australia/Lord_Howe)", 30 * 60),
    ],
)
def test_a_change_to_or_from_daylight_saving_is_reckoned_with(now: str, text: str, seconds: float) -> None:
    assert waited(now, text) == seconds


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine in Berlin."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        ("2026-06-01T13:00+02:00", 13.5 * HOUR),
        ("2026-03-29T01:30+01:00", HOUR),  # 2:30 is left out
        ("2026-10-25T02:40+02:00", 50 * 60.0),  # 2:30 comes again
    ],
)
def test_without_a_zone_it_is_the_time_of_this_machine(now: str, seconds: float) -> None:
    assert wait_seconds({}, "resets 2:30am", datetime.fromisoformat(now)) == seconds


@given(st.integers(946_684_800, 4_102_444_800), st.times(), st.timezones())
def test_a_time_of_day_is_at_most_25_hours_away_and_then_shown_by_the_wall(epoch: int, at: clock, zone: ZoneInfo) -> None:
    now = datetime.fromtimestamp(epoch, UTC)
    wait = wait_seconds({}, f"resets {at:%H:%M}", now, local=zone)

    assert wait is not None
    assert 0 <= wait <= 25 * HOUR
    wall = (now + timedelta(seconds=wait)).astimezone(zone)
    left_out = (wall - timedelta(hours=3)).utcoffset() != wall.utcoffset()
    assert wait == 0 or left_out or (wall.hour, wall.minute) == (at.hour, at.minute)
