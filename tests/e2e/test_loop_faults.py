"""Working loops as processes: two at once, killed, told to end, cut off from their readers, on a full disk."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cowork.sessions import journal
from tests.fake_agent.running import install
from tests.support import alive, gone

LOOP = [sys.executable, "-m", "cowork", "loop"]
DONE = {"say": "Done.\n{{promise}}"}
HANGS = [
    {"spawn": {"pid_file": "pids", "apart": True}},
    {"spawn": {"pid_file": "pids"}},
    "ignore_term",
    {"say": "At it."},
    "hang",
]
OBEYS = [step for step in HANGS if step != "ignore_term"]  # and is not waited for when it is told to end


class Place:
    """A project, and a fake agent with a script beside it."""

    def __init__(self, root: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = home
        self.root = root
        self.project = root / "project"
        self.project.mkdir()
        install(root / "bin")
        monkeypatch.setenv("PATH", f"{root / 'bin'}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setenv("COWORK_FAKE_AGENT", str(root / "script.json"))
        monkeypatch.setenv("COWORK_FAKE_AGENT_LOG", str(root / "calls.log"))
        monkeypatch.setenv("COWORK_RETRY_DELAY_MS", "1")

    def script(self, *calls: list[Any]) -> None:
        self.root.joinpath("script.json").write_text(json.dumps({"calls": [{"do": steps} for steps in calls]}))

    def start(self, *words: str, **how: Any) -> subprocess.Popen[bytes]:
        argv = [*LOOP, *(words or ("run", "Do it", "--agent", "fake-agent")), "--json"]
        pipe = subprocess.PIPE
        given = {"stdin": subprocess.DEVNULL, "stdout": pipe, "stderr": pipe, "cwd": self.project, "start_new_session": True}
        return subprocess.Popen(argv, **{**given, **how})

    def ends(self, *words: str, **how: Any) -> tuple[int, dict[str, Any]]:
        """Run it to its end: exit code and document."""
        process = self.start(*words, **how)
        out, err = process.communicate(timeout=60)
        assert out, err
        return process.returncode, json.loads(out)

    @property
    def sessions(self) -> list[Path]:
        return sorted((self.home / "sessions").glob("*"))

    def kinds(self) -> list[str]:
        return [event["type"] for event in journal.read(self.sessions[0] / "journal.jsonl")]

    def at_work(self, steps: list[Any] = HANGS) -> subprocess.Popen[bytes]:
        """A run whose agent hangs, with two helpers of its own of which one has left for a session of its own."""
        self.script([*steps], [DONE])
        process = self.start()
        until(lambda: len(self.pids()) == 2 and b"At it." in self.output(), process)
        return process

    def pids(self) -> list[int]:
        try:
            return [int(pid) for pid in (self.project / "pids").read_text().split()]
        except FileNotFoundError:
            return []

    def output(self) -> bytes:
        return b"".join(path.read_bytes() for path in self.home.glob("sessions/*/output/*.log"))


def until(so: Callable[[], bool], process: subprocess.Popen[bytes] | None = None) -> None:
    end = time.monotonic() + 30
    while not so():
        assert time.monotonic() < end
        assert process is None or process.poll() is None, process.communicate()
        time.sleep(0.01)


@pytest.fixture
def place(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(tmp_path, home, monkeypatch)


def killed(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def test_a_second_run_on_a_project_is_refused_and_leaves_no_session_and_a_dead_one_stops_nobody(place: Place) -> None:
    first = place.at_work()
    code, document = place.ends("run", "Another", "--agent", "fake-agent")
    assert (code, document["error"]["code"]) == (5, "session.locked")
    assert str(first.pid) in document["error"]["message"]
    code, document = place.ends("run", "Another", "--agent", "fake-agent", "--detach")
    assert (code, document["error"]["code"], len(place.sessions)) == (5, "session.locked", 1)
    code, document = place.ends("resume", place.sessions[0].name)
    assert (code, document["error"]["code"]) == (5, "session.locked")
    killed(first)
    code, document = place.ends("run", "Another", "--agent", "fake-agent")
    assert (code, document["data"]["status"], len(place.sessions)) == (0, "completed", 2)


def test_another_session_of_the_project_is_not_gone_on_with_while_one_runs(place: Place) -> None:
    first = place.at_work()
    killed(first)
    earlier = place.sessions[0].name
    (place.project / "pids").unlink()
    place.script([*OBEYS], [DONE], [DONE])  # another script: it begins anew
    second = place.start()
    until(lambda: len(place.pids()) == 2, second)
    code, document = place.ends("resume", earlier)
    assert (code, document["error"]["code"]) == (5, "session.locked")
    second.terminate()
    second.communicate(timeout=30)
    assert place.ends("resume", earlier)[0] == 0


def test_of_two_who_go_on_with_a_session_one_does(place: Place) -> None:
    killed(place.at_work())
    place.script([{"sleep": 1}, DONE])
    both = [place.start("resume", "last") for _ in range(2)]
    ended = sorted((process.wait(60), json.loads(process.communicate()[0])["ok"]) for process in both)
    assert ended == [(0, True), (5, False)]
    assert place.kinds().count("run.resumed") == 1


def test_who_goes_on_with_a_killed_run_ends_what_still_works_for_it(place: Place) -> None:
    killed(place.at_work())
    helpers = place.pids()
    assert all(alive(pid) for pid in helpers)
    code, document = place.ends("resume", "last")
    assert (code, document["data"]["iterations"]) == (0, 1)
    assert all(gone(pid) for pid in helpers)


@pytest.mark.parametrize(("number", "code", "steps"), [(signal.SIGTERM, 143, HANGS), (signal.SIGINT, 130, OBEYS)])
def test_told_to_end_it_takes_everything_with_it_that_an_agent_started(
    place: Place, number: int, code: int, steps: list[Any]
) -> None:
    process = place.at_work(steps)
    process.send_signal(number)
    out, _ = process.communicate(timeout=30)
    assert (process.returncode, json.loads(out)["error"]["exit"]) == (code, code)
    assert all(gone(pid) for pid in place.pids())
    assert (place.kinds()[-1], place.kinds().count("run.interrupted")) == ("run.interrupted", 1)
    assert place.ends("resume", "last")[0] == 0


def test_told_to_end_while_a_check_runs_it_takes_that_with_it(place: Place) -> None:
    place.script([DONE])
    check = "setsid sleep 600 & echo $! > pids; trap '' TERM; echo $$ >> pids; sleep 600"
    process = place.start("run", "Do it", "--agent", "fake-agent", "--check", check)
    until(lambda: len(place.pids()) == 2, process)
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 143
    assert all(gone(pid) for pid in place.pids())


def test_in_the_background_and_killed_it_can_be_gone_on_with(place: Place) -> None:
    place.script([*HANGS], [DONE])
    code, document = place.ends("run", "Do it", "--agent", "fake-agent", "--detach")
    assert (code, document["data"]["status"]) == (0, "detached")
    until(lambda: len(place.pids()) == 2)
    holder = json.loads((place.sessions[0] / "lock").read_text())
    os.kill(holder["pid"], signal.SIGKILL)
    assert gone(holder["pid"])
    assert place.ends("show", "last")[1]["data"]["status"] == "interrupted"
    assert place.ends("resume", "last")[0] == 0
    assert all(gone(pid) for pid in place.pids())


def test_a_lock_that_names_a_process_with_that_number_but_another_birth_stops_nobody(place: Place) -> None:
    killed(place.at_work())
    for path in (place.sessions[0] / "lock", next((place.home / "locks").iterdir())):
        held = json.loads(path.read_text())
        path.write_text(json.dumps({**held, "pid": os.getpid()}))
    assert place.ends("resume", "last")[0] == 0


def test_whoever_stops_reading_the_stream_ends_the_run_in_order(place: Place) -> None:
    place.script(*[[{"say": "Not yet."}]] * 3, [*HANGS])
    process = place.start("run", "Do it", "--agent", "fake-agent", "--stream", "--stagnation", "9")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr as stderr:
        assert b"Traceback" not in stderr.read()
    process.wait(60)
    assert place.kinds()[-1] == "run.interrupted"
    assert all(gone(pid) for pid in place.pids())


def test_a_full_disk_ends_the_run_and_once_there_is_room_it_goes_on(place: Place) -> None:
    """Files may not grow beyond so much: the first write that does takes only part of what it is given."""
    place.script(*[[{"say": f"Step {number}. " + "x" * 400}] for number in range(30)], [DONE])
    program = (
        "import signal, sys\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from cowork.cli.main import run\nsys.exit(run(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "loop", "run", "Do it", "--agent", "fake-agent", "--json"],
        cwd=place.project,
        capture_output=True,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000)),
    )
    document = json.loads(done.stdout)
    assert (done.returncode, document["error"]["code"]) == (1, "file.not_writable"), document
    events = journal.read(place.sessions[0] / "journal.jsonl")
    assert (place.sessions[0] / "journal.jsonl").read_bytes().endswith(b"\n")
    answered = sum(event["type"] == "agent.completed" for event in events)
    assert answered > 2
    code, document = place.ends("resume", "last", "--max-iterations", "100")
    assert (code, document["data"]["iterations"], document["data"]["notes"]) == (0, 31, [])


def test_a_session_that_cannot_be_written_to_is_an_error_and_nothing_is_asked(place: Place) -> None:
    killed(place.at_work())
    calls = (place.root / "calls.log").read_text()
    session = place.sessions[0]
    for path in (session, session / "journal.jsonl"):
        path.chmod(0o500 if path.is_dir() else 0o400)
    code, document = place.ends("resume", "last", preexec_fn=powerless)
    assert (code, document["error"]["code"]) == (1, "file.not_writable")
    assert (place.root / "calls.log").read_text() == calls
    (place.home / "sessions").chmod(0o500)
    code, document = place.ends("run", "Do it", "--agent", "fake-agent", preexec_fn=powerless)
    assert (code, document["error"]["code"], len(place.sessions)) == (1, "file.not_writable", 1)
    for path in (place.home / "sessions", session, session / "journal.jsonl"):
        path.chmod(0o700)


def powerless() -> None:
    """Modes of files hold for this process, even when it is root: it loses CAP_DAC_OVERRIDE with the program it becomes."""
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


def test_an_agent_that_pours_out_a_hundred_megabytes_takes_little_memory_and_all_is_on_disk(place: Place) -> None:
    place.script([{"flood": {"mb": 100, "into": "noise"}}, {"say": "Enough."}, "hang"])
    process = place.start()
    until(lambda: b"Enough." in tail(place.home), process)
    status = Path(f"/proc/{process.pid}/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) / 1000
    process.terminate()
    process.communicate(timeout=30)
    assert peak < 120
    assert sum(path.stat().st_size for path in place.home.glob("sessions/*/output/*.log")) >= 100 << 20


def tail(home: Path) -> bytes:
    found = list(home.glob("sessions/*/output/*.log"))
    if not found:
        return b""
    with found[0].open("rb") as stream:
        stream.seek(max(0, found[0].stat().st_size - 5000))
        return stream.read()
