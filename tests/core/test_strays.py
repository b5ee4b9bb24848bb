"""What left its group is found by its mark, or by its session, and killed; nobody else is."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator

import pytest

from cowork.core.strays import kill_strays
from tests.support import alive, gone

MARK = "COWORK_TEST_MARK=4f1c"
_NO_SESSION = -2


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that are ended with the test."""
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait()


def sleeper(started: list[subprocess.Popen[bytes]], *words: str, mark: str = MARK, apart: bool = True) -> int:
    name, _, value = mark.partition("=")
    process = subprocess.Popen([*words, "sleep", "60"], env={**os.environ, name: value}, start_new_session=apart)
    started.append(process)
    while b"sleep" not in _words(process.pid):  # until it is what it becomes
        time.sleep(0.001)
    return process.pid


def _words(pid: int) -> bytes:
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read().split(b"\0")[0]


def test_one_with_the_mark_is_killed_in_whatever_session(started: list[subprocess.Popen[bytes]]) -> None:
    pids = sleeper(started), sleeper(started, apart=False)
    kill_strays(MARK, _NO_SESSION)
    assert all(gone(pid) for pid in pids)


def test_one_of_the_session_is_killed_without_the_mark_and_the_leader_is_spared(
    started: list[subprocess.Popen[bytes]],
) -> None:
    leader = subprocess.Popen(["sh", "-c", "env -i sleep 60 & echo $!; wait"], stdout=subprocess.PIPE, start_new_session=True)
    started.append(leader)
    assert leader.stdout is not None
    with leader.stdout:
        member = int(leader.stdout.readline())
    kill_strays(MARK, leader.pid)
    assert gone(member)
    assert leader.wait(5) == 0  # of itself: it waited for the member


def test_others_are_left_alone(started: list[subprocess.Popen[bytes]]) -> None:
    pids = [sleeper(started, mark=mark) for mark in (f"{MARK}0", f"X{MARK}", f"ANOTHER={MARK}", "COWORK_TEST_MARK=")]
    kill_strays(MARK, _NO_SESSION)
    assert all(alive(pid) for pid in pids)
