"""Whole runs of the installed program: a real repository, the fake agent with a script, and everything that is left of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cowork.sessions import journal, places
from cowork.sessions.places import Workplace
from tests.fake_agent.running import install
from tests.loop.repository.repositories import git, made
from tests.support import PROGRAM, Ran, run_here, run_program

DONE = "Done.\n{{promise}}"
PATIENCE_S = 30.0


class Scene:
    """A project with a repository, and beside it the fake agent's script and whatever its calls share."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.project = root / "project"
        self.script = root / "script.json"
        self.log = root / "calls.ndjson"

    def calls(self, *calls: dict[str, Any], **more: Any) -> None:
        """What the agent does."""
        self.script.write_text(json.dumps({"calls": list(calls), **more}))

    def tasks(self, *tasks: dict[str, Any] | str, name: str = "prd.json", commit: bool = True) -> Path:
        """A file of tasks in the project; a task may be its id alone."""
        path = self.project / name
        full = [{"id": task, "title": f"Make {task}"} if isinstance(task, str) else task for task in tasks]
        path.write_text(json.dumps({"name": "Shop", "tasks": full}, indent=2) + "\n")
        if commit:
            git(self.project, "add", name)
            git(self.project, "commit", "-q", "-m", "the tasks")
        return path

    def run(self, *argv: str) -> Ran:
        """`loop run --json` in this process, by the fake agent."""
        return run_here("loop", "run", *argv, "--agent", "fake-agent", "--json")

    def program(self, *argv: str) -> Ran:
        """The installed program as a process, in the project."""
        return run_program(*argv, cwd=self.project)

    @contextmanager
    def started(self, *argv: str, **how: Any) -> Iterator[subprocess.Popen[str]]:
        """The installed program as a process under way; it is killed at the end of the block."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **how}
        with subprocess.Popen([str(PROGRAM), *argv], cwd=self.project, **pipes) as process:
            try:
                yield process
            finally:
                process.kill()

    @property
    def session(self) -> Workplace:
        """The latest session."""
        return places.of_kind("loop")[0]

    @property
    def events(self) -> list[dict[str, Any]]:
        """What its journal holds."""
        return journal.read(self.session.journal)

    @property
    def kinds(self) -> list[str]:
        return [event["type"] for event in self.events]

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        """The data of events of these kinds."""
        return [event["data"] for event in self.events if event["type"] in kinds]

    def asked(self) -> list[dict[str, Any]]:
        """The calls of the agent, as it logged them."""
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def statuses(self, name: str = "prd.json") -> dict[str, Any]:
        """The tasks' statuses as the file has them."""
        return {task["id"]: task.get("status") for task in json.loads((self.project / name).read_text())["tasks"]}

    def git(self, *words: str) -> str:
        return git(self.project, *words)

    def fifo(self, *names: str) -> None:
        """Pipes beside the project: who opens one waits for who opens its other end."""
        for name in names:
            os.mkfifo(self.root / name)

    def branches(self) -> list[str]:
        return self.git("for-each-ref", "--format=%(refname:short)", "refs/heads").splitlines()

    def worktrees(self) -> list[str]:
        """The worktrees beside the project's own."""
        return [line for line in self.git("worktree", "list", "--porcelain").splitlines() if line.startswith("worktree ")][1:]

    def require_nothing_left(self) -> None:
        """No worktree, no branch, no note and nothing that is not committed is left of a parallel run."""
        assert (self.branches(), self.worktrees()) == (["main"], [])
        left = self.session.path / "worktrees"
        assert not left.exists() or {path.name for path in left.iterdir()} <= {"creating.lock", "merging.lock"}


def scene(root: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A scene in a directory, with the fake agent on the PATH and the project as the working directory."""
    made_here = Scene(root)
    made(made_here.project, {"README": "shop\n"})
    install(root / "bin")
    monkeypatch.setenv("PATH", f"{root / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("COWORK_FAKE_AGENT", str(made_here.script))
    monkeypatch.setenv("COWORK_FAKE_AGENT_LOG", str(made_here.log))
    monkeypatch.chdir(made_here.project)
    return made_here


def killed(process: subprocess.Popen[str]) -> None:
    """Nobody had the chance to clean up."""
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE_S)
