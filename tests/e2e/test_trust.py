"""Trusting a project at a real terminal, and ending hooks that a person has no patience with."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.test_install import at_a_terminal
from tests.hooks.making import command, document, written
from tests.hooks.pipes import watch
from tests.support import PROGRAM, run_program


@pytest.mark.parametrize(("answer", "trusted"), [("y\n", True), ("n\n", False), ("\n", False), ("\x03", False)])
def test_a_person_sees_what_would_run_and_decides(tmp_path: Path, home: Path, answer: str, trusted: bool) -> None:
    written(tmp_path / "work/.claude/settings.json", document("Stop", command("rm -rf build")))

    code, shown = at_a_terminal("config", "trust", answer=answer)

    assert "rm -rf build" in shown.partition("[y/N]")[0]
    assert (code == 0) is trusted, shown
    assert (run_program("hook", "list", "--json").data["items"][0]["runs"]) is trusted


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_hooks_that_are_tested_die_with_the_test(tmp_path: Path, home: Path, number: signal.Signals) -> None:
    with watch(tmp_path / "alive") as alive:
        written(home / "hooks.json", document("Stop", command(f"(echo up; sleep 600) > {alive.path} & sleep 600")))
        written(tmp_path / "event.json", {})
        with subprocess.Popen(
            [str(PROGRAM), "hook", "test", "Stop", "--input", str(tmp_path / "event.json")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as program:
            assert alive.read() == b"up\n"

            program.send_signal(number)

            assert alive.read() == b"", "the handler outlived the program"
            assert program.wait(timeout=60) == 128 + number
