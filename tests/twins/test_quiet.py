"""Quiet hours: never told inside them, never later than they last, by the clock on the wall of whatever place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cowork.twins.quiet import quiet_until

NIGHT = "22:00-07:00"
BERLIN = "Europe/Berlin"
ZONES = [BERLIN, "America/New_York", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        ("2026-01-31T21:59:59+01:00", "2026-01-31T21:59:59+01:00"),
        ("2026-01-31T22:00:00+01:00", "2026-02-01T07:00:00+01:00"),
        ("2026-02-01T06:59:59+01:00", "2026-02-01T07:00:00+01:00"),
        ("2026-02-01T07:00:00+01:00", "2026-02-01T07:00:00+01:00"),
    ],
)
def test_what_happens_in_quiet_hours_is_told_at_their_end(moment: str, told: str) -> None:
    assert quiet_until(at(moment), NIGHT, BERLIN) == at(told)


def test_hours_may_lie_within_a_day() -> None:
    assert quiet_until(at("2026-01-31T12:30+01:00"), "12:00-13:00", BERLIN) == at("2026-01-31T13:00+01:00")


def test_the_zone_decides() -> None:
    assert quiet_until(at("2026-01-31T22:30+00:00"), NIGHT, "America/New_York") == at("2026-01-31T22:30+00:00")


@pytest.mark.parametrize(
    ("hours", "moment", "told"),
    [
        ("22:00-02:30", "2026-03-29T01:59+01:00", "2026-03-29T03:00+02:00"),  # 02:30 is not there: it is 03:00 at once
        ("22:00-02:30", "2026-10-25T02:10+02:00", "2026-10-25T02:30+02:00"),  # the first 02:30 of two
        ("22:00-02:30", "2026-10-25T02:10+01:00", "2026-10-25T02:30+01:00"),  # it is quiet again when the clock says so again
        ("03:00-02:00", "2026-03-28T03:00+01:00", "2026-03-30T02:00+02:00"),  # the hour that is not quiet is left out
    ],
)
def test_in_the_nights_that_are_too_short_or_too_long_the_wall_decides(hours: str, moment: str, told: str) -> None:
    assert quiet_until(at(moment), hours, BERLIN) == at(told)


@pytest.mark.parametrize("hours", ["", "whenever", "22:00", "25:00-07:00", "07:00-07:00"])
def test_what_are_no_hours_hold_nothing_back(hours: str) -> None:
    moment = at("2026-01-31T23:00+01:00")

    assert quiet_until(moment, hours, BERLIN) == moment


@pytest.mark.parametrize("zone", ["", "Nowhere/Town", "../etc/passwd", "\0"])
def test_what_is_no_zone_is_that_of_the_machine(zone: str) -> None:
    told = quiet_until(at("2026-01-31T23:00+00:00"), "00:00-23:59", zone).astimezone()

    assert (told.hour, told.minute) == (23, 59)


TIMES = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))
NEAR_A_CHANGE = st.sampled_from(["2026-03-29T01:00+00:00", "2026-10-25T01:00+00:00", "2026-03-08T07:00+00:00"]).map(at)
MOMENTS = st.one_of(
    st.integers(1_262_304_000, 2_051_222_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),  # 2010 to 2034
    st.builds(lambda moment, minutes: moment + timedelta(minutes=minutes), NEAR_A_CHANGE, st.integers(-1500, 1500)),
)


@given(MOMENTS, TIMES, TIMES, st.sampled_from(ZONES))
def test_it_is_told_at_the_first_minute_that_is_not_quiet_within_a_day(moment: datetime, begin, end, name: str) -> None:
    assume(begin != end)
    zone = ZoneInfo(name)

    def quiet(when: datetime) -> bool:
        wall = when.astimezone(zone).time()
        return begin <= wall < end if begin < end else not end <= wall < begin

    told = quiet_until(moment, f"{begin:%H:%M}-{end:%H:%M}", name)

    assert not quiet(told)
    assert told >= moment
    if told != moment:
        assert quiet(moment)
        assert quiet(told - timedelta(minutes=1))
    open_minutes = (begin.hour * 60 + begin.minute - end.hour * 60 - end.minute) % 1440
    assert told - moment <= timedelta(hours=25 if open_minutes > 60 else 49)
