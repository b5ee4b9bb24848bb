"""The scheduler: each task as often as its frequency says, for days, whatever goes wrong with one of the twins."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from cowork.core.errors import Conflict, CoworkError, Degraded, InvalidInput, LimitReached
from cowork.core.outcome import Notice
from cowork.twins import requesting
from cowork.twins.beats import beating, running
from cowork.twins.serving import server
from cowork.twins.store import claims, due, opening, roles, servers
from tests.support import FakeClock
from tests.twins.beating import setup
from tests.twins.serving.days import NOW, Days, runs, serve, stored

DAY = 1440


def test_a_week_of_a_fleet_each_task_as_often_as_its_frequency_says_without_drift() -> None:
    stored("twin-a", 0, half_day=720, day=1440)
    stored("twin-b", 7, interval=120, four_hours=240)
    stored("twin-c", 15, interval=60, odd=100)
    clock = Days(7 * DAY)

    ended = serve(clock)

    assert runs() == {
        ("twin-a", "half_day"): list(range(0, 7 * DAY + 1, 720)),
        ("twin-a", "day"): list(range(0, 7 * DAY + 1, DAY)),
        ("twin-b", "four_hours"): list(range(7, 7 * DAY, 240)),
        ("twin-c", "odd"): list(range(15, 7 * DAY, 120)),
    }, "a stagger once, and a frequency that is no multiple of the interval is rounded up to a heartbeat"
    assert (ended.failed, ended.cut_off, ended.results) == (0, 0, sum(map(len, runs().values())))
    assert len(clock.slept) <= ended.beats + 7 * 2 + 3, "it sleeps from one heartbeat to the next"


def test_no_more_twins_work_at_a_time_than_it_may_have_and_than_the_policies_allow(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    working, most = set(), [0]

    async def watched(due, *rest, **more):
        import asyncio

        working.add(due.name)
        most[0] = max(most[0], len(working))
        await asyncio.sleep(0.005)
        try:
            return await beating.beat(due, *rest, **more)
        finally:
            working.discard(due.name)

    monkeypatch.setattr(running, "beat", watched)
    for number in range(6):
        stored(f"twin-{number}", one=60)

    assert serve(FakeClock(Days(0).moment), jobs=3, once=True).beats == 6
    assert most == [3]

    (home / "policies.json").write_text(json.dumps({"agents": {"maxConcurrentAgents": 2}}))
    most[0] = 0
    clock = FakeClock(Days(0).moment + timedelta(hours=1))
    assert serve(clock, jobs=3, once=True).beats == 6
    assert most == [2]


def test_requests_are_attended_to_when_they_come_also_while_it_sleeps() -> None:
    stored("twin-a", one=DAY)
    titles = []

    def ask(title: str, *, at_once: bool) -> None:
        titles.append(requesting.request("twin-a", "task", title, clock, at_once=at_once).request.id)

    clock = Days(120, {10: lambda: ask("soon", at_once=True), 40: lambda: ask("at its heartbeat", at_once=False)})

    serve(clock, tick_s=60)

    assert [runs()["twin-a", title] for title in titles] == [[10], [60]]


def test_a_twin_that_fails_is_held_back_longer_each_time_and_keeps_no_other_waiting(tmp_path: Path) -> None:
    stored("twin-bad", workspace=str(tmp_path / "gone"), one=60)
    stored("twin-good", one=60)
    told: list = []
    clock = Days(3 * 60 + 1, {100: lambda: (tmp_path / "gone").mkdir()})

    ended = serve(clock, jobs=1, told=told)

    failed = [data["code"] for kind, data in told if kind == "beat.failed"]
    assert runs()["twin-good", "one"] == [0, 60, 120, 180]
    assert set(failed) == {"evidence.no_workspace"}
    assert 5 <= ended.failed <= 7, "after 1, 2, 4, ... minutes, not at every look"
    assert runs()["twin-bad", "one"][:2] == [123, 180], "and once it can, it works at its heartbeats"


def test_what_fails_with_a_bug_is_not_met_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_args, **_more):
        raise ZeroDivisionError("a bug")

    stored("twin-a", one=60)
    monkeypatch.setattr(running, "beat", broken)
    told: list = []
    clock = Days(15)

    assert serve(clock, told=told).failed == 5, "at 0, 1, 3, 7 and 15 minutes"
    assert [data["message"] for kind, data in told if kind == "beat.failed"] == ["ZeroDivisionError: a bug"] * 5
    assert len(clock.slept) < 10, "and nothing is looked at before"


def test_while_others_have_all_the_room_it_tries_one_twin_now_and_then_and_not_the_whole_fleet(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cowork.core.errors import Denied

    tried = []

    async def full(due, *_rest, **_more):
        tried.append(due.name)
        raise Denied("policy.too_many_twins", "too many")

    for number in range(30):
        stored(f"twin-{number:02}", one=60)
    monkeypatch.setattr(running, "beat", full)

    ended = serve(Days(1), jobs=1)

    assert (ended.failed, ended.beats) == (0, 0), "that is no failure"
    assert 6 <= len(tried) <= 14


def test_a_twin_that_another_process_lets_work_is_no_failure_and_looked_at_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    stored("twin-a", one=60)
    busy = [True]

    async def first_busy(*args, **more):
        if busy.pop() if busy else False:
            raise Conflict("twin.busy", "at work")
        return await beating.beat(*args, **more)

    monkeypatch.setattr(running, "beat", first_busy)
    clock = Days(1)

    ended = serve(clock)

    assert ended.failed == 0
    assert clock.slept[0] == 5.0
    assert runs()["twin-a", "one"][0] == 0


def test_once_ends_when_nothing_is_due_any_more_and_held_up_by_nothing(tmp_path: Path) -> None:
    stored("twin-a", one=60)
    stored("twin-bad", workspace=str(tmp_path / "gone"), one=60)
    clock = FakeClock(Days(0).moment)

    with pytest.raises(Degraded) as caught:
        serve(clock, once=True)

    ended = caught.value.data
    assert (ended.beats, ended.results, ended.failed, ended.left, clock.slept) == (1, 1, 1, 1, [])
    with pytest.raises(CoworkError) as caught:
        serve(clock, once=True)
    assert (caught.value.code, caught.value.exit_code, caught.value.data.failed) == ("twin.failed", 1, 1), "all failed"
    (tmp_path / "gone").mkdir()
    assert serve(clock, once=True).beats == 1
    assert serve(clock, once=True).beats == 0


def test_once_says_that_work_is_left_to_others_or_to_later() -> None:
    stored("twin-a", one=60)
    made = stored("twin-b", one=60)
    claims.take(made.id, NOW, lambda *_: None, tasks=(), requests=())

    with pytest.raises(LimitReached) as caught:
        serve(FakeClock(Days(0).moment), once=True)

    assert (caught.value.code, caught.value.data.beats, caught.value.data.left) == ("twin.work_left", 1, 1)
    assert caught.value.notices == (Notice("twin.busy", "twin-b: the twin is at work already"),)


def test_policies_that_cannot_be_read_for_a_while_let_nothing_begin_and_cut_nothing_off(home: Path) -> None:
    stored("twin-a", one=60)
    told: list = []
    clock = Days(
        220, {30: lambda: (home / "policies.json").write_text("{ typo"), 150: lambda: (home / "policies.json").unlink()}
    )

    ended = serve(clock, tick_s=600, told=told)

    assert runs()["twin-a", "one"] == [0, 150, 210]
    assert (ended.failed, ended.cut_off) == (0, 0)
    assert {data["code"] for kind, data in told if kind == "scheduler.problem"} == {"policy.unreadable"}


def test_a_home_that_is_not_writable_for_a_while_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    stored("twin-a", one=60)
    seen = servers.seen
    told: list = []

    def not_writable(_server: object) -> None:
        raise CoworkError("file.not_writable", "no")

    clock = Days(
        160,
        {
            30: lambda: monkeypatch.setattr(servers, "seen", not_writable),
            90: lambda: monkeypatch.setattr(servers, "seen", seen),
        },
    )

    serve(clock, tick_s=600, told=told)

    assert runs()["twin-a", "one"] == [0, 90, 150]
    assert {data["code"] for kind, data in told if kind == "scheduler.problem"} == {"file.not_writable"}


def test_what_ends_it_lets_what_runs_come_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    stored("twin-a", one=60)
    looks = []

    def seen(_server: object) -> None:
        looks.append(1)
        if len(looks) > 1:
            raise InvalidInput("database.corrupt", "spoilt")

    async def slow(*args, **more):
        import asyncio

        while len(looks) < 2:
            await asyncio.sleep(0.01)
        return await beating.beat(*args, **more)

    monkeypatch.setattr(servers, "seen", seen)
    monkeypatch.setattr(running, "beat", slow)
    told: list = []

    with pytest.raises(InvalidInput):
        serve(FakeClock(Days(0).moment), tick_s=0.02, told=told)

    assert runs()["twin-a", "one"] == [0]
    assert [kind for kind, _ in told if kind.startswith("scheduler")][1:] == ["scheduler.draining", "scheduler.stopped"]


@pytest.mark.parametrize("hours", [-5, 5, 24 * 400, -24 * 400], ids=["back", "forward", "far forward", "far back"])
def test_a_clock_that_jumps_holds_nothing_up_and_repeats_nothing(hours: int) -> None:
    stored("twin-a", one=60)

    def jump() -> None:
        clock.moment += timedelta(hours=hours)
        clock.end = clock.moment + timedelta(hours=3, minutes=2)

    clock = Days(10_000, {90: jump})
    serve(clock, tick_s=600)

    done = sorted(runs()["twin-a", "one"])
    jumped = 90 + hours * 60
    before, after = [0, 60], [minute for minute in done if minute not in (0, 60)]
    assert set(before) <= set(done)
    assert 2 <= len(after) <= 4, "an hour apart, as before"
    assert all(jumped <= minute <= jumped + 190 for minute in after)
    assert due.due(int((clock.moment + timedelta(minutes=61)).timestamp() * 1000)), "and it goes on"


def test_time_zones_and_their_nights_with_a_lost_hour_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        stored("twin-a", one=180)
        serve(Days(1.5 * DAY))
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()

    assert runs()["twin-a", "one"] == list(range(0, int(1.5 * DAY) + 1, 180))


def test_twins_that_come_go_and_are_paused_meanwhile_are_seen() -> None:
    stored("twin-a", one=60)

    def pause() -> None:
        with opening.writing() as connection:
            connection.execute("UPDATE agent_roles SET status = 'paused' WHERE name = 'twin-a'")

    clock = Days(180, {90: pause, 100: lambda: stored("twin-b", 100, one=60)})

    serve(clock, tick_s=60)

    assert runs() == {("twin-a", "one"): [0, 60], ("twin-b", "one"): [100, 160]}


def test_a_database_that_is_locked_for_a_while_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LOCK_TIMEOUT_S", 0.001)
    stored("twin-a", one=60)
    held = sqlite3.connect(opening.database_path(), isolation_level=None, timeout=5)
    told: list = []
    clock = Days(65, {1: lambda: held.execute("BEGIN IMMEDIATE"), 61.5: lambda: held.execute("ROLLBACK")})

    ended = serve(clock, tick_s=30, told=told)

    held.close()
    assert runs()["twin-a", "one"] == [0, 61] or runs()["twin-a", "one"] == [0, 62]
    assert {data["code"] for kind, data in told if kind == "scheduler.problem"} == {"database.locked"}
    assert ended.failed == 0


def test_locked_from_the_beginning_is_an_error_and_so_it_is_with_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LOCK_TIMEOUT_S", 0.001)
    stored("twin-a", one=60)
    held = sqlite3.connect(opening.database_path(), isolation_level=None)
    held.execute("BEGIN IMMEDIATE")

    for once in (False, True):
        with pytest.raises(Conflict) as caught:
            serve(Days(1), once=once)
        assert caught.value.code == "database.locked"
    held.close()


def test_a_database_that_is_spoilt_while_it_serves_ends_it_with_its_name() -> None:
    stored("twin-a", one=60)

    def spoil() -> None:
        for path in opening.database_path().parent.glob("cowork.db*"):
            path.write_bytes(b"no database at all " * 500)

    with pytest.raises(InvalidInput) as caught:
        serve(Days(120, {30: spoil}))
    assert caught.value.code == "database.corrupt"


def test_a_database_that_is_gone_while_it_serves_is_one_without_twins() -> None:
    stored("twin-a", one=60)

    def remove() -> None:
        for path in opening.database_path().parent.glob("cowork.db*"):
            path.unlink()

    assert serve(Days(300, {30: remove})).beats == 1
    assert roles.twins() == []


def test_it_ends_in_order_when_nobody_reads_its_events_any_more() -> None:
    stored("twin-a", one=60)
    heard = []

    def emit(kind: str, _data: object) -> None:
        if kind == "beat.started":
            raise BrokenPipeError
        heard.append(kind)

    clock = Days(600)
    with pytest.raises(BrokenPipeError):
        import dataclasses

        server.serve(dataclasses.replace(setup(clock), emit=emit), jobs=1)

    assert heard == ["scheduler.started"]
    assert len(runs()["twin-a", "one"]) == 1, "what was begun is stored"
