"""What is kept, and what goes: by hand, and by itself once a day."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cowork.core.clock import millis, rfc3339
from cowork.core.errors import InvalidInput
from cowork.twins import pruning
from cowork.twins.pruning import prune
from cowork.twins.store import claims, opening, results, retention, roles
from cowork.twins.store.opening import database_path, reading, writing
from cowork.twins.store.retention import DAY_MS
from cowork.twins.store.roles import insert
from tests.support import FakeClock, run_here
from tests.twins.beating import beat, stored
from tests.twins.owners import anybody
from tests.twins.samples import task, twin

ID = "id-of-twin-a"
EVIDENCE = [
    {
        "collector": "git-activity", "status": "ok", "summary": "s", "reason": "", "hint": "", "figures": {}, "items_total": 3,
        "items": [{"id": f"git-activity.{number}", "text": "t", "data": {}} for number in range(3)],
        "commit": None, "collected_at": "2026-01-01T00:00:00.000Z", "seconds": 0.1, "cached": False,
    }
]  # fmt: skip


@pytest.fixture(autouse=True)
def someone(home: Path) -> None:
    roles.add(twin(tasks=(task("one"), task("two"))))


@pytest.fixture
def now(clock: FakeClock) -> int:
    return millis(clock.now())


def add(table: str, **columns: Any) -> None:
    with writing() as connection:
        connection.execute(insert(table, columns), list(columns.values()))


def add_result(result_id: str, at: int, *, task_id: str = "one", kind: str = "proactive", made_by: str = "evidence") -> None:
    add(
        "results", id=result_id, twin_id=ID, task_id=task_id, due_ms=at, kind=kind, title="t", status="done", made_by=made_by,
        text="As [git-activity.2] says", evidence=json.dumps(EVIDENCE), claims="[]", notes="[]", beat_id="", session_id="",
        created_ms=at,
    )  # fmt: skip


def add_request(request_id: str, state: str, at: int) -> None:
    add(
        "requests", id=request_id, twin_id=ID, kind="task", title="t", text="", priority=2, state=state, wake_ms=at, attempt=1,
        beat_id="", result_id="", created_ms=at, updated_ms=at,
    )  # fmt: skip


def add_claim(task_id: str, at: int, *, due: int | None = None, beat_id: str = "b") -> None:
    add(
        "claims", twin_id=ID, task_id=task_id, due_ms=at if due is None else due, beat_id=beat_id, state="done", attempt=1,
        claimed_ms=at,
    )  # fmt: skip


def left(table: str, column: str = "id") -> list[Any]:
    with reading() as connection:
        assert connection is not None
        return [row[0] for row in connection.execute(f"SELECT {column} FROM {table} ORDER BY {column}")]


def test_old_results_go_but_what_was_judged_and_the_last_of_each_task_stay(clock: FakeClock, now: int) -> None:
    old = now - 91 * DAY_MS
    add_result("r-old", old)
    add_result("r-judged", old + 1)
    add("feedback", result_id="r-judged", verdict="bad", why="", created_ms=old)
    add_result("r-said", old + 2, made_by="model")
    add_result("r-last", old + 3)
    add_result("r-asked", old + 4, task_id="q1", kind="task")
    add_result("r-new", now, task_id="two")

    found = prune(None, clock, dry_run=False)

    assert left("results") == ["r-judged", "r-last", "r-new", "r-said"]
    assert (found.results, found.results_since_at) == (2, "2025-11-02T08:05:00.000Z")
    assert left("feedback", "result_id") == ["r-judged"]


def test_requests_that_are_over_go_and_others_wait_for_ever(clock: FakeClock, now: int) -> None:
    for state in ("open", "working", "done", "failed", "cancelled"):
        add_request(f"{state}-old", state, now - 91 * DAY_MS)
    add_request("done-new", "done", now - 89 * DAY_MS)

    assert prune(None, clock, dry_run=False).requests == 3
    assert left("requests") == ["done-new", "open-old", "working-old"]


def test_claims_stay_while_their_task_may_be_due_at_their_time_again(clock: FakeClock, now: int) -> None:
    old = now - 15 * DAY_MS
    with writing() as connection:
        connection.execute("UPDATE twin_tasks SET due_ms = ? WHERE id = 'two'", (old,))
    add_claim("one", old)
    add_claim("one", old + 1, due=now + 5)  # by a clock that was ahead
    add_claim("one", now - 13 * DAY_MS)
    add_claim("two", old)  # is due still
    taken = claims.take(ID, old, anybody, tasks=[("one", old + 2)], requests=[])

    assert prune(None, clock, dry_run=False).claims == 1
    assert sorted(left("claims", "due_ms")) == [old, old + 2, now - 13 * DAY_MS, now + 5]
    assert left("beats") == [taken.beat_id], "it is under way"


def test_beats_deliveries_and_schedulers_go_and_what_waits_to_be_delivered_does_not(clock: FakeClock, now: int) -> None:
    old = now - 15 * DAY_MS
    for beat_id, state, at in (("b1", "done", old), ("b2", "lost", old), ("b3", "running", old), ("b4", "done", now)):
        zeros = {"input_tokens": 0, "output_tokens": 0}
        texts = dict.fromkeys(("reason", "session_id", "provider", "model"), "")
        add("beats", id=beat_id, twin_id=ID, kind="heartbeat", state=state, started_ms=at, ended_ms=at, **texts, **zeros)
    add("addresses", id="a", twin_id=ID, task_id="", url="env:X")
    for state in ("waiting", "sending", "sent", "failed", "skipped"):
        add_result(f"r-{state}", now, task_id=state)
        add(
            "deliveries", id=state, result_id=f"r-{state}", address_id="a", digest="", state=state, attempts=0, next_ms=0,
            problem="", created_ms=old,
        )  # fmt: skip
    for owner, seen in (("here", now), ("gone", now - 8 * DAY_MS)):
        add("servers", owner=owner, started_ms=old, seen_ms=seen)

    prune(None, clock, dry_run=False)

    assert left("beats") == ["b3", "b4"]
    assert left("deliveries") == ["failed", "sending", "waiting"]
    assert left("servers", "owner") == ["here"]


def test_after_a_month_a_result_keeps_the_evidence_it_cites(clock: FakeClock, now: int) -> None:
    add_result("r-old", now - 31 * DAY_MS)
    add_result("r-new", now - 29 * DAY_MS, task_id="two")

    assert prune(None, clock, dry_run=False).evidence == 1
    assert [item.id for item in results.find("r-old").evidence[0].items] == ["git-activity.0", "git-activity.2"]
    assert len(results.find("r-new").evidence[0].items) == 3
    assert prune(None, clock, dry_run=False).count == 0


@pytest.mark.parametrize("text", ["", "{", "{}", "[1]", '[{"items": 1}]', '[{"items": [{}]}]', "null"])
def test_evidence_that_is_not_as_it_was_written_is_left_alone(text: str) -> None:
    assert json.loads(retention.stripped("", text)) == {} if text == "{}" else retention.stripped("", text) == text


def test_a_dry_run_tells_what_the_run_does_and_removes_nothing(clock: FakeClock, now: int) -> None:
    add_result("r-old", now - 91 * DAY_MS, task_id="q1", kind="task")
    add_request("q1", "done", now - 91 * DAY_MS)
    add_claim("one", now - 15 * DAY_MS)

    planned = prune(None, clock, dry_run=True)
    assert left("results") == ["r-old"]
    done = prune(None, clock, dry_run=False)
    assert [step.target for step in planned.plan] == ["1 claims", "1 requests", "1 results", "1 evidence", "results"]
    assert [step.target for step in done.plan] == ["1 claims", "1 requests", "1 results", "results"]
    assert (planned.results, planned.requests, planned.claims) == (done.results, done.requests, done.claims) == (1, 1, 1)


def test_it_goes_in_small_transactions_and_goes_on_when_it_was_cut_off(
    clock: FakeClock, now: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 3)
    for number in range(8):
        add_claim("one", now - 15 * DAY_MS + number)

    going: Iterator[tuple[str, int]] = retention.remove(pruning._limits(None, clock))
    assert next(going) == ("claims", 3)
    del going
    assert len(left("claims", "due_ms")) == 5
    with sqlite3.connect(database_path()) as other:  # nobody holds it in between
        other.execute("BEGIN IMMEDIATE")
    assert prune(None, clock, dry_run=False).claims == 5


def test_how_long_can_be_said_and_zero_days_are_for_ever(clock: FakeClock, now: int, monkeypatch: pytest.MonkeyPatch) -> None:
    add_request("q1", "done", now - 1000 * DAY_MS)
    monkeypatch.setenv("COWORK_TWIN_KEEP_DAYS", "0")
    found = prune(None, clock, dry_run=False)
    assert (found.requests, found.results_since_at) == (0, None)
    assert prune("2000d", clock, dry_run=False).requests == 0
    assert prune("30d", clock, dry_run=False).requests == 1
    for word in ("soon", "2999-01-01"):
        with pytest.raises(InvalidInput) as caught:
            prune(word, clock, dry_run=False)
        assert caught.value.code == "prune.bad_keep"


def test_heartbeats_let_go_once_a_day(clock: FakeClock, now: int, tmp_path: Path) -> None:
    stored(tmp_path, clock, "twin-b", tasks=(task("tidy", evidence=(), due_at=rfc3339(clock.now())),))
    old = now - 15 * DAY_MS
    add_claim("one", old)

    beat(clock)
    assert old in left("claims", "due_ms"), "a clock that is new here is not trusted yet"
    clock.moment += timedelta(hours=24)
    beat(clock)
    assert old not in left("claims", "due_ms")
    add_claim("one", old)
    clock.moment += timedelta(hours=23)
    assert pruning.once_a_day(clock) == 0
    clock.moment += timedelta(hours=1)
    assert pruning.once_a_day(clock) == 1


@pytest.mark.parametrize("jump", [timedelta(days=400), timedelta(days=-30)], ids=["forward", "back"])
def test_a_clock_that_jumps_lets_nothing_go_until_a_day_later(clock: FakeClock, now: int, jump: timedelta) -> None:
    assert [retention.begin(now), retention.begin(now + DAY_MS)] == [False, True]
    add_request("q1", "done", now)
    clock.moment += jump
    assert pruning.once_a_day(clock) == 0
    clock.moment += timedelta(hours=23)
    assert pruning.once_a_day(clock) == 0
    clock.moment += timedelta(hours=1)
    assert pruning.once_a_day(clock) == (jump > timedelta())


def test_where_there_is_no_database_none_is_made(clock: FakeClock) -> None:
    database_path().unlink()
    assert prune(None, clock, dry_run=False).count == 0
    assert pruning.once_a_day(clock) == 0
    assert not database_path().exists()


def test_doctor_says_how_large_the_database_is() -> None:
    messages = [item["message"] for item in run_here("doctor", "--json").data["items"] if item["name"] == "database"]
    assert f"{opening.size():,} bytes" in messages[0]
