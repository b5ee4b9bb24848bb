"""Processes of connectors: bounded in time and output, and gone when they are over, with all they started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cowork.connectors.process import MAX_OUTPUT, Ended, Job, clean_environment, run
from cowork.core.errors import CoworkError, LimitReached, Unavailable
from tests.connectors.samples import call, shell
from tests.support import gone


def job(command: str, directory: Path, *, timeout_s: float = 10, stdin: bytes = b"") -> Job:
    return Job(("/bin/sh", "-c", command), directory, clean_environment(os.environ), timeout_s, command, stdin=stdin)


def sh(command: str, directory: Path, timeout_s: float = 10, stdin: bytes = b"") -> Ended:
    return run(job(command, directory, timeout_s=timeout_s, stdin=stdin))


def test_an_end_is_a_status_and_what_was_said(tmp_path: Path) -> None:
    assert sh("echo out; echo err >&2; exit 3", tmp_path) == Ended(3, b"out\n", b"err\n", False, False)


def test_stdin_is_given_whole_while_output_is_read(tmp_path: Path) -> None:
    ended = sh("cat; echo done >&2", tmp_path, stdin=b"x" * 500_000)

    assert (len(ended.stdout), ended.stderr) == (500_000, b"done\n")


def test_a_process_need_not_read_its_stdin(tmp_path: Path) -> None:
    assert sh("exit 0", tmp_path, stdin=b"x" * 500_000).exit_code == 0
    assert sh("exec <&-; echo a", tmp_path, stdin=b"x" * 500_000).stdout == b"a\n"


def test_output_beyond_the_limit_is_read_and_dropped(tmp_path: Path) -> None:
    ended = sh(f"head -c {MAX_OUTPUT + 100_000} /dev/zero; head -c {MAX_OUTPUT} /dev/zero >&2", tmp_path)

    assert (ended.exit_code, len(ended.stdout), len(ended.stderr), ended.truncated) == (0, MAX_OUTPUT, MAX_OUTPUT, True)
    assert not sh(f"head -c {MAX_OUTPUT} /dev/zero", tmp_path).truncated


def test_a_process_that_does_not_end_is_asked_and_then_killed_with_its_group(tmp_path: Path) -> None:
    started = time.monotonic()
    ended = sh("trap '' TERM; sleep 60 & echo $!; sleep 60", tmp_path, timeout_s=0.2)

    assert ended.timed_out
    assert time.monotonic() - started < 3
    assert gone(int(ended.stdout))


def test_a_process_may_end_in_order_when_it_is_asked(tmp_path: Path) -> None:
    ended = sh("trap 'echo bye; exit 0' TERM; echo hi; while :; do sleep 0.05; done", tmp_path, timeout_s=0.3)

    assert (ended.timed_out, ended.stdout) == (True, b"hi\nbye\n")


def test_output_without_end_is_stopped_by_the_time(tmp_path: Path) -> None:
    ended = sh("yes", tmp_path, timeout_s=0.2)

    assert (ended.timed_out, ended.truncated, len(ended.stdout)) == (True, True, MAX_OUTPUT)


def test_what_is_left_in_the_background_is_not_waited_for_and_ends(tmp_path: Path) -> None:
    started = time.monotonic()
    ended = sh("sleep 60 & echo $!", tmp_path)

    assert (ended.exit_code, ended.timed_out) == (0, False)
    assert time.monotonic() - started < 3
    assert gone(int(ended.stdout))


def test_a_process_that_closed_its_output_is_waited_for(tmp_path: Path) -> None:
    ended = sh("exec >&- 2>&-; sleep 0.1; touch there", tmp_path)

    assert (ended.exit_code, (tmp_path / "there").exists()) == (0, True)
    assert sh("exec >&- 2>&-; sleep 60", tmp_path, timeout_s=0.1).timed_out


def test_it_has_no_terminal_and_a_group_of_its_own(tmp_path: Path) -> None:
    ended = sh(
        "ps -o pgid= -p $$ 2>/dev/null || cut -d' ' -f5 /proc/$$/stat; echo $$; (: </dev/tty) 2>&1 || echo none", tmp_path
    )

    group, own, *_, terminal = ended.stdout.decode().split("\n")[:-1]
    assert (group.strip(), terminal) == (own, "none")


def test_a_signal_is_a_negative_status(tmp_path: Path) -> None:
    assert sh("kill -9 $$", tmp_path).exit_code == -9


def test_a_program_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        run(Job(("/nowhere/prog",), tmp_path, {}, 1, "prog"))

    assert (caught.value.code, caught.value.exit_code) == ("connector.no_runtime", 7)


def test_no_file_stays_open(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        sh("echo", tmp_path, stdin=b"x")
        sh("sleep 9", tmp_path, timeout_s=0.01)

    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_when_cowork_is_told_to_end_the_process_ends_with_it(home: Path, tmp_path: Path, number: signal.Signals) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    from tests.connectors.samples import write_pack

    write_pack(home, shell("echo $$ >{{fifo}}; sleep 60"))
    argv = [
        str(Path(sys.executable).parent / "cowork"),
        "connector",
        "call",
        "it",
        "--json",
        "--input",
        f'{{"fifo": "{fifo}"}}',
    ]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    pid = int(fifo.read_text())  # waits until it runs
    process.send_signal(number)
    out, _ = process.communicate(timeout=20)

    assert process.returncode == 128 + number
    assert b'"ok":false' in out
    assert gone(pid)


def test_a_failure_carries_what_was_printed(home: Path) -> None:
    with pytest.raises(CoworkError) as caught:
        call(home, shell("echo out; echo first >&2; echo 'the reason' >&2; exit 4"))

    assert (caught.value.code, caught.value.exit_code, caught.value.details) == (
        "connector.command_failed",
        1,
        {"exit_code": 4},
    )
    assert caught.value.cause == "the reason"
    assert (caught.value.data.exit_code, caught.value.data.stdout) == (4, "out\n")


def test_time_that_ran_out_is_a_limit_and_carries_what_was_printed(home: Path) -> None:
    with pytest.raises(LimitReached) as caught:
        call(home, shell("echo out; sleep 60"), timeout_s=0.2)

    assert (caught.value.code, caught.value.exit_code) == ("connector.timeout", 8)
    assert caught.value.data.stdout == "out\n"


def test_a_secret_that_the_limit_cuts_in_two_does_not_show(home: Path) -> None:
    secret = "hunter2-hunter2-hunter2"
    padding = MAX_OUTPUT - 10
    done = call(
        home,
        shell(f"head -c {padding} /dev/zero | tr '\\0' x; echo {{{{env.KEY}}}}"),
        environ={"KEY": secret, "PATH": os.environ["PATH"]},
    )

    assert done.truncated
    assert set(done.stdout or "") == {"x"}


def test_it_runs_beside_the_main_thread_too(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(sh, "echo a", tmp_path).result().stdout == b"a\n"


def test_what_left_its_group_is_ended_as_well(tmp_path: Path) -> None:
    ended = sh("setsid sleep 60 >/dev/null 2>&1 & echo $!", tmp_path)

    assert gone(int(ended.stdout))
