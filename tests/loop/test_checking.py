"""Check commands on a directory."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest

from cowork.loop.checking import CheckResult, check, failures, feedback
from cowork.loop.engine.events import problems
from tests.support import gone

CANARY = "sk-canary-5b1e77c2d9"


def checked(
    *commands: str, directory: Path | None = None, timeout_s: float = 20.0
) -> tuple[tuple[CheckResult, ...], list[dict[str, Any]]]:
    events: list[dict[str, Any]] = []

    def journalled(kind: str, data: dict[str, Any]) -> None:
        assert problems(kind, data) == []
        events.append(data)

    where = {"iteration": 3, "task": "T-1"}
    place = directory or Path.cwd()
    return asyncio.run(check(commands, place, timeout_s=timeout_s, journalled=journalled, where=where)), events


def test_commands_run_in_the_directory_and_are_journalled(tmp_path: Path) -> None:
    results, events = checked("pwd", directory=tmp_path)
    assert (results[0].passed, results[0].output) == (True, str(tmp_path))
    seconds = events[0].pop("seconds")
    assert events == [{"iteration": 3, "task": "T-1", "command": "pwd", "status": 0, "output": str(tmp_path)}]
    assert seconds >= 0


def test_all_are_run_whatever_the_first_comes_to_and_each_once(home: Path) -> None:
    results, events = checked("echo one; exit 1", "touch two", "echo three >&2; exit 3", "touch two")
    assert [result.status for result in results] == [1, 0, 3]
    assert (Path("two").exists(), len(events)) == (True, 3)
    assert [result.output for result in failures(results)] == ["one", "three"]
    assert feedback(results) == ("`echo one; exit 1` ended with 1:\none\n\n`echo three >&2; exit 3` ended with 3:\nthree")


def test_nothing_failed_is_nothing_to_say(home: Path) -> None:
    assert feedback(checked("true")[0]) == ""
    assert checked()[0] == ()


def test_a_command_is_given_to_the_shell_as_it_is(home: Path) -> None:
    results, _ = checked("printf '%s|' \"$(echo a b)\" 'c\"d' `echo e`\nprintf x")
    assert results[0].output == 'a b|c"d|e|x'


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("no-such-program --x", "ended with 127: the shell did not find a command"),
        ("/etc/passwd", "ended with 126: the shell found a command and could not run it"),
        ("kill -9 $$", "was ended by signal 9"),
        ("sleep 600", "did not end in time"),
        ("exit 7", "ended with 7"),
    ],
)
def test_how_a_command_ended_is_told_in_words(home: Path, command: str, words: str) -> None:
    results, _ = checked(command, timeout_s=1.0 if "sleep" in command else 20.0)
    assert results[0].verdict == f"`{command}` {words}"


@pytest.mark.parametrize("command", ["echo \0", "true " + "x" * 3_000_000])
def test_a_command_that_cannot_be_started_failed(home: Path, command: str) -> None:
    results, _ = checked(command, "true")
    assert [result.status for result in results] == [126, 0]
    assert results[0].output.startswith("it cannot be started: ")


def test_a_directory_that_is_gone_is_a_failure_and_no_crash(tmp_path: Path) -> None:
    assert checked("true", directory=tmp_path / "gone")[0][0].output == "it cannot be started: No such file or directory"


def test_no_secret_is_handed_on_or_shown(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", CANARY)
    Path("leak.txt").write_text(CANARY)
    results, events = checked('echo "[$GROQ_API_KEY]"; cat leak.txt; exit 1')
    assert "[]" in results[0].output
    assert CANARY not in f"{results}{events}{feedback(results)}"


def test_what_a_check_started_ends_when_nobody_waits_any_more(home: Path) -> None:
    async def cancelled() -> None:
        started = asyncio.create_task(
            check(["setsid sleep 600 & echo $! > pid; sleep 600"], Path.cwd(), timeout_s=60, journalled=print, where={})
        )
        while not (Path("pid").exists() and Path("pid").read_text().strip()):
            await asyncio.sleep(0.01)
        started.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await started

    asyncio.run(cancelled())
    assert gone(int(Path("pid").read_text()))


def test_the_end_of_what_a_command_said_fits_the_room(home: Path) -> None:
    results, _ = checked("seq 1 5000; exit 1", "seq 1 5000; exit 2", "exit 3")
    for tokens in (30, 60, 200, 2_000):
        told = feedback(results, tokens=tokens)
        assert len(told) <= 4 * tokens + 10
        assert "exit 1` ended with 1" in told
    assert feedback(results, tokens=200).count("\n5000") == 2  # each has its end


def test_failures_that_do_not_fit_are_counted() -> None:
    results = [CheckResult(f"check-{number}", 1, "", 0.0) for number in range(100)]
    assert feedback(results, tokens=10) == "and 100 more failed"
