"""The directory of one installation under way: gone with it, swept up after a killed process, never taken from a living one."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cowork.core.errors import CoworkError
from cowork.install.places import Place
from cowork.install.staging import staging, sweep
from tests.registry.places import write

HOLD = """
import sys
from pathlib import Path
from cowork.install.places import Place
from cowork.install.staging import staging
with staging(Place("user", Path(sys.argv[1]))) as work:
    (work / "half.md").write_text("half")
    print(work, flush=True)
    sys.stdin.readline()
"""
OFTEN = """
import sys
from pathlib import Path
from cowork.install.places import Place
from cowork.install.staging import staging
for _ in range(int(sys.argv[2])):
    with staging(Place("user", Path(sys.argv[1]))) as work:
        (work / "a").write_text("a")
        assert (work / "a").read_text() == "a"
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place("user", tmp_path / "outer" / "base")


@pytest.fixture
def holder(place: Place) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A living process with a staging directory."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(place.base)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process, Path(process.stdout.readline().strip())
    finally:
        process.kill()
        process.communicate()


def test_it_is_empty_private_and_on_the_file_system_of_the_packs(place: Place) -> None:
    with staging(place) as work:
        assert work.parent == place.staging
        assert work.stat().st_mode & 0o777 == 0o700
        assert place.staging.stat().st_mode & 0o777 == 0o700
        assert [path.name for path in work.iterdir()] == [".lock"]


def test_it_goes_with_everything_in_it_and_with_the_directories_it_brought(place: Place, tmp_path: Path) -> None:
    with staging(place) as work:
        write(work / "tree/notes/a.md", "a")
    assert not (tmp_path / "outer").exists()
    assert tmp_path.exists()


def test_it_goes_when_something_goes_wrong(place: Place, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), staging(place) as work:
        write(work / "a.md", "a")
        raise ZeroDivisionError
    assert not (tmp_path / "outer").exists()


def test_directories_that_are_not_empty_stay(place: Place) -> None:
    with staging(place):
        write(place.base / "extensions/notes/a.md", "a")
    assert (place.base / "extensions/notes/a.md").exists()
    assert not place.staging.exists()


def test_directories_that_were_there_stay(place: Place) -> None:
    place.staging.mkdir(parents=True)
    with staging(place):
        pass
    assert list(place.base.iterdir()) == [place.staging]
    assert list(place.staging.iterdir()) == []


def test_two_at_once_do_not_meet(place: Place) -> None:
    with staging(place) as one:
        with staging(place) as other:
            assert one != other
            write(one / "a", "a")
        assert (one / "a").exists()
        assert not other.exists()
    assert not place.base.exists()


def test_a_dry_run_has_one_in_the_systems_own_directory(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with staging(None) as work:
        write(work / "tree/a.md", "a")
        assert tmp_path not in work.parents
        assert work.stat().st_mode & 0o777 == 0o700
    assert not work.exists()
    assert not place.base.exists()


def test_a_place_that_cannot_be_written_is_an_error(place: Place) -> None:
    write(place.base, "a file where the directory should be")
    with pytest.raises(CoworkError) as caught, staging(place):
        pass
    assert caught.value.code == "file.not_writable"
    assert place.base.read_text() == "a file where the directory should be"


def test_a_disk_that_is_full_is_an_error_and_leaves_nothing(place: Place) -> None:
    with pytest.raises(CoworkError) as caught, staging(place):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "a.md")
    assert caught.value.code == "file.not_writable"
    assert not place.base.exists()


def test_a_reader_who_has_gone_is_no_full_disk(place: Place) -> None:
    with pytest.raises(BrokenPipeError), staging(place):
        raise BrokenPipeError
    assert not place.base.exists()


# -- sweeping ------------------------------------------------------------------------------------------------------------------


def test_nothing_is_swept_where_nothing_is(place: Place) -> None:
    assert sweep(place) == 0
    assert not place.base.exists()


def test_a_living_process_keeps_its_directory(place: Place, holder: tuple[subprocess.Popen[str], Path]) -> None:
    process, work = holder
    assert sweep(place) == 0
    assert (work / "half.md").read_text() == "half"
    process.communicate("done\n", timeout=30)
    assert process.returncode == 0
    assert not work.exists()


def test_what_a_killed_process_left_is_swept(place: Place, holder: tuple[subprocess.Popen[str], Path]) -> None:
    process, work = holder
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    assert (work / "half.md").exists()
    assert sweep(place) == 1
    assert not place.staging.exists()
    assert sweep(place) == 0


def test_one_that_lives_and_one_that_died_are_told_apart(place: Place, holder: tuple[subprocess.Popen[str], Path]) -> None:
    process, dead = holder
    with staging(place) as alive:
        process.kill()
        process.wait(timeout=30)
        assert sweep(place) == 1
        assert alive.exists()
        assert not dead.exists()
        assert (alive / ".lock").exists()
    assert not alive.exists()


def test_what_was_killed_before_it_had_a_lock_is_swept(place: Place) -> None:
    with staging(place) as work:
        work.with_name(f"{work.name}-too").mkdir()
    assert sweep(place) == 1
    assert not place.staging.exists()


def test_what_is_no_directory_and_what_a_link_leads_to_is_left(place: Place, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere/a.md", "a")
    write(place.staging / "file", "")
    with staging(place) as work:
        work.with_name(f"{work.name}-link").symlink_to(tmp_path / "elsewhere")
        write(work.with_name(f"{work.name}-file"), "")
    assert sweep(place) == 0
    assert (tmp_path / "elsewhere/a.md").exists()
    assert len(list(place.staging.iterdir())) == 3


def test_a_lock_that_leads_elsewhere_is_not_opened(place: Place, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere", "")
    with staging(place) as work:
        odd = work.with_name(f"{work.name}-too")
        odd.mkdir()
    (odd / ".lock").symlink_to(tmp_path / "elsewhere")
    assert sweep(place) == 0


def test_who_waited_for_a_directory_that_is_gone_leaves_the_new_one_alone(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with staging(place) as work:
        begun = place.staging / work.name
    place.staging.mkdir(parents=True)
    held = os.open(place.staging, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    waits, lock = threading.Event(), fcntl.flock

    def flock(handle: int, how: int) -> None:
        waits.set()
        lock(handle, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    with ThreadPoolExecutor(1) as pool:
        swept = pool.submit(sweep, place)
        assert waits.wait(30)
        place.staging.rmdir()
        begun.mkdir(parents=True)  # somebody begins: this directory is there, and its lock is not yet
        os.close(held)
        assert swept.result(30) == 0
    assert begun.exists()


def test_sweeping_while_others_begin_and_end_takes_nothing_from_them(place: Place) -> None:
    others = [
        subprocess.Popen([sys.executable, "-c", OFTEN, str(place.base), "60"], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    while any(other.poll() is None for other in others):
        sweep(place)
    for other in others:
        _, complaint = other.communicate()
        assert other.returncode == 0, complaint
