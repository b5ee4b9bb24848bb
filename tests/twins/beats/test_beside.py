"""Heartbeats beside each other: what one waits for holds up neither the others nor the renewal of any lease."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from cowork.core.clock import millis
from cowork.core.errors import Conflict, Terminated
from cowork.twins import editing
from cowork.twins.beats import beating, waking
from cowork.twins.beats import work as working
from cowork.twins.evidence import collectors
from cowork.twins.evidence.findings import Findings
from cowork.twins.evidence.look import Look
from cowork.twins.store import claims, due, leases, opening, results, roles
from tests.support import FakeClock
from tests.twins.beating import beat, setup, stored
from tests.twins.samples import task


def one_due(clock: FakeClock) -> due.Due:
    return due.due(millis(clock.now()))[0]


def test_a_twin_works_as_it_is_when_its_turn_comes(workspace: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have waited for others for minutes, and somebody has taken away what it might do."""
    for name in ("twin-a", "twin-b"):
        stored(workspace, clock, name)
    edit = editing.Edit(deny=("Bash",), autonomy="intern", disable=("first",))
    seen: list[tuple[str, Any, str, list[str]]] = []

    async def watched(twin: Any, taken: Any, jobs: Any, *rest: Any) -> Any:
        if not seen:
            editing.edit(["twin-b"], edit, clock, dry_run=False)
        seen.append((twin.name, twin.deny_rules, twin.autonomy, [job.id for job in jobs]))
        return await working.work(twin, taken, jobs, *rest)

    monkeypatch.setattr(beating, "work", watched)
    waking.wake(waking.Wish(), setup(clock), jobs=1)

    assert seen == [("twin-a", (), "specialist", ["first", "second"]), ("twin-b", ("Bash",), "intern", ["second"])]


def test_thousands_of_twins_are_read_though_a_statement_takes_so_many_values_only(
    workspace: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roles, "_AT_ONCE", 2)
    for name in ("twin-c", "twin-a", "twin-b"):
        stored(workspace, clock, name)

    assert [twin.name for twin in roles.twins(["twin-c", "twin-b", "id-of-twin-c", "nobody", "twin-a"])] == [
        "twin-a",
        "twin-b",
        "twin-c",
    ]


def test_a_lease_is_renewed_while_all_others_collect(
    workspace: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewed, go_on, in_time = threading.Event(), threading.Event(), list[bool]()

    def renew(*_args: Any) -> bool:
        renewed.set()
        return True

    def collect(*_args: Any, **_more: Any) -> tuple[()]:
        assert go_on.wait(10)
        return ()

    for number in range(12):
        stored(workspace, clock, f"twin-{number}")
    monkeypatch.setattr(beating, "RENEW_S", 0.01)
    monkeypatch.setattr(leases, "renew", renew)
    monkeypatch.setattr(working, "collect", collect)

    def free() -> None:
        in_time.append(renewed.wait(3))
        go_on.set()

    freed = threading.Thread(target=free)
    freed.start()

    waking.wake(waking.Wish(), setup(clock), jobs=12)

    freed.join()
    assert in_time == [True]


def test_who_keeps_the_lease_survives_any_error_and_says_so(
    workspace: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried, enough = [], threading.Event()

    def renew(*_args: Any) -> bool:
        tried.append(1)
        if len(tried) < 3:
            raise OSError("too many open files")
        enough.set()
        return True

    stored(workspace, clock)
    monkeypatch.setattr(beating, "RENEW_S", 0.01)
    monkeypatch.setattr(beating, "RENEW_AGAIN_S", 0.01)
    monkeypatch.setattr(leases, "renew", renew)
    monkeypatch.setattr(working, "collect", lambda *_args, **_more: enough.wait(10) and ())
    told: list[tuple[str, dict[str, Any]]] = []

    beat(clock, told=told)

    assert enough.is_set()
    problems = [data["problem"] for kind, data in told if kind == "beat.lease_not_renewed"]
    assert problems == ["OSError: too many open files"] * 2


def test_the_event_loop_goes_on_while_another_process_writes(workspace: Path, clock: FakeClock) -> None:
    stored(workspace, clock, tasks=(task("one", evidence=(), due_at="2026-01-31T08:05:00.000Z"),))
    item, turns = one_due(clock), [0]
    other = sqlite3.connect(opening.database_path(), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")

    async def run() -> Any:
        beats = asyncio.create_task(beating.beat(item, setup(clock)))
        while turns[0] < 20:
            await asyncio.sleep(0.005)
            turns[0] += 1
        assert not beats.done()
        other.execute("ROLLBACK")
        return await beats

    assert asyncio.run(run()).status == "done"
    other.close()


@pytest.mark.parametrize("when", ["taken", "stored"])
def test_who_is_cancelled_in_the_middle_of_a_transaction_leaves_nothing_half_done(
    workspace: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    stored(workspace, clock, tasks=(task("one", evidence=(), due_at="2026-01-31T08:05:00.000Z"),))
    item = one_due(clock)
    inside, go_on = threading.Event(), threading.Event()
    place, name = (claims, "take") if when == "taken" else (beating, "finish")
    real = getattr(place, name)

    def slow(*args: Any, **more: Any) -> Any:
        inside.set()
        assert go_on.wait(5)
        return real(*args, **more)

    monkeypatch.setattr(place, name, slow)

    async def run() -> Any:
        beats = asyncio.create_task(beating.beat(item, setup(clock)))
        while not inside.is_set():
            await asyncio.sleep(0.001)
        for _ in range(2):
            beats.cancel()
            await asyncio.sleep(0.001)
        go_on.set()
        return (await asyncio.gather(beats, return_exceptions=True))[0]

    ended = asyncio.run(run())

    with opening.writing() as connection:
        assert connection.execute("SELECT COUNT(*) FROM leases").fetchone() == (0,)
    if when == "taken":
        assert isinstance(ended, asyncio.CancelledError)
        assert (one_due(clock), results.listed().total) == (item, 0)
    else:
        assert (ended.status, results.listed().total) == ("done", 1)


def test_a_twin_that_is_removed_while_it_works_is_gone_and_not_taken_over(
    workspace: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(workspace, clock)
    monkeypatch.setattr(beating, "RENEW_S", 0.005)

    async def work(*_args: Any) -> Any:
        with opening.writing() as connection:
            roles.remove_in(connection, "id-of-twin-a")
        await asyncio.sleep(10)

    monkeypatch.setattr(beating, "work", work)
    with pytest.raises(Conflict) as caught:
        beat(clock, "twin-a")

    assert caught.value.code == "twin.gone"


def test_told_to_end_it_waits_for_no_collector_and_none_goes_on(
    workspace: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Look] = []

    def endless(look: Look) -> Findings:
        looks.append(look)
        if len(looks) == 1:
            os.kill(os.getpid(), signal.SIGTERM)
        while True:
            look.checkpoint()
            time.sleep(0.005)

    stored(workspace, clock)
    monkeypatch.setattr(collectors.Collector, "collect", lambda _self, look: endless(look))
    began = time.monotonic()

    with pytest.raises(Terminated):
        beat(clock)

    assert time.monotonic() - began < 1
    assert [look.remaining_s for look in looks] == [0.0] * len(looks)
    assert len(one_due(clock).tasks) == 2
