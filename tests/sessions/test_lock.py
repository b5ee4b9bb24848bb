"""Who works on a session: one process, by name; what the dead leave is told from what the living hold."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from cowork.core import births
from cowork.core.errors import Conflict, CoworkError
from cowork.sessions import lock, places
from cowork.sessions.lock import hold, inspect, project_lock
from cowork.sessions.lock_file import LockFile
from tests.support import ROOT, FakeClock

HOLD = """
import sys
from pathlib import Path
from cowork.core.clock import SystemClock
from cowork.core.errors import Conflict
from cowork.sessions.lock import hold
try:
    with hold(Path(sys.argv[1]), session=sys.argv[2], clock=SystemClock()):
        print("held", flush=True)
        sys.stdin.readline()
except Conflict as error:
    print(error.code, error.details.get("session"), flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "place" / "lock"


def process(path: Path, session: str = "s-1") -> subprocess.Popen[str]:
    words = [sys.executable, "-c", HOLD, str(path), session]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)


@contextmanager
def held_by_another(path: Path) -> Iterator[subprocess.Popen[str]]:
    with process(path) as other:
        assert other.stdout is not None
        try:
            assert other.stdout.readline() == "held\n"
            yield other
        finally:
            other.kill()


def take(path: Path, **more: Any) -> Any:
    return hold(path, session="mine", clock=FakeClock(), **more)


