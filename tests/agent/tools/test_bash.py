"""Bash in the foreground: bounded in time and output, and gone when it is over, with all it started."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from cowork.agent.tools.base import ToolResult
from tests.agent.tools.workshop import Workshop, run, until
from tests.support import alive, gone

STRAY = "setsid sh -c 'echo $$ > stray; exec sleep 60' & while ! [ -s stray ]; do sleep 0.01; done"


def pid(shop: Workshop, name: str) -> int:
    return int((shop.root / name).read_text())


def test_what_a_command_prints_is_its_answer(shop: Workshop) -> None:
    result = shop.call("Bash", command="echo out; echo err >&2; pwd")

    assert (result.text, result.error) == (f"out\nerr\n{shop.root}", False)
    assert result.response["exitCode"] == 0


def test_silence_is_said(shop: Workshop) -> None:
    assert shop.call("Bash", command="true").text == "(It printed nothing.)"


def test_a_failure_names_its_status(shop: Workshop) -> None:
    result = shop.call("Bash", command="echo why; exit 3")

    assert (result.text, result.error, result.response["exitCode"]) == ("Exit code 3\nwhy", True, 3)


def test_a_death_by_signal_names_the_signal(shop: Workshop) -> None:
    assert shop.fails("Bash", command="echo a; kill -9 $$") == "Killed by signal 9 (SIGKILL)\na"


def test_a_program_that_is_not_there_is_an_ordinary_failure(shop: Workshop) -> None:
    assert "Exit code 127" in shop.fails("Bash", command="no-such-program-here")


def test_it_is_bash(shop: Workshop) -> None:
    assert shop.call("Bash", command='a=(1 2 3); [[ ${#a[@]} -eq 3 ]] && echo "$BASH_VERSION" | wc -l').text == "1"


def test_it_has_no_input_and_no_terminal(shop: Workshop) -> None:
    assert shop.call("Bash", command="cat; (: </dev/tty) 2>/dev/null || echo none").text == "none"


def test_it_is_given_the_environment_of_the_workspace_alone(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_TOKEN", "canary-value")

    text = shop.call("Bash", command="env").text

    assert {line.partition("=")[0] for line in text.split("\n")} - {"PWD", "SHLVL", "_", "COWORK_PROCESS"} == {
        "PATH",
        "HOME",
        "LANG",
    }


def test_every_call_starts_in_the_root(shop: Workshop) -> None:
    assert "Every command starts in the root" in shop.call("Bash", command="cd /").text
    assert shop.call("Bash", command="pwd").text == str(shop.root)


def test_a_command_that_hangs_is_killed_with_all_it_started(shop: Workshop) -> None:
    started = time.monotonic()

    text = shop.fails("Bash", command=f"trap '' TERM; sleep 60 & echo $! > child; {STRAY}; echo said; wait", timeout=1500)

    assert ("did not end within 1500 ms" in text, "said" in text) == (True, True)
    assert time.monotonic() - started < 5
    assert gone(pid(shop, "child"))
    assert gone(pid(shop, "stray"))


def test_a_command_may_end_in_order_when_its_time_is_up(shop: Workshop) -> None:
    assert "bye" in shop.fails("Bash", command="trap 'echo bye; exit 0' TERM; while :; do sleep 0.02; done", timeout=300)


def test_what_is_left_in_the_background_ends_with_the_command(shop: Workshop) -> None:
    started = time.monotonic()

    assert shop.call("Bash", command=f"sleep 60 & echo $! > child; {STRAY}; echo done").text == "done"

    assert time.monotonic() - started < 5
    assert gone(pid(shop, "child"))
    assert gone(pid(shop, "stray"))


def test_a_double_fork_does_not_get_away(shop: Workshop) -> None:
    daemon = (
        "import os, sys, time\n"
        "if os.fork(): sys.exit()\n"
        "os.setsid()\n"
        "if os.fork(): sys.exit()\n"
        "open('daemon', 'w').write(str(os.getpid()))\n"
        "time.sleep(60)\n"
    )
    shop.file("d.py", daemon)

    shop.call("Bash", command="python3 d.py; while ! [ -s daemon ]; do sleep 0.01; done")

    assert gone(pid(shop, "daemon"))


def test_a_process_without_its_environment_is_found_by_its_session(shop: Workshop) -> None:
    shop.call("Bash", command="env -i /bin/bash -c 'set -m; sleep 60 & echo $! > child'; true")

    assert gone(pid(shop, "child"))


def test_a_command_that_closed_its_output_is_waited_for(shop: Workshop) -> None:
    shop.call("Bash", command="exec >&- 2>&-; sleep 0.2; echo x > there")

    assert (shop.root / "there").exists()


def test_cancelling_kills_at_once(shop: Workshop) -> None:
    async def cancelled() -> None:
        call = asyncio.ensure_future(shop.use("Bash", command=f"sleep 60 & echo $! > child; {STRAY}; wait"))
        await until(lambda: (shop.root / "stray").exists() and (shop.root / "stray").read_text().strip())
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    run(cancelled())

    assert gone(pid(shop, "child"))
    assert gone(pid(shop, "stray"))


def test_a_run_that_is_told_to_end_does_not_wait(shop: Workshop) -> None:
    async def stopped() -> ToolResult:
        shop.workspace.stopping = asyncio.Event()
        call = asyncio.ensure_future(shop.use("Bash", command="echo $$ > child; sleep 60"))
        await until(lambda: (shop.root / "child").exists() and (shop.root / "child").read_text())
        shop.workspace.stopping.set()
        return await call

    result = run(stopped())

    assert ("told to end" in result.text, result.error) == (True, True)
    assert gone(pid(shop, "child"))


def test_long_output_is_shown_by_both_ends_and_kept_whole_in_a_file(shop: Workshop) -> None:
    result = shop.call("Bash", command="seq 1 100000")

    assert result.text.startswith("1\n2\n")
    assert result.text.endswith("\n99999\n100000")
    assert len(result.text) < 30_400
    (path,) = shop.workspace.output.iterdir()
    assert str(path) in result.text
    assert path.read_text() == "".join(f"{number}\n" for number in range(1, 100_001))
    assert path.stat().st_mode & 0o777 == 0o600


def test_output_just_too_long_is_kept_in_a_file_too(shop: Workshop) -> None:
    assert len(shop.call("Bash", command="head -c 30000 /dev/zero | tr '\\0' x").text) == 30_000
    assert not shop.workspace.output.exists()

    text = shop.call("Bash", command="head -c 30001 /dev/zero | tr '\\0' x").text

    assert "1 characters are left out" in text
    (path,) = shop.workspace.output.iterdir()
    assert path.stat().st_size == 30_001


def test_a_hundred_megabytes_are_not_borne(shop: Workshop) -> None:
    started = time.monotonic()

    text = shop.fails("Bash", command="head -c 100000000 /dev/zero | tr '\\0' 'x'; sleep 60")

    assert "printed more than 64 MB and was killed" in text
    assert time.monotonic() - started < 30
    (path,) = shop.workspace.output.iterdir()
    assert path.stat().st_size == 64 * 1024**2
    assert len(text) < 31_000


def test_output_that_is_no_text_is_shown_as_far_as_it_can_be(shop: Workshop) -> None:
    assert shop.call("Bash", command=r"printf 'a\377b\0c\342\202'").text == "a\ufffdbc\ufffd"


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        (r"\033[1;31mred\033[0m", "red"),
        (r"\033]0;title\007text", "text"),
        (r"\033]8;;http://x\033\\link\033]8;;\033\\", "link"),
        (r"\033]0;never ended", "0;never ended"),
        (r"10%%\r20%%\r\n", "10%\n20%"),
        (r"b\bbo\bol\bld\bd", "bold"),
        (r"\302\2331mx\033(B", "x"),
        (r"\033Pq#0\033\\sixel", "sixel"),
    ],
)
def test_what_drives_terminals_is_taken_out(shop: Workshop, printed: str, shown: str) -> None:
    text = shop.call("Bash", command=f"printf '{printed}'").text

    assert text == shown


def test_a_command_that_cannot_be_started_is_an_ordinary_failure(shop: Workshop) -> None:
    assert "NUL" in shop.fails("Bash", command="echo \0")
    assert "surrogate" in shop.fails("Bash", command="echo \ud800")
    assert "cannot be started" in shop.fails("Bash", command=": " + "x" * 3_000_000)


def test_a_root_that_is_gone_is_an_ordinary_failure(shop: Workshop) -> None:
    os.rmdir(shop.root)

    assert "cannot be started" in shop.fails("Bash", command="pwd")


def test_many_forks_are_all_killed(shop: Workshop) -> None:
    command = "f() { for i in 1 2 3 4 5 6 7 8; do (sleep 60 & echo $! >> pids; exec setsid sleep 61) & done; }; f; f; sleep 60"

    shop.fails("Bash", command=command, timeout=1000)

    pids = [int(line) for line in (shop.root / "pids").read_text().split()]
    assert len(pids) == 16
    assert [number for number in pids if alive(number) and not gone(number)] == []
