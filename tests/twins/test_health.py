"""What doctor says of the twins: whether somebody lets them work."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cowork.core.clock import millis
from cowork.twins import requesting
from cowork.twins.health import check
from cowork.twins.store import claims, due, leases, roles, servers
from cowork.twins.store.opening import database_path
from cowork.twins.store.servers import Server
from tests.support import FakeClock, run_here
from tests.twins.owners import anybody, finished
from tests.twins.samples import task, twin


@pytest.fixture
def fleet(home: Path) -> None:
    roles.add(twin("twin-a"))
    roles.add(twin("twin-p", status="paused"))
    roles.add(twin("twin-i", status="inactive"))


def test_without_twins_there_is_nothing_to_say_and_nothing_is_made(clock: FakeClock, home: Path) -> None:
    assert check(clock).status == "ok"
    assert not database_path().exists()


def test_twins_are_counted(fleet: None, clock: FakeClock) -> None:
    assert check(clock).message == "1 active, 1 paused, 0 overdue; no scheduler runs"
    clock.moment += timedelta(minutes=30)
    assert (check(clock).status, check(clock).message) == ("ok", "1 active, 1 paused, 1 overdue; no scheduler runs")


def test_twins_that_nobody_lets_work_are_worth_a_warning(fleet: None, clock: FakeClock) -> None:
    clock.moment += timedelta(minutes=66)
    found = check(clock)
    assert (found.status, "nothing beat since 2026-01-31T08:10:00.000Z" in found.message) == ("warn", True)

    now = millis(clock.now())
    servers.seen(Server(leases.owner(), now, now, None))
    assert (check(clock).status, check(clock).message) == ("ok", "1 active, 1 paused, 1 overdue; a scheduler runs")
    servers.gone(leases.owner())
    assert check(clock).status == "warn"
    finished(claims.take("id-of-twin-a", now, anybody, tasks=due.due(now)[0].tasks, requests=[]), now)
    assert check(clock).status == "ok"


def test_a_request_is_overdue_too_and_who_is_at_work_is_not(home: Path, clock: FakeClock) -> None:
    roles.add(twin("twin-a", tasks=(task("one", enabled=False),)))
    requesting.request("twin-a", "task", "Look", clock, at_once=True)
    clock.moment += timedelta(hours=2)
    assert check(clock).status == "warn"
    claims.take("id-of-twin-a", millis(clock.now()), anybody, tasks=[], requests=[])
    assert "0 overdue" in check(clock).message


def test_doctor_has_it() -> None:
    assert "twins" in [item["name"] for item in run_here("doctor", "--json").data["items"]]