def edit(path: Path, **fields: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def killed(path: Path) -> None:
    """Leave the lock as a process does that was killed."""
    with held_by_another(path) as other:
        other.send_signal(signal.SIGKILL)
        other.wait(30)


def test_the_file_says_who_holds_it_and_nothing_afterwards(path: Path) -> None:
    with take(path) as holder:
        said = json.loads(path.read_text())
        assert set(said) == {"pid", "started", "host", "nonce", "session", "at", "project"}
        assert (said["pid"], said["started"], said["session"]) == (os.getpid(), births.birth(os.getpid()), "mine")
        assert said["at"] == "2026-01-31T08:05:00.000Z"
        assert inspect(path) == lock.LockState("held", holder)
    assert (path.read_bytes(), inspect(path)) == (b"", lock.LockState("free", None))


def test_a_living_holder_is_named_to_whoever_comes_second(path: Path) -> None:
    with held_by_another(path) as other:
        with pytest.raises(Conflict) as refused, take(path):
            pass
        assert (refused.value.code, refused.value.exit_code) == ("session.locked", 5)
        assert (refused.value.details["pid"], refused.value.details["session"]) == (other.pid, "s-1")
        assert f"process {other.pid} on {births.host()} since 20" in refused.value.message
        assert "nonce" not in refused.value.details


def test_what_a_killed_process_left_is_stale_and_is_taken(path: Path) -> None:
    killed(path)
    assert inspect(path).state == "stale"
    with take(path) as holder:
        assert inspect(path) == lock.LockState("held", holder)


def test_a_dead_holder_is_told_from_a_process_that_has_its_number_now(path: Path) -> None:
    killed(path)
    edit(path, pid=os.getpid())
    assert inspect(path).state == "reused"
    with take(path):
        assert inspect(path).state == "held"


def test_a_lock_that_is_free_is_free_although_the_named_process_lives(path: Path) -> None:
    killed(path)
    edit(path, pid=os.getpid(), started=births.birth(os.getpid()))
    assert inspect(path).state == "stale"
    with take(path):
        pass


def test_another_machine_is_refused_until_somebody_says_that_it_is_over(path: Path) -> None:
    killed(path)
    edit(path, host="far-away", started="another-boot/17")
    before = path.read_bytes()
    assert inspect(path).state == "elsewhere"
    with pytest.raises(Conflict) as refused, take(path):
        pass
    assert (refused.value.code, refused.value.details["host"]) == ("session.locked_elsewhere", "far-away")
    assert str(path) in (refused.value.hint or "")
    assert path.read_bytes() == before
    with take(path, take_over=True) as holder:
        assert inspect(path).holder == holder


def test_this_machine_under_a_new_name_is_no_other_machine(path: Path) -> None:
    killed(path)
    edit(path, host="renamed-since")
    assert inspect(path).state == ("stale" if births.boot() else "elsewhere")


@pytest.mark.parametrize(
    "said",
    [
        b"garbage", b"\0" * 40, b"[]", b"null", b"{}", b"[" * 5000, b"{" + b" " * 5000 + b"}", b"\xff\xfe",
        b'{"pid":true,"started":"","host":"","nonce":"","session":"","at":""}',
        b'{"pid":-1,"started":"","host":"","nonce":"","session":"","at":""}',
        b'{"pid":1,"started":"","host":"","nonce":"","session":"; rm -r ~","at":""}',
        b'{"pid":1,"started":1,"host":"","nonce":"","session":"","at":""}',
    ],
)  # fmt: skip
def test_garbage_decides_nothing_the_lock_does(path: Path, said: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(said)
    assert inspect(path) == lock.LockState("corrupt", None)
    with take(path) as holder:
        assert inspect(path) == lock.LockState("held", holder)


def test_a_lock_without_a_name_is_held_nevertheless(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "PATIENCE_S", 0.1)
    with held_by_another(path):
        path.write_text("garbage")
        assert inspect(path) == lock.LockState("held", None)
        with pytest.raises(Conflict, match="did not say who it is"), take(path):
            pass


def test_who_holds_it_may_hold_it_again_with_its_nonce_and_with_no_other(path: Path) -> None:
    with take(path) as holder:
        with take(path, nonce=holder.nonce) as again:
            assert again == holder
        assert inspect(path).state == "held"
        for nonce in (None, "another"):
            with pytest.raises(Conflict), take(path, nonce=nonce):
                pass
    assert inspect(path).state == "free"


def test_letting_go_leaves_alone_what_another_one_wrote(path: Path) -> None:
    with take(path):
        edit(path, nonce="taken over", host="far-away")
        theirs = path.read_bytes()
    assert path.read_bytes() == theirs


def test_letting_go_leaves_alone_a_file_that_took_its_place(path: Path) -> None:
    with take(path):
        path.unlink()
        with held_by_another(path) as other:
            assert inspect(path).holder
            theirs = path.read_bytes()
            with pytest.raises(Conflict), take(path):
                pass
            other.send_signal(signal.SIGKILL)
            other.wait(30)
    assert path.read_bytes() == theirs


def test_a_file_that_is_removed_while_it_is_being_locked_is_no_lock(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others who open the path would not see that it is held."""
    real, removed = LockFile.lock, []

    def lock_and_lose(file: LockFile, *, shared: bool = False) -> bool:
        if not removed:
            removed.append(path)
            path.unlink()
        return real(file, shared=shared)

    monkeypatch.setattr(LockFile, "lock", lock_and_lose)
    with take(path) as holder:
        assert inspect(path) == lock.LockState("held", holder)


@pytest.mark.parametrize("kind", ["link", "dangling", "pipe", "directory"])
def test_what_is_no_regular_file_is_refused_and_untouched(path: Path, kind: str) -> None:
    path.parent.mkdir()
    target = path.parent / "precious"
    if kind == "link":
        target.write_text("precious")
    if kind in ("link", "dangling"):
        path.symlink_to(target)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    assert inspect(path).state == "corrupt"
    with pytest.raises(CoworkError) as refused, take(path):
        pass
    assert refused.value.code == "file.not_writable"
    assert target.exists() == (kind == "link")


def test_a_full_disk_leaves_no_lock_behind(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(CoworkError) as refused, take(path):
        pass
    assert (refused.value.code, inspect(path).state) == ("file.not_writable", "free")
    monkeypatch.undo()
    with take(path):
        pass


def test_of_64_processes_one_gets_it_and_the_others_are_told_who(path: Path) -> None:
    with ExitStack() as stack:
        racing = [stack.enter_context(process(path, f"s-{number}")) for number in range(64)]
        for one in racing:
            stack.callback(one.kill)
        said = {one: one.stdout.readline().strip() for one in racing if one.stdout}
        (winner,) = [one for one, words in said.items() if words == "held"]
        holder = inspect(path).holder
        assert holder is not None
        assert holder.pid == winner.pid
        assert {words for one, words in said.items() if one is not winner} == {f"session.locked {holder.session}"}
        for one in racing:
            one.communicate("\n", timeout=30)
    assert inspect(path).state == "free"


def test_looking_at_a_lock_keeps_nobody_from_taking_it(path: Path) -> None:
    path.parent.mkdir()
    look = (
        "import sys\nfrom pathlib import Path\nfrom cowork.sessions.lock import inspect\nprint('looks', flush=True)\n"
        "while True: inspect(Path(sys.argv[1]))"
    )
    path.write_bytes(b"")
    with subprocess.Popen([sys.executable, "-c", look, str(path)], stdout=subprocess.PIPE, cwd=ROOT) as looking:
        try:
            assert looking.stdout is not None
            looking.stdout.readline()
            for _ in range(200):
                with take(path):
                    pass
        finally:
            looking.kill()


def test_a_session_and_a_project_have_a_lock_each(tmp_path: Path) -> None:
    place = places.create("20260131-080500-aaaaaa")
    with places.held(place) as holder:
        assert (holder.session, places.alive(place)) == (place.session_id, True)
        (tmp_path / "shop").mkdir()
        with take(project_lock(tmp_path / "shop")):
            assert list((tmp_path / "shop").iterdir()) == []
    assert not places.alive(place)


def test_a_project_has_one_lock_by_whatever_way_it_is_reached_and_names_itself(home: Path, tmp_path: Path) -> None:
    project = tmp_path / "shop"
    project.mkdir()
    (tmp_path / "link").symlink_to(project)
    assert project_lock(tmp_path / "link") == project_lock(project) != project_lock(tmp_path)
    assert project_lock(project).parent == home / "locks"
    with hold(project_lock(project), session="", clock=FakeClock(), project=project) as holder:
        assert holder.project == str(project)[-200:]
        assert inspect(project_lock(project)).holder == holder
        words = re.escape(f"{holder.project} is being worked on: {holder.label}")
        with pytest.raises(Conflict, match=words), hold(project_lock(project), session="", clock=FakeClock()):
            pass


def test_a_long_path_is_cut_so_that_the_lock_still_says_who_holds_it(home: Path, tmp_path: Path) -> None:
    long = tmp_path.joinpath(*["ö" * 60] * 12)
    with hold(project_lock(long), session="", clock=FakeClock(), project=long) as holder:
        assert inspect(project_lock(long)).holder == holder


def test_a_process_that_is_dead_and_not_yet_reaped_has_no_beginning(path: Path) -> None:
    with held_by_another(path) as other:
        assert births.birth(other.pid)
        other.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        assert births.birth(other.pid) is None
        assert inspect(path).state == "stale"


def test_where_proc_says_nothing_ps_tells_when_a_process_began() -> None:
    began = births._from_ps(os.getpid())
    assert began == births._from_ps(os.getpid())
    assert births._from_ps(2**30) == ""
    assert births._exists(os.getpid())
    assert not births._exists(2**30)
