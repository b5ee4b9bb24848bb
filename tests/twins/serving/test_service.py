"""What has the scheduler run by itself: texts that the programs they are for understand, whatever paths are called."""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cowork.twins.serving.server import DRAIN_S
from cowork.twins.serving.service import STOP_S, service
from tests.support import run_here

HOME = """/srv/it's 100% "mine" & <more> $HOME \\x"""


def program(tmp_path: Path) -> Path:
    """A program whose path is hard to write down, and which tells how it was called."""
    place = tmp_path / """it's 50% "$a" & <b>"""
    place.mkdir()
    path = place / "cowork"
    path.write_text('#!/bin/sh\nprintf "%s\\n" "$COWORK_HOME" "$A_KEY" "$@"\n')
    path.chmod(0o755)
    return path


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, str]:
    """An environment as cron and launchd have it, whose home has a file with a key."""
    place = tmp_path / "user" / ".config" / "cowork" / "environment"
    place.parent.mkdir(parents=True)
    place.write_text("A_KEY='a b'\n")
    return {"HOME": str(tmp_path / "user"), "PATH": os.defpath}


def test_a_launchd_agent_is_a_property_list_that_runs_the_program_with_its_home_and_keys(
    tmp_path: Path, keys: dict[str, str]
) -> None:
    text = service("launchd", [str(program(tmp_path))], HOME).text
    made = plistlib.loads(text.encode())

    run = {**keys, **made["EnvironmentVariables"]}
    said = subprocess.run(made["ProgramArguments"], capture_output=True, text=True, check=True, env=run).stdout
    assert said.splitlines() == [HOME, "a b", "twin", "serve"]
    assert made["KeepAlive"] == {"SuccessfulExit": False}
    assert made["StandardErrorPath"] == made["StandardOutPath"] == f"{HOME}/cowork-twins.log"
    comment = text.partition("<!--")[2].partition("-->")[0]
    assert "launchctl load ~/Library/LaunchAgents/cowork.twins.plist" in comment
    assert "--" not in comment, "XML allows none"


def test_a_line_of_cron_runs_the_program_with_its_home_and_keys(tmp_path: Path, keys: dict[str, str]) -> None:
    path = program(tmp_path)

    *comments, line = service("cron", [str(path), "-m"], HOME, every_minutes=6).text.splitlines()

    assert all(comment.startswith("# ") for comment in comments)
    *times, command = line.split(" ", 5)
    assert times == ["*/6", "*", "*", "*", "*"]
    assert "%" not in command.replace("\\%", ""), "cron ends the command at a bare one"
    as_cron = command.replace("\\%", "%")
    told = subprocess.run(["/bin/sh", "-c", as_cron], capture_output=True, text=True, check=True, env=keys)
    assert told.stdout.splitlines() == [HOME, "a b", "-m", "twin", "beat", "--due", "-q"]
    Path(keys["HOME"], ".config/cowork/environment").unlink()
    told = subprocess.run(["/bin/sh", "-c", as_cron], capture_output=True, text=True, check=True, env=keys)
    assert told.stdout.splitlines()[:3] == [HOME, "", "-m"], "without keys it runs, too"


@pytest.mark.parametrize("kind", ["systemd", "launchd", "cron"])
def test_it_names_what_was_run_be_it_the_script_or_the_module(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(*argv: str) -> str:
        monkeypatch.setattr(sys, "argv", list(argv))
        text = str(run_here("twin", "install-service", f"--{kind}", "--json").data["text"])
        return text.replace('"', "").replace("</string>\n    <string>", " ")

    verb = "twin beat" if kind == "cron" else "twin serve"
    assert f"/opt/bin/cowork {verb}" in said("/opt/bin/cowork", "twin")
    assert f"{sys.executable} -m cowork {verb}" in said("/lib/cowork/__main__.py", "twin")
    assert "__main__" not in said("/lib/cowork/__main__.py", "twin")


@pytest.mark.parametrize(
    "words",
    [["--cron", "--launchd"], ["--every", "5"], ["--systemd", "--every", "5"]]
    + [["--cron", "--every", str(minutes)] for minutes in (-5, 0, 7, 45, 59, 60)],
    ids=" ".join,
)
def test_what_does_not_go_together_or_gives_no_even_beat_is_refused(words: list[str]) -> None:
    assert run_here("twin", "install-service", *words).code == 2


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_a_systemd_unit_is_one_that_systemd_understands(tmp_path: Path) -> None:
    path = program(tmp_path)
    unit = tmp_path / "cowork-twins.service"
    unit.write_text(service("systemd", [str(path)], HOME).text)

    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    words = ["systemd-analyze", "verify", "--user", str(unit)]
    done = subprocess.run(words, capture_output=True, text=True, env=environment)

    if "Failed to initialize manager" in done.stderr:
        pytest.skip("systemd-analyze does not run here")
    assert [line for line in done.stderr.splitlines() if "cowork-twins" in line] == []
    assert done.returncode == 0


def test_a_systemd_unit_keeps_every_sign_of_its_words(tmp_path: Path) -> None:
    text = service("systemd", [str(program(tmp_path))], HOME).text
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
