"""A gh that answers from files: a real program on PATH, with the exit codes and words of the real one."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cowork.twins.evidence.look import Look

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

# `pr-list` holds what `gh pr list` answers; `pr-list.fails` its exit code, and on the lines after it what it says.
_SCRIPT = """#!/bin/sh
cd "{here}" || exit 70
case "$*" in *--branch=*) name="$1-$2-branch" ;; *) name="$1-$2" ;; esac
for word; do printf '%s\\n' "$word"; done > "$name.argv"
env > "$name.env"
[ -e "$name.hangs" ] && exec sleep 60
if [ -e "$name.refuses" ]; then
    case "$*" in *"$(head -1 "$name.refuses")"*) tail -n +2 "$name.refuses" >&2; exit 1 ;; esac
fi
[ -e "$name.fails" ] && {{ tail -n +2 "$name.fails" >&2; exit "$(head -1 "$name.fails")"; }}
[ -e "$name" ] || {{ echo "unknown command for the fake: $*" >&2; exit 64; }}
cat "$name"
"""


class FakeGh:
    """The program, what it is to answer, and how it was called."""

    def __init__(self, here: Path) -> None:
        self.here = here
        here.mkdir()
        program = here / "gh"
        program.write_text(_SCRIPT.format(here=here))
        program.chmod(0o755)

    def answers(self, command: str, value: Any) -> None:
        text = value if isinstance(value, str) else json.dumps(value)
        (self.here / command).write_text(text)

    def fails(self, command: str, status: int, said: str) -> None:
        (self.here / f"{command}.fails").write_text(f"{status}\n{said}\n")

    def refuses(self, command: str, word: str, said: str) -> None:
        """Fails while `word` is among its words."""
        (self.here / f"{command}.refuses").write_text(f"{word}\n{said}\n")

    def hangs(self, command: str) -> None:
        (self.here / f"{command}.hangs").touch()

    def argv(self, command: str) -> list[str]:
        return (self.here / f"{command}.argv").read_text().splitlines()

    def environment(self, command: str) -> dict[str, str]:
        lines = (self.here / f"{command}.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)


@pytest.fixture
def fake_gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path_without_agents: str) -> FakeGh:
    fake = FakeGh(tmp_path / "gh-bin")
    monkeypatch.setenv("PATH", f"{fake.here}:{path_without_agents}")
    return fake


@pytest.fixture
def look(tmp_path: Path) -> Iterator[Look]:
    """A look at a repository with a remote on GitHub."""
    root = tmp_path / "repository"
    root.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    subprocess.run(["git", "remote", "add", "origin", "https://github.com/acme/shop.git"], cwd=root, check=True)
    with Look(root, NOW) as looking:
        yield looking


def before(**delta: float) -> str:
    """A moment before now as GitHub tells it."""
    return (NOW - timedelta(**delta)).strftime("%Y-%m-%dT%H:%M:%SZ")
