"""When a twin wakes and when its tasks are due: the arithmetic alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cowork.twins.heartbeat import MINUTE_MS, heartbeat_before, heartbeat_from, next_due

ANCHOR = 1_000_000_000_000
intervals = st.integers(5, 240)
frequencies = st.integers(1, 3 * 1440)
moments = st.integers(ANCHOR, ANCHOR + 400 * 1440 * MINUTE_MS)


def at(minutes: float) -> int:
    return ANCHOR + int(minutes * MINUTE_MS)


def test_heartbeats_are_an_interval_apart_from_the_anchor_on() -> None:
    assert heartbeat_before(at(0), ANCHOR, 30) == at(0)
    assert heartbeat_before(at(29.9), ANCHOR, 30) == at(0)
    assert heartbeat_before(at(61), ANCHOR, 30) == at(60)
    assert heartbeat_from(at(60), ANCHOR, 30) == at(60)
    assert heartbeat_from(at(60.1), ANCHOR, 30) == at(90)


def test_before_the_anchor_the_first_heartbeat_is_the_anchor() -> None:
    assert heartbeat_from(at(-500), ANCHOR, 30) == heartbeat_before(at(-500), ANCHOR, 30) == ANCHOR


def test_a_task_is_due_at_the_first_heartbeat_after_its_frequency() -> None:
    assert next_due(at(0), 60, ANCHOR, 30) == at(60)
    assert next_due(at(0), 45, ANCHOR, 30) == at(60), "its precision is the heartbeat's"
    assert next_due(at(0), 10, ANCHOR, 30) == at(30), "more often than its heartbeat it never is"


def test_a_late_run_counts_for_its_heartbeat_so_that_lateness_does_not_add_up() -> None:
    moment = at(0)
    for _ in range(1000):
        late = moment + 7 * MINUTE_MS
        moment = next_due(late, 60, ANCHOR, 30)
    assert moment == at(60_000)


def test_after_downtime_it_is_due_once_and_then_a_whole_frequency_later() -> None:
    assert next_due(at(1000), 480, ANCHOR, 30) == at(990 + 480)


@given(moments, frequencies, intervals)
def test_what_ran_is_due_again_at_a_later_heartbeat_within_reach(ran: int, frequency: int, interval: int) -> None:
    due = next_due(ran, frequency, ANCHOR, interval)

    assert due > ran
    assert (due - ANCHOR) % (interval * MINUTE_MS) == 0
    assert due - heartbeat_before(ran, ANCHOR, interval) >= frequency * MINUTE_MS
    assert due - ran <= (frequency + interval) * MINUTE_MS


@given(moments, frequencies, intervals, st.integers(0, 4 * 60 * MINUTE_MS))
def test_however_late_heartbeats_are_two_runs_are_never_closer_than_the_frequency(
    ran: int, frequency: int, interval: int, late: int
) -> None:
    """Counted by the heartbeats they belong to: `now - last >= frequency`, asked at heartbeats."""
    second = next_due(ran, frequency, ANCHOR, interval) + late

    assert heartbeat_before(second, ANCHOR, interval) - heartbeat_before(ran, ANCHOR, interval) >= frequency * MINUTE_MS
