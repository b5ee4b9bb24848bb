"""Leases, between processes that are really there: one at a time lets a twin work, and only so many twins work at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

from cowork.core.clock import millis, parsed
from cowork.core.errors import Conflict, Denied
from cowork.twins import requesting
from cowork.twins.beats.beating import _admission
from cowork.twins.store import claims, due, leases, requests, roles
from cowork.twins.store.leases import LEASE_MS, LONGEST_LEASE_MS
from cowork.twins.store.opening import reading
from tests.twins.owners import anybody, finished, played
from tests.twins.samples import task, twin

START = "2026-01-31T08:10:00.000Z"
NOW = millis(parsed(START))
TASK = ("one", NOW)
TAKE = """
import sys
from cowork.core.errors import CoworkError
from cowork.twins.beats.beating import _admission
from cowork.twins.store import claims
print("ready", flush=True)
for line in sys.stdin:
    twin_id, now = line.split()
    try:
        taken = claims.take(twin_id, int(now), _admission("twin beat", twin_id), tasks=[("one", int(now))], requests=[])
        print("taken", flush=True)
    except CoworkError as error:
        print(error.code, flush=True)
"""


class Worker:
    """A process that takes what it is told to, and holds it until it ends."""

    def __init__(self) -> None:
        words = [sys.executable, "-c", TAKE]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._line() == "ready"

    def ask(self, twin_id: str, now: int = NOW) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{twin_id} {now}\n")
        self.process.stdin.flush()

    def answer(self) -> str:
        return self._line()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def workers(count: int) -> Iterator[list[Worker]]:
    made = [Worker() for _ in range(count)]
    try:
        yield made
    finally:
        for worker in made:
            worker.kill()
            worker.process.communicate()


def stored(*names: str) -> list[str]:
    made = [twin(name, tasks=(task("one", due_at=START),), anchor_at=START) for name in names or ("twin-a",)]
    for item in made:
        roles.add(item)
    return [item.id for item in made]


def policy(home: Path, **agents: int) -> None:
    (home / "policies.json").write_text(json.dumps({"agents": agents}))


def test_of_processes_that_come_at_once_one_lets_the_twin_work_and_no_more_twins_work_than_policies_allow(home: Path) -> None:
    ids = stored("twin-a", "twin-b", "twin-c")
    policy(home, maxConcurrentAgents=2)

    with workers(3) as made:
        for worker in made:
            worker.ask(ids[0])
        assert sorted(worker.answer() for worker in made) == ["taken", "twin.busy", "twin.busy"]

        for worker, twin_id in zip(made[:2], ids[1:], strict=True):
            worker.ask(twin_id)
        assert sorted(worker.answer() for worker in made[:2]) == ["policy.too_many_twins", "taken"]

        for worker in made:
            worker.kill()
        assert claims.take(ids[0], NOW + 1, _admission("twin beat", "a"), tasks=[TASK], requests=[]).tasks == (TASK,), (
            "what the dead held counts no more"
        )


def test_what_a_killed_process_was_at_is_due_again_before_its_lease_is_over() -> None:
    (twin_id,) = stored()
    with workers(1) as (worker,):
        worker.ask(twin_id)
        assert worker.answer() == "taken"
        assert leases.reap(NOW + 1) == 0
        worker.kill()

        assert leases.reap(NOW + 1) == 1
    assert due.due(NOW)[0].tasks == (TASK,)
    assert finished(claims.take(twin_id, NOW + 1, anybody, tasks=[TASK], requests=[]), NOW + 1)


def test_a_request_that_a_dead_process_was_at_is_found_again_by_whoever_looks() -> None:
    """Also of a twin that has nothing else to do: nobody would take its lease for anything but the request."""
    (twin_id,) = stored()
    made = requesting.new(roles.twins()[0], "task", "Paint it", parsed(START), at_once=True)
    requests.add(twin_id, made)
    with played() as owners:
        owners.is_now(1)
        claims.take(twin_id, NOW, anybody, tasks=[TASK], requests=[made.id])
        owners.kill(1)
        owners.is_now(2)
        assert all(not item.requests for item in due.due(NOW))

        assert leases.reap(NOW) == 1

        assert due.due(NOW)[0].requests == (made.id,)


def test_a_scheduler_does_not_take_from_itself_what_it_could_not_renew_in_time() -> None:
    """As after the machine has slept: who comes first, the renewal or the next look, must not matter."""
    (twin_id,) = stored()
    taken = claims.take(twin_id, NOW, anybody, tasks=[TASK], requests=[])

    assert leases.reap(NOW + 10 * LEASE_MS, but=[twin_id]) == 0
    assert leases.renew(taken, NOW + 10 * LEASE_MS)


def test_heartbeats_are_as_far_apart_as_policies_want_whoever_does_them(home: Path) -> None:
    (twin_id,) = stored()
    policy(home, maxHeartbeatFrequencySec=600)
    finished(claims.take(twin_id, NOW, anybody, tasks=[TASK], requests=[]), NOW)

    with workers(1) as (worker,):
        for seconds, said in ((599, "policy.heartbeat_too_frequent"), (600, "taken")):
            worker.ask(twin_id, NOW + seconds * 1000)
            assert worker.answer() == said


def test_what_somebody_asks_by_hand_is_no_heartbeat(home: Path) -> None:
    (twin_id,) = stored()
    policy(home, maxHeartbeatFrequencySec=600)
    finished(claims.take(twin_id, NOW, anybody, tasks=[TASK], requests=[]), NOW)

    asked = claims.take(twin_id, NOW + 1, _admission("twin ask", "twin-a"), tasks=[], requests=[], kind="ask")

    finished(asked, NOW + 1)
    assert millis(parsed(str(roles.twins()[0].last_beat_at))) == NOW, "and it puts none off"


def test_policies_that_cannot_be_read_let_nobody_work(home: Path) -> None:
    (twin_id,) = stored()
    (home / "policies.json").write_text("{")

    with pytest.raises(Denied) as caught:
        claims.take(twin_id, NOW, _admission("twin beat", "twin-a"), tasks=[TASK], requests=[])

    assert caught.value.code == "policy.unreadable"
    with reading() as connection:
        assert connection.execute("SELECT COUNT(*) FROM leases").fetchone() == (0,)


@pytest.mark.parametrize(
    ("until", "live"),
    [(NOW, False), (NOW + 1, True), (NOW + LONGEST_LEASE_MS, True), (NOW + LONGEST_LEASE_MS + 1, False)],
    ids=["over", "not over", "the longest", "of a clock that was ahead"],
)
def test_a_lease_lasts_until_its_time_and_not_longer_than_leases_do(until: int, live: bool) -> None:
    assert leases.is_live(leases.owner(), until, NOW) is live


def test_who_is_dead_is_known_on_this_machine_alone() -> None:
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    host, pid, born = leases.owner().split("|")

    assert pid == str(os.getpid())
    assert not leases.is_dead(f"{host}|{pid}|{born}")
    assert leases.is_dead(f"{host}|{pid}|another/1"), "its number is another's"
    assert leases.is_dead(f"{host}|{ended.pid}|{born}")
    assert not leases.is_dead(f"elsewhere|{ended.pid}|{born}"), "there it may live"
    assert not leases.is_dead(f"{host}|{ended.pid}|"), "the system could not say"
    assert not leases.is_dead("nonsense")


def test_a_lease_of_another_machine_is_over_with_its_time() -> None:
    (twin_id,) = stored()
    with patch.object(leases, "owner", lambda: "elsewhere|1|x"):
        claims.take(twin_id, NOW, anybody, tasks=[TASK], requests=[])

    with pytest.raises(Conflict):
        claims.take(twin_id, NOW + LEASE_MS - 1, anybody, tasks=[TASK], requests=[])
    assert claims.take(twin_id, NOW + LEASE_MS, anybody, tasks=[TASK], requests=[]).tasks == (TASK,)
