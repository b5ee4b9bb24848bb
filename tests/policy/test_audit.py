"""Writing the audit log: whole lines from many processes, a new file when it is full, and no way around it."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cowork.core import locks
from cowork.core.errors import Denied
from cowork.policy import audit
from cowork.policy.actions import Action
from cowork.policy.rules import Verdict

YES = Verdict(True, False, "default", "nothing forbids it", ())


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line]


def test_the_log_is_private_and_grows_line_by_line(home: Path) -> None:
    audit.record(Action("pack enable", pack="a"), YES)
    first = (home / "audit.jsonl").read_bytes()
    audit.record(Action("pack enable", pack="b"), YES)

    path = home / "audit.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(first)
    assert [line["pack"] for line in lines(path)] == ["a", "b"]


def test_a_hostile_text_stays_on_its_line_and_is_cut(home: Path) -> None:
    nasty = 'x\n{"verdict":"allowed"}\x1b[2J\u2028\ud800' + "y" * 10_000
    audit.record(Action("pack install", source=nasty, what=nasty), YES)

    raw = (home / "audit.jsonl").read_bytes()
    assert (raw.count(b"\n"), raw.isascii()) == (1, True)
    assert len(raw) < 2_000
    assert "\x1b" not in lines(home / "audit.jsonl")[0]["source"]


def test_the_account_is_the_systems_and_not_what_the_environment_says(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    for name in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    audit.record(Action("x"), YES)
    assert lines(home / "audit.jsonl")[0]["who"] == pwd.getpwuid(os.getuid()).pw_name


WRITE = """
import sys
from cowork.policy import audit
from cowork.policy.actions import Action
from cowork.policy.rules import Verdict
audit.MAX_BYTES = int(sys.argv[2])
sys.stdin.readline()
for number in range(40):
    audit.record(Action("x", what=f"{sys.argv[1]}-{number}", source="s" * 400), Verdict(True, False, "default", "r", ()))
"""


@pytest.mark.parametrize("limit", [10 * 1024 * 1024, 4096], ids=["one file", "set aside again and again"])
def test_processes_that_write_at_once_lose_no_line(home: Path, limit: int) -> None:
    children = [
        subprocess.Popen([sys.executable, "-c", WRITE, str(number), str(limit)], stdin=subprocess.PIPE, text=True)
        for number in range(6)
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.close()  # go
    assert [child.wait(60) for child in children] == [0] * 6

    files = list(home.glob("audit*.jsonl"))
    assert (len(files) > 10) == (limit == 4096)
    found = sorted(line["what"] for path in files for line in lines(path))
    assert found == sorted(f"{child}-{number}" for child in range(6) for number in range(40))


def test_a_full_log_is_set_aside_under_a_name_with_the_time(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MAX_BYTES", 10)
    for number in range(3):
        audit.record(Action("x", what=str(number)), YES)

    aside = sorted(home.glob("audit-*.jsonl"))
    assert len(aside) == 2  # also when both have one name, to the second
    assert sorted(line["what"] for path in aside for line in lines(path)) == ["0", "1"]
    assert [line["what"] for line in lines(home / "audit.jsonl")] == ["2"]


def test_a_log_that_somebody_else_has_just_set_aside_is_left_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MAX_BYTES", 300)
    for number in range(2):
        audit.record(Action("x", what=str(number)), YES)
    taken = locks.locked

    @contextlib.contextmanager
    def overtaken(path: Path) -> Iterator[None]:
        """The lock is ours only after another process has done what we were about to do."""
        (home / "audit.jsonl").rename(home / "audit-other.jsonl")
        (home / "audit.jsonl").write_text("")
        with taken(path):
            yield

    monkeypatch.setattr(locks, "locked", overtaken)
    audit.record(Action("x", what="2"), YES)

    assert [path.name for path in home.glob("audit-*.jsonl")] == ["audit-other.jsonl"]
    assert [line["what"] for line in lines(home / "audit.jsonl")] == ["2"]


def test_a_line_that_somebody_was_stopped_in_does_not_swallow_the_next(home: Path) -> None:
    audit.record(Action("x", what="first"), YES)
    with (home / "audit.jsonl").open("ab") as stream:
        stream.write(b'{"at":"2026-01')
    audit.record(Action("x", what="next"), YES)

    raw = (home / "audit.jsonl").read_text().splitlines()
    assert len(raw) == 3
    assert json.loads(raw[2])["what"] == "next"


@pytest.mark.parametrize("what", ["directory", "fifo", "device"])
def test_a_log_that_is_no_file_is_refused_and_nobody_waits(home: Path, what: str) -> None:
    home.mkdir()
    path = home / "audit.jsonl"
    if what == "directory":
        path.mkdir()
    elif what == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/null")
    with pytest.raises(Denied) as caught:
        audit.record(Action("x"), YES)
    assert caught.value.code == "audit.not_writable"


def test_a_home_that_cannot_be_made_is_refused(home: Path) -> None:
    home.write_text("a file")
    with pytest.raises(Denied) as caught:
        audit.record(Action("x"), YES)
    assert caught.value.code == "audit.not_writable"
    assert caught.value.cause


FULL_DISK = """
import resource, signal
from cowork.core import locks
from cowork.core.errors import Denied
from cowork.policy import audit
from cowork.policy.actions import Action
from cowork.policy.rules import Verdict
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
try:
    audit.record(Action("x"), Verdict(True, False, "default", "r", ()))
except Denied as error:
    print(error.code)
"""


def test_a_line_that_does_not_fit_on_the_disk_is_refused(home: Path) -> None:
    assert resource.RLIMIT_FSIZE is not None
    done = subprocess.run([sys.executable, "-c", FULL_DISK], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("audit.not_writable\n", 0), done.stderr

    audit.record(Action("x", what="later"), YES)  # when there is room again
    assert json.loads((home / "audit.jsonl").read_text().splitlines()[-1])["what"] == "later"
