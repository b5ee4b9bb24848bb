"""What has the scheduler run by itself: texts that the programs they are for understand, whatever paths are called."""

from __future__ import annotations

import os
import plistlib
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from cowork.twins.serving.server import DRAIN_S
from cowork.twins.serving.service import STOP_S, service

HOME = """/srv/it's 100% "mine" & <more> $HOME \\x"""


def program(tmp_path: Path) -> Path:
    """A program whose path is hard to write down, and which tells how it was called."""
    place = tmp_path / """it's 50% "$a" & <b>"""
    place.mkdir()
    path = place / "cowork"
    path.write_text('#!/bin/sh\nprintf "%s\\n" "$COWORK_HOME" "$@"\n')
    path.chmod(0o755)
    return path


def test_a_launchd_agent_is_a_property_list(tmp_path: Path) -> None:
    path = str(program(tmp_path))

    made = plistlib.loads(service("launchd", path, HOME).text.encode())

    assert made["ProgramArguments"] == [path, "twin", "serve"]
    assert made["EnvironmentVariables"] == {"COWORK_HOME": HOME}
    assert made["KeepAlive"] == {"SuccessfulExit": False}


def test_a_line_of_cron_runs_the_program_with_its_home(tmp_path: Path) -> None:
    path = program(tmp_path)

    *comments, line = service("cron", str(path), HOME, every_minutes=7).text.splitlines()

    assert all(comment.startswith("# ") for comment in comments)
    *times, command = line.split(" ", 5)
    assert times == ["*/7", "*", "*", "*", "*"]
    assert "%" not in command.replace("\\%", ""), "cron ends the command at a bare one"
    as_cron = command.replace("\\%", "%")
    said = subprocess.run(["/bin/sh", "-c", as_cron], capture_output=True, text=True, check=True).stdout.splitlines()
    assert said == [HOME, "twin", "beat", "--due", "-q"]
    assert shlex.split(as_cron)[1] == str(path)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_a_systemd_unit_is_one_that_systemd_understands(tmp_path: Path) -> None:
    path = program(tmp_path)
    unit = tmp_path / "cowork-twins.service"
    unit.write_text(service("systemd", str(path), HOME).text)

    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    words = ["systemd-analyze", "verify", "--user", str(unit)]
    done = subprocess.run(words, capture_output=True, text=True, env=environment)

    if "Failed to initialize manager" in done.stderr:
        pytest.skip("systemd-analyze does not run here")
    assert [line for line in done.stderr.splitlines() if "cowork-twins" in line] == []
    assert done.returncode == 0


def test_a_systemd_unit_keeps_every_sign_of_its_words(tmp_path: Path) -> None:
    text = service("systemd", str(program(tmp_path)), HOME).text
    (start,) = [line for line in text.splitlines() if line.startswith("ExecStart=")]
    (home,) = [line for line in text.splitlines() if line.startswith("Environment=")]

    def read(word: str) -> str:
        bare = word.removeprefix('"').removesuffix('"')
        return bare.replace("%%", "%").replace('\\"', '"').replace("\\\\", "\\")

    assert read(start.removeprefix("ExecStart=/usr/bin/env ").removesuffix(" twin serve")).replace("$$", "$") == str(
        tmp_path / """it's 50% "$a" & <b>""" / "cowork"
    )
    assert read(home.removeprefix("Environment=")) == f"COWORK_HOME={HOME}", "where a dollar is a dollar"


def test_whoever_has_it_run_gives_it_the_time_to_come_to_its_end() -> None:
    """Else it is killed while it lets heartbeats come to theirs, and gives nothing back."""
    plist = plistlib.loads(service("launchd", "/bin/cowork", HOME).text.encode())

    assert STOP_S >= DRAIN_S + 60
    assert f"TimeoutStopSec={STOP_S}\n" in service("systemd", "/bin/cowork", HOME).text
    assert plist["ExitTimeOut"] == STOP_S
