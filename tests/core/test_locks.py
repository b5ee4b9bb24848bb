"""Locks between processes: held by one, waited for by the others, gone with their holder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from cowork.core.errors import Conflict, CoworkError
from cowork.core.locks import locked

HOLD = """
import sys
from pathlib import Path
from cowork.core.locks import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    """Another process, which holds the lock until its stdin is closed."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_lock_that_another_process_holds_is_refused_after_waiting(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with holder(path) as process:
        with pytest.raises(Conflict) as refused, locked(path, patience_s=0.1):
            pass
        process.communicate()
    assert (refused.value.code, refused.value.cause) == ("file.locked", "waited 0.1 s")


def test_whoever_waits_gets_the_lock_when_its_holder_lets_go(tmp_path: Path) -> None:
    path, got = tmp_path / "lock", threading.Event()

    def wait() -> None:
        with locked(path, patience_s=30):
            got.set()

    with holder(path) as process:
        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not got.wait(0.2)
        process.communicate()
        waiting.join(30)
    assert got.is_set()


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with holder(path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with locked(path, patience_s=0):
            pass


def test_one_process_excludes_itself_too(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with locked(path), pytest.raises(Conflict), locked(path, patience_s=0):
        pass
    with locked(path, patience_s=0):
        pass


def test_an_error_inside_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with pytest.raises(ZeroDivisionError), locked(path):
        raise ZeroDivisionError
    with locked(path, patience_s=0):
        pass


def test_it_is_the_lock_that_filelock_takes(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with locked(path), pytest.raises(Timeout):
        FileLock(path, timeout=0).acquire()
    with FileLock(path), pytest.raises(Conflict), locked(path, patience_s=0):
        pass


def test_a_lock_that_was_removed_while_it_was_waited_for_is_not_taken_for_held(tmp_path: Path) -> None:
    path, got, leave = tmp_path / "lock", threading.Event(), threading.Event()

    def wait() -> None:
        with locked(path, patience_s=30):
            got.set()
            leave.wait(30)

    with holder(path) as process:
        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not got.wait(0.2)
        path.unlink()
        process.communicate()
        assert got.wait(30)
        with pytest.raises(Conflict), locked(path, patience_s=0):  # the file that stands there now
            pass
        leave.set()
        waiting.join(30)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CoworkError) as refused, locked(tmp_path / "lock"):
        pass
    assert refused.value.code == "file.not_writable"
    assert not (tmp_path / "elsewhere").exists()


def test_where_there_can_be_no_file_there_is_no_lock(tmp_path: Path) -> None:
    with pytest.raises(CoworkError) as refused, locked(tmp_path / "missing" / "lock"):
        pass
    assert refused.value.code == "file.not_writable"


def test_nothing_stays_open(tmp_path: Path) -> None:
    path, before = tmp_path / "lock", len(os.listdir("/proc/self/fd"))
    with locked(path), pytest.raises(Conflict), locked(path, patience_s=0):
        pass
    assert len(os.listdir("/proc/self/fd")) == before
