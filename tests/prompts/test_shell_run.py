"""Running a shell block: bounded, and nothing of it is left behind."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from cowork.core.errors import CoworkError
from cowork.core.secrets import child_environment
from cowork.prompts import shell_run
from tests.support import gone


def run(command: str, cwd: Path, **more: object) -> str:
    env = child_environment(os.environ)
    return asyncio.run(shell_run.run(command, cwd=cwd, env=env, **more))  # type: ignore[arg-type]


def test_stdout_comes_first_and_stderr_after_it(tmp_path: Path) -> None:
    assert run("echo err >&2; echo out; pwd", tmp_path) == f"out\n{tmp_path}\nerr"


def test_no_output_says_so(tmp_path: Path) -> None:
    assert run("true", tmp_path) == "(Bash completed with no output)"


@pytest.mark.parametrize(
    "command", ["grep x /dev/null", "test -e nowhere", "diff /dev/null here", "find . -name 'x*' | grep y"]
)
def test_a_search_that_finds_nothing_is_no_failure(command: str, tmp_path: Path) -> None:
    (tmp_path / "here").write_text("x\n")
    assert "no output" in run(command, tmp_path) or command.startswith("diff")


@pytest.mark.parametrize("command", ["false", "exit 3", "grep x nowhere", "no-such-program", "kill -9 $$", "grepx || false"])
def test_a_failure_names_the_command(command: str, tmp_path: Path) -> None:
    with pytest.raises(CoworkError) as failed:
        run(command, tmp_path)
    assert failed.value.code == "prompt.command_failed"
    assert command in failed.value.message


def test_what_it_said_is_the_cause(tmp_path: Path) -> None:
    with pytest.raises(CoworkError) as failed:
        run("echo broken >&2; exit 2", tmp_path)
    assert failed.value.cause == "it ended with 2: broken"


def test_at_the_time_limit_the_whole_group_is_killed(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(CoworkError) as failed:
        run("trap '' TERM; sleep 60 & echo $! > child; sleep 60", tmp_path, timeout_s=0.3)
    assert "0.3 seconds" in (failed.value.cause or "")
    assert time.monotonic() - started < 20
    assert gone(int((tmp_path / "child").read_text()))


def test_what_stays_in_the_background_is_killed_at_the_end(tmp_path: Path) -> None:
    assert run("sleep 60 & echo $!", tmp_path).isdigit()
    assert gone(int(run("sleep 60 & echo $!", tmp_path)))


def test_a_cancelled_run_leaves_nothing(tmp_path: Path) -> None:
    async def cancelled() -> None:
        env = child_environment(os.environ)
        task = asyncio.create_task(shell_run.run("echo $$ > pid; sleep 60", cwd=tmp_path, env=env))
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert gone(int((tmp_path / "pid").read_text()))


def test_much_output_is_cut_and_read_to_its_end(tmp_path: Path) -> None:
    text = run("yes 0123456789 | head -c 20000000; echo done >&2", tmp_path, most=1000)
    assert text.endswith("[The output was cut after 1,000 characters.]")
    assert len(text) < 1100


def test_output_cannot_drive_a_terminal(tmp_path: Path) -> None:
    assert run("printf 'a\\033[31mb\\377'", tmp_path) == "a\\u001b[31mb\ufffd"


def test_it_sees_the_environment_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_API_KEY", "secret")
    assert "secret" not in run("env", tmp_path)
    env = {**child_environment(os.environ), "CLAUDE_PROJECT_DIR": "/p"}
    assert asyncio.run(shell_run.run('echo "$CLAUDE_PROJECT_DIR"', cwd=tmp_path, env=env)) == "/p"


def test_stdin_is_empty(tmp_path: Path) -> None:
    assert run("cat; echo end", tmp_path) == "end"


def test_a_directory_that_is_gone_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(CoworkError):
        run("true", tmp_path / "gone")
