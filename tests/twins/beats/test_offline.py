"""Heartbeats without a model: due tasks, evidence, digests, and when they come again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cowork.core.clock import millis
from cowork.core.errors import Conflict, CoworkError, Denied, NotFound
from cowork.twins import requesting
from cowork.twins.reading import markdown
from cowork.twins.store import results, roles
from cowork.twins.store.opening import writing
from tests.support import FakeClock
from tests.twins.beating import beat, minutes, only, stored
from tests.twins.samples import task


def test_what_is_due_is_done_by_priority_and_made_of_evidence(workspace: Path, clock: FakeClock) -> None:
    stored(workspace, clock)

    done = only(beat(clock))

    assert (done.twin, done.status, done.model, done.session_id) == ("twin-a", "done", "", "")
    assert [result.task for result in done.results] == ["first", "second"]
    first = done.results[0]
    assert (first.made_by, first.status, first.kind) == ("evidence", "done", "proactive")
    assert "A digest of the evidence alone" in first.text
    assert "app.py:1" in first.text
    assert "mend the door" in first.text
    assert "Ada" in first.text, "the author, from blame"
    assert "[todo-comments.1]" in first.text


def test_a_task_has_only_the_evidence_it_names_and_it_is_kept_with_the_result(workspace: Path, clock: FakeClock) -> None:
    stored(workspace, clock)

    first, second = only(beat(clock)).results

    assert [item.collector for item in first.evidence] == ["todo-comments"]
    assert [item.collector for item in second.evidence] == ["git-activity", "todo-comments"]
    assert results.find(first.id) == first


def test_what_was_done_is_not_due_again_before_its_frequency(workspace: Path, clock: FakeClock) -> None:
    stored(workspace, clock)
    beat(clock)

    for _ in range(2):
        minutes(clock, 29)
        report = beat(clock)
        assert (report.nothing_due, report.items) == (True, ())
        assert report.next_due_at == "2026-01-31T09:05:00.000Z"

    minutes(clock, 2)
    assert len(only(beat(clock)).results) == 2


def test_after_downtime_each_task_is_done_once(workspace: Path, clock: FakeClock) -> None:
    stored(workspace, clock)
    beat(clock)
    minutes(clock, 3 * 1440 + 7)

    assert len(only(beat(clock)).results) == 2
    assert beat(clock).nothing_due
    assert roles.twins()[0].tasks[0].due_at == "2026-02-03T09:05:00.000Z", "a whole frequency after its heartbeat"


def test_nothing_is_due_before_the_first_heartbeat_unless_it_is_asked_for(workspace: Path, clock: FakeClock) -> None:
    stored(workspace, clock)
    minutes(clock, -3)

    assert beat(clock).nothing_due
    assert len(only(beat(clock, early=True)).results) == 2


def test_tasks_that_are_off_and_twins_that_are_paused_do_nothing(workspace: Path, clock: FakeClock) -> None:
    stored(workspace, clock, tasks=(task("off", enabled=False),))
    stored(workspace, clock, "twin-b", status="paused")

    assert beat(clock, early=True).nothing_due
    with pytest.raises(Conflict) as caught:
        beat(clock, "twin-b")
    assert (caught.value.code, caught.value.hint) == ("twin.not_active", "cowork twin resume twin-b")


def test_a_task_can_be_done_by_hand_and_nothing_else_with_it(workspace: Path, clock: FakeClock) -> None:
    stored(workspace, clock)
    beat(clock)
    minutes(clock, 10)

    assert [result.task for result in only(beat(clock, "twin-a", tasks=("second",))).results] == ["second"]
    with pytest.raises(NotFound) as caught:
        beat(clock, "twin-a", tasks=("secnd",))
    assert (caught.value.code, caught.value.hint) == ("twin.unknown_task", "did you mean 'second'?")


def test_what_would_be_done_can_be_seen_and_leaves_no_trace(workspace: Path, clock: FakeClock) -> None:
    from cowork.twins.beats import waking
    from tests.twins.beating import setup

    stored(workspace, clock)
    before = roles.twins()

    report, _ = waking.wake(waking.Wish(), setup(clock), jobs=1, dry_run=True)

    assert [(step.action, step.target) for step in report.plan] == [("do", "twin-a: first"), ("do", "twin-a: second")]
    assert roles.twins() == before
    assert results.listed().total == 0


def test_evidence_that_cannot_be_had_is_told_with_the_way_to_have_it(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "plain").mkdir()
    stored(tmp_path / "plain", clock, tasks=(task("one", evidence=("git-activity",), due_at="2026-01-31T08:05:00.000Z"),))

    (result,) = only(beat(clock)).results

    assert result.status == "done", "that is the answer"
    assert "**Not available**" in result.text
    assert "cowork twin edit twin-a --workspace DIR" in result.text, "a beat has no option of that name"
    assert result.notes == ("git-activity: this is not a git repository",)
    assert results.listed().items[0].bottom_line == "Nothing could be collected: this is not a git repository."
    assert markdown(result).count("this is not a git repository") == 2, "in the bottom line and below, not once more as a note"


def test_a_workspace_that_is_gone_is_reported_and_what_was_due_stays_due(tmp_path: Path, clock: FakeClock) -> None:
    stored(tmp_path / "gone", clock)

    with pytest.raises(CoworkError) as caught:
        beat(clock)

    assert caught.value.code == "evidence.no_workspace"
    assert caught.value.hint == "cowork twin edit twin-a --workspace DIR"
    assert results.listed().total == 0
    (tmp_path / "gone").mkdir()
    assert len(only(beat(clock)).results) == 2


def test_one_twin_that_fails_keeps_no_other_from_its_work(tmp_path: Path, workspace: Path, clock: FakeClock) -> None:
    stored(workspace, clock, "twin-good")
    stored(tmp_path / "gone", clock, "twin-bad")

    with pytest.raises(CoworkError) as caught:
        beat(clock)

    assert (caught.value.code, caught.value.exit_code) == ("twin.degraded", 9)
    assert {item.twin: item.status for item in caught.value.data.items} == {"twin-good": "done", "twin-bad": "failed"}
    assert results.listed(twins=["twin-good"]).total == 2


def test_heartbeats_are_no_closer_than_the_policies_allow(workspace: Path, clock: FakeClock, home: Path) -> None:
    stored(workspace, clock)
    beat(clock)
    (home / "policies.json").write_text(json.dumps({"agents": {"maxHeartbeatFrequencySec": 600}}))
    minutes(clock, 9)

    with writing() as connection:
        connection.execute("UPDATE twin_tasks SET due_ms = ?", (millis(clock.now()),))

    with pytest.raises(Denied) as caught:
        beat(clock, "twin-a")
    assert (caught.value.code, caught.value.exit_code) == ("policy.heartbeat_too_frequent", 6)

    minutes(clock, 1)
    assert len(only(beat(clock, "twin-a")).results) == 2


def hourly(workspace: Path, clock: FakeClock, home: Path) -> None:
    """A twin that wakes every hour, and policies that let no twin wake more often."""
    stored(workspace, clock, interval_minutes=60)
    (home / "policies.json").write_text(json.dumps({"agents": {"maxHeartbeatFrequencySec": 3600}}))


def test_a_heartbeat_that_is_late_does_not_put_off_the_next_one(workspace: Path, clock: FakeClock, home: Path) -> None:
    hourly(workspace, clock, home)
    minutes(clock, 40 / 60)
    beat(clock, "twin-a")
    minutes(clock, 60 - 39 / 60)

    assert len(only(beat(clock, "twin-a")).results) == 2


def test_a_heartbeat_that_is_very_late_puts_off_the_next_one_for_a_while(workspace: Path, clock: FakeClock, home: Path) -> None:
    hourly(workspace, clock, home)
    minutes(clock, 50)
    beat(clock, "twin-a")
    minutes(clock, 29)
    with pytest.raises(Denied) as caught:
        beat(clock, "twin-a")
    assert caught.value.code == "policy.heartbeat_too_frequent"

    minutes(clock, 1)
    assert len(only(beat(clock, "twin-a")).results) == 2


@pytest.mark.parametrize("by_hand", ["a task", "a reason to wake"])
def test_what_somebody_has_it_do_by_hand_is_no_heartbeat_and_puts_none_off(
    workspace: Path, clock: FakeClock, home: Path, by_hand: str
) -> None:
    hourly(workspace, clock, home)
    beat(clock, "twin-a")
    minutes(clock, 59)

    if by_hand == "a task":
        done = beat(clock, "twin-a", tasks=("second",))
    else:
        requesting.request("twin-a", "wake", "The build broke", clock, at_once=True)
        done = beat(clock, "twin-a")

    assert len(only(done).results) == 1
    assert roles.twins()[0].last_beat_at == "2026-01-31T08:05:00.000Z"
    minutes(clock, 1)
    assert "first" in [result.task for result in only(beat(clock, "twin-a")).results]


def test_a_task_that_is_off_can_be_done_by_hand_alone(workspace: Path, clock: FakeClock) -> None:
    stored(workspace, clock, tasks=(task("off", enabled=False, evidence=()),))

    assert [result.task for result in only(beat(clock, "twin-a", tasks=("off",))).results] == ["off"]


def test_the_clock_put_back_holds_nothing_up(workspace: Path, clock: FakeClock) -> None:
    stored(workspace, clock)
    minutes(clock, 60 * 24 * 365)
    beat(clock)
    minutes(clock, -60 * 24 * 365 + 61)

    assert len(only(beat(clock)).results) == 2, "what seems to be due in a year is due now"
    assert beat(clock).nothing_due
