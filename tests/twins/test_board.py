"""Boards and lists of tasks of many twins: bounded, in few statements, whatever there is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from cowork.core.clock import millis
from cowork.twins import board as boards
from cowork.twins import reading, requesting
from cowork.twins.results import Result
from cowork.twins.store import claims, leases, requests, results, roles
from cowork.twins.store.opening import writing
from tests.support import FakeClock, run_here
from tests.twins.owners import anybody, finished
from tests.twins.samples import task, twin
from tests.twins.store.databases import Sqlite


def fleet(count: int) -> None:
    for number in range(count):
        roles.add(twin(f"twin-{number:02}", tasks=(task("one"), task("off", enabled=False))))


def answered(name: str, clock: FakeClock, count: int = 1) -> None:
    """Results of a twin, a second apart."""
    for _ in range(count):
        clock.moment += timedelta(seconds=1)
        now = millis(clock.now())
        finished(claims.take(f"id-of-{name}", now, anybody, tasks=[("one", now)], requests=[]), now)


@pytest.fixture
def told(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    made = Sqlite()
    made.ready(home, monkeypatch)
    return made.told


def test_the_number_of_statements_does_not_grow_with_the_twins(clock: FakeClock, told: list[str]) -> None:
    def statements(look: Callable[[], object]) -> int:
        told.clear()
        look()
        return len(told)

    looks = (
        lambda: boards.board([], clock),
        lambda: boards.tasks([], everything=True),
        lambda: reading.listed([], None, [], 100, "md", clock),
    )
    fleet(2)
    answered("twin-00", clock)
    few = [statements(look) for look in looks]
    for number in range(2, 12):
        roles.add(twin(f"twin-{number:02}"))
        answered(f"twin-{number:02}", clock)
    assert [statements(look) for look in looks] == few
    assert not any("system_prompt" in text for text in told)


def test_a_board_shows_so_many_twins_and_tells_of_the_rest(clock: FakeClock) -> None:
    fleet(5)
    roles.add(twin("twin-gone", status="inactive"))

    found = boards.board([], clock, limit=2)
    assert ([item.twin for item in found.items], found.count, found.total) == (["twin-00", "twin-01"], 2, 5)
    assert boards.board(["twin-gone", "04"], clock).total == 2
    assert "2 of 5 twins" in run_here("twin", "board", "--limit", "2").out


def test_tasks_are_bounded_and_what_waits_comes_before_what_is_over(clock: FakeClock) -> None:
    fleet(3)
    made = requesting.request("twin-00", "task", "Old", clock).request
    requesting.cancel([made.id], clock)
    requesting.request("twin-01", "task", "New", clock, priority="low", due="3d")

    found = boards.tasks([], everything=True)
    assert [item.title for item in found.items[:2]] == ["New", "Old"]
    assert (found.count, found.total) == (8, 8)
    assert [item.status for item in found.items].count("off") == 3
    bounded = boards.tasks([], everything=True, limit=1)
    assert ([item.title for item in bounded.items], bounded.count, bounded.total) == (["New"], 1, 8)
    assert "1 of 4" in run_here("twin", "tasks", "--limit", "1").out


def test_when_a_twin_attends_to_a_task_is_not_by_when_it_is_wanted(clock: FakeClock) -> None:
    fleet(1)
    requesting.request("twin-00", "task", "New", clock, due="3d")

    asked, own = boards.tasks([]).items
    assert (asked.wake_at, asked.due_at) == ("2026-01-31T08:10:00.000Z", "2026-02-03T08:05:00.000Z")
    assert (own.wake_at, own.due_at) == ("2026-01-31T08:10:00.000Z", None)
    assert (asked.priority, own.priority) == ("normal", None)
    assert (asked.last_run_at, own.updated_at) == (None, None)


def test_a_board_holds_the_latest_results_of_each_twin(clock: FakeClock) -> None:
    fleet(2)
    answered("twin-00", clock, 52)
    answered("twin-01", clock)

    first, second = boards.board([], clock).items
    assert (len(first.done), len(second.done)) == (50, 1)
    assert [card.at for card in first.done] == sorted((card.at or "" for card in first.done), reverse=True)


def test_whole_results_come_in_the_order_of_the_list_with_verdict_and_deliveries(clock: FakeClock) -> None:
    fleet(1)
    answered("twin-00", clock, 3)
    ids = [item.id for item in results.listed().items]
    with writing() as connection:
        connection.execute("INSERT INTO feedback (result_id, verdict, why, created_ms) VALUES (?, 'good', '', 1)", (ids[1],))
        connection.execute("INSERT INTO addresses (id, twin_id, task_id, url) VALUES ('a', 'id-of-twin-00', '', 'env:X')")
        values = [("d", ids[2], "a", "", "failed", 1, 0, "down", 1, None), ("e", ids[0], "a", "", "sent", 1, 0, "", 1, 2)]
        connection.executemany(f"INSERT INTO deliveries VALUES ({', '.join('?' * 10)})", values)

    assert results.whole([*ids, "nope"]) == [results.find(result_id) for result_id in ids]
    found: list[Result] = results.whole(ids)
    assert [item.verdict for item in found] == [None, "good", None]
    assert [[made.status for made in item.deliveries] for item in found] == [["sent"], [], ["failed"]]
    assert results.whole([]) == []


def test_work_of_a_lease_that_ran_out_waits_again(clock: FakeClock) -> None:
    fleet(1)
    asked = requesting.request("twin-00", "task", "New", clock).request
    claims.take("id-of-twin-00", millis(clock.now()), anybody, tasks=[], requests=[asked.id])

    (busy,) = boards.board([], clock).items
    assert ([card.title for card in busy.working], busy.open) == (["New"], ())
    clock.moment += timedelta(milliseconds=leases.LEASE_MS)
    (idle,) = boards.board([], clock).items
    assert ([card.title for card in idle.open], idle.working) == (["New"], ())
    assert dataclasses.asdict(requests.with_ids([asked.id])[0])["status"] == "working"
