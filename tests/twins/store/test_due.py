"""What is due: of whom, in which order, and after the clock was put forward or back."""

from __future__ import annotations

import pytest

from cowork.core.clock import from_millis, millis, parsed
from cowork.twins import requesting
from cowork.twins.heartbeat import MINUTE_MS
from cowork.twins.store import claims, due, requests, roles, schedule
from tests.twins.owners import anybody, finished
from tests.twins.samples import task, twin

START = "2026-01-31T08:10:00.000Z"
NOW = millis(parsed(START))
HOUR = 60 * MINUTE_MS
YEAR = 365 * 24 * HOUR


def at(minutes: float) -> str:
    return from_millis(NOW + int(minutes * MINUTE_MS))


def stored(name: str = "twin-a", *tasks, **changes):
    made = twin(name, tasks=tasks or (task("one", due_at=START),), **{"anchor_at": START, **changes})
    roles.add(made)
    return made


def done(now: int) -> list[str]:
    """Do what is due at a moment, as a scheduler does."""
    due.mend_clock(now)
    did = []
    for found in due.due(now):
        taken = claims.take(found.twin_id, now, anybody, tasks=found.tasks, requests=found.requests)
        did += [item.task for item in finished(taken, now)]
    return did


def test_without_twins_nothing_is_due_and_nothing_is_made(home) -> None:
    assert due.due(NOW) == []
    assert schedule.next_due(NOW) is None
    assert not due.mend_clock(NOW)
    assert not home.exists()


def test_who_waits_longest_comes_first_and_of_each_the_most_urgent() -> None:
    stored("twin-a", task("late", 1, due_at=at(2)), task("soon", 2, due_at=at(1)))
    stored("twin-b", task("first", due_at=at(0)))
    stored("twin-c", task("not yet", due_at=at(3)))

    found = due.due(NOW + 2 * MINUTE_MS)

    assert [(item.name, [name for name, _ in item.tasks]) for item in found] == [
        ("twin-b", ["first"]),
        ("twin-a", ["late", "soon"]),
    ]
    assert [item.name for item in due.due(NOW + 2 * MINUTE_MS, names=["twin-a", "twin-c"])] == ["twin-a"]


def test_tasks_that_are_off_and_twins_that_are_not_active_are_not_due() -> None:
    stored("twin-a", task("off", enabled=False, due_at=START))
    for status in ("paused", "inactive"):
        made = stored(f"twin-{status}", status=status)
        requests.add(made.id, requesting.new(made, "task", "Paint it", parsed(START), at_once=True))

    assert due.due(NOW) == []
    assert schedule.next_due(NOW) is None


def test_requests_are_due_at_the_next_heartbeat_or_at_once_the_most_urgent_first() -> None:
    made = stored("twin-a", task("one", due_at=at(60)))
    asked = {}
    for priority, at_once in (("low", True), ("urgent", True), ("normal", False)):
        asked[priority] = requesting.new(made, "task", priority, parsed(at(1)), priority=priority, at_once=at_once)
        requests.add(made.id, asked[priority])

    assert [item.requests for item in due.due(NOW + MINUTE_MS)] == [(asked["urgent"].id, asked["low"].id)]
    assert len(due.due(NOW + 30 * MINUTE_MS)[0].requests) == 3
    assert schedule.next_due(NOW) == NOW + MINUTE_MS


def test_what_is_due_next_is_the_soonest_of_all_and_never_in_the_past() -> None:
    stored("twin-a", task("one", due_at=at(9)))
    stored("twin-b", task("one", due_at=at(7)))

    assert schedule.next_due(NOW) == NOW + 7 * MINUTE_MS
    assert schedule.next_due(NOW + HOUR) == NOW + HOUR


def test_a_clock_put_forward_and_back_again_holds_nothing_up_and_repeats_nothing_at_once() -> None:
    stored()
    assert done(NOW) == ["one"]
    assert done(NOW + YEAR) == ["one"]

    back = NOW + HOUR + 1
    assert done(back) == ["one"], "what seems to be due in a year is due now"
    assert done(back) == []
    assert roles.twins()[0].tasks[0].due_at == at(120), "and then at its heartbeats again"


def test_a_twin_activated_by_a_clock_ahead_begins_when_the_clock_is_right() -> None:
    made = stored("twin-a", task("one", due_at=from_millis(NOW + YEAR)), anchor_at=from_millis(NOW + YEAR))
    requests.add(made.id, requesting.new(made, "task", "Paint it", parsed(from_millis(NOW + YEAR))))

    assert len(done(NOW + 1)) == 2
    assert done(NOW + 2) == [], "once, not at every look"
    anchor = millis(parsed(roles.twins()[0].anchor_at))
    assert NOW - 30 * MINUTE_MS <= anchor <= NOW + 1
    assert (NOW + YEAR - anchor) % (30 * MINUTE_MS) == 0, "its heartbeats keep their place within the interval"
    assert done(NOW + 59 * MINUTE_MS) == []
    assert done(NOW + 61 * MINUTE_MS) == ["one"]


def test_a_stagger_and_a_frequency_are_no_clock_that_was_ahead() -> None:
    stored("twin-a", task("one", due_at=at(5), frequency_minutes=480), anchor_at=at(5), stagger_minutes=5)
    before = roles.twins()

    assert not due.mend_clock(NOW)
    assert done(NOW + 5 * MINUTE_MS) == ["one"]
    assert not due.mend_clock(NOW + 5 * MINUTE_MS)
    assert before != roles.twins()
    assert roles.twins()[0].tasks[0].due_at == at(485)


@pytest.mark.parametrize("seconds", [-3600, -1, 1, 3600])
def test_small_jumps_change_nothing_but_when_it_is_noticed(seconds: int) -> None:
    stored()
    done(NOW)

    assert done(NOW + seconds * 1000 + 1800_000) == (["one"] if seconds == 3600 else [])
