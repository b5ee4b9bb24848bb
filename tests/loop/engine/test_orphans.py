"""What a killed run left running is ended before anybody works again; what others run is not."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from cowork.loop.engine.orphans import MARK, owned


def _sleeper(session: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sleep", "600"], env={**os.environ, MARK: session}, start_new_session=True)


@pytest.fixture(autouse=True)
def _unmarked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MARK, raising=False)


def test_what_the_session_left_is_killed_and_nothing_else() -> None:
    left, other = _sleeper("20260131-080500-3f9a1c"), _sleeper("20260131-080500-ffffff")
    try:
        with owned("20260131-080500-3f9a1c"):
            assert left.wait(10) == -signal.SIGKILL
            assert other.poll() is None
    finally:
        for process in (left, other):
            process.kill()
            process.wait()


def test_what_is_started_inherits_the_mark_until_the_run_is_over() -> None:
    with owned("20260131-080500-3f9a1c"):
        said = subprocess.run(["sh", "-c", f"echo ${MARK}"], capture_output=True, text=True, check=True)
    assert said.stdout == "20260131-080500-3f9a1c\n"
    assert MARK not in os.environ


def test_a_run_within_the_session_does_not_end_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MARK, "20260131-080500-3f9a1c")
    sibling = _sleeper("20260131-080500-3f9a1c")
    try:
        with owned("20260131-080500-3f9a1c"):
            assert sibling.poll() is None
        assert os.environ[MARK] == "20260131-080500-3f9a1c"
    finally:
        sibling.kill()
        sibling.wait()
