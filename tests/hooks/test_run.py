"""Handlers as processes: what they are given, what is taken from them, and how they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from cowork.hooks.command import environment, working_directory
from cowork.hooks.records import Handler, Ran
from cowork.hooks.run import Round, run_here
from tests.hooks.pipes import watch
from tests.support import PROGRAM

BIG = "x" * 1_000_000  # more than any pipe holds


def run(command: str, stdin: str = "{}", timeout: float = 60) -> Ran:
    handler, where = Handler(command, timeout), working_directory()
    round_ = Round(stdin, lambda item: environment(item, os.environ, where), {})
    [ran] = run_here(round_, [handler])
    return ran


def test_a_handler_gets_the_event_on_stdin_and_is_heard_on_both_streams() -> None:
    ran = run("cat; echo complaint >&2; exit 3", '{"tool_name": "Bash ü"}')

    assert (ran.command, ran.exit_code, ran.timed_out) == ("cat; echo complaint >&2; exit 3", 3, False)
    assert (ran.stdout, ran.stderr) == ('{"tool_name": "Bash ü"}', "complaint\n")


def test_a_handler_is_a_line_of_shell() -> None:
    assert run("a=b; echo $a | tr b c && true").stdout == "c\n"


def test_input_and_output_may_be_larger_than_a_pipe() -> None:
    assert run("cat", BIG).stdout == BIG


@pytest.mark.parametrize("command", ["exit 3", "exec 0<&-; exit 3", "head -c 1 >/dev/null; exit 3"])
def test_a_handler_need_not_read_what_it_is_given(command: str) -> None:
    assert run(command, BIG).exit_code == 3


def test_a_handler_inherits_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUARD_LEVEL", "high")

    assert run("echo $GUARD_LEVEL").stdout == "high\n"


def test_a_handler_is_told_where_the_project_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert run("echo $CLAUDE_PROJECT_DIR; pwd").stdout == f"{tmp_path / 'work'}\n" * 2

    monkeypatch.setenv("CLAUDE_PROJECT_DIR", "/the/host/says/so")
    assert run("echo $CLAUDE_PROJECT_DIR").stdout == "/the/host/says/so\n"


def test_a_removed_working_directory_does_not_keep_a_guard_from_running(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    os.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    ran = run("echo $CLAUDE_PROJECT_DIR; exit 2")

    assert (ran.exit_code, ran.stdout) == (2, "/\n")


def test_output_that_is_no_utf_8_is_shown_as_far_as_it_is() -> None:
    ran = run(r"printf 'a\377b'; printf '\376' >&2; exit 2")

    assert (ran.exit_code, ran.stdout, ran.stderr) == (2, "a\ufffdb", "\ufffd")


def test_a_command_that_does_not_exist_ends_with_127() -> None:
    ran = run("/no/such/guard --strict")

    assert ran.exit_code == 127
    assert "/no/such/guard" in ran.stderr


def test_a_handler_that_is_killed_says_by_which_signal() -> None:
    ran = run("kill -KILL $$")

    assert (ran.exit_code, ran.timed_out) == (-signal.SIGKILL, False)


def test_on_time_out_the_handler_and_its_children_are_killed(tmp_path: Path) -> None:
    with watch(tmp_path / "alive") as alive:
        ran = run(f"(echo child; sleep 600) > {alive.path} & sleep 600", timeout=2)

        assert (ran.timed_out, ran.exit_code) == (True, -signal.SIGKILL)
        assert alive.read() == b"child\n"
        assert alive.read() == b"", "the child outlived its handler"


def test_a_handler_that_ignores_being_asked_is_killed_all_the_same() -> None:
    assert run("trap '' TERM INT HUP; while :; do sleep 600; done", timeout=0.1).timed_out


@pytest.mark.parametrize("place", ["", "setsid "], ids=["in the group", "in a session of its own"])
def test_a_child_left_in_the_background_is_not_waited_for(tmp_path: Path, place: str) -> None:
    os.mkfifo(tmp_path / "held")
    held = os.open(tmp_path / "held", os.O_RDWR)  # the child reads from it until we close it
    try:
        started = time.monotonic()
        ran = run(f"{place}cat {tmp_path / 'held'} & echo said; echo why >&2; exit 2")
    finally:
        os.close(held)

    assert (ran.exit_code, ran.stdout, ran.stderr, ran.timed_out) == (2, "said\n", "why\n", False)
    assert time.monotonic() - started < 30


def test_a_child_that_left_the_group_cannot_hold_up_a_time_out(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "held")
    held = os.open(tmp_path / "held", os.O_RDWR)
    try:
        started = time.monotonic()
        ran = run(f"setsid cat {tmp_path / 'held'} & sleep 600", timeout=0.5)
    finally:
        os.close(held)

    assert ran.timed_out
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_handlers_die_with_the_program_that_runs_them(home: Path, tmp_path: Path, number: signal.Signals) -> None:
    with watch(tmp_path / "alive") as alive:
        home.mkdir()
        command = f"(echo child; sleep 600) > {alive.path} & sleep 600"
        hooks = {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": command}]}]}}
        (home / "hooks.json").write_text(json.dumps(hooks))
        with subprocess.Popen([str(PROGRAM), "hook", "run", "Stop"], stdin=subprocess.PIPE, stderr=subprocess.PIPE) as program:
            assert program.stdin is not None
            assert program.stderr is not None
            program.stdin.write(b"{}")
            program.stdin.close()
            assert alive.read() == b"child\n"

            program.send_signal(number)

            assert alive.read() == b"", "the handler outlived the program"
            assert (program.wait(timeout=60), program.stderr.read()) == (128 + number, b"")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_comes_while_the_handler_starts_is_not_lost(tmp_path: Path, number: signal.Signals) -> None:
    with watch(tmp_path / "alive") as alive:
        command = f"exec > {alive.path}; kill -{number.name[3:]} $PPID; echo signalled; sleep 600"

        with pytest.raises(SystemExit) as caught:
            run(command)

        assert caught.value.code == 128 + number
        assert alive.read() in (b"signalled\n", b"")
        assert alive.read() == b""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_callers_own_signal_handling_is_given_back(number: signal.Signals) -> None:
    def ours(*_: object) -> None:
        """The caller's."""

    before = signal.signal(number, ours)
    try:
        run("true")
        assert signal.getsignal(number) is ours
    finally:
        signal.signal(number, before)


def test_a_signal_the_caller_ignores_stays_ignored() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        assert run("kill -TERM $PPID; echo done").stdout == "done\n"
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_handler_can_be_run_from_any_thread() -> None:
    answers: list[Ran] = []
    thread = threading.Thread(target=lambda: answers.append(run("cat", "from a thread")))

    thread.start()
    thread.join(timeout=60)

    assert [ran.stdout for ran in answers] == ["from a thread"]
