"""The fake agent as a process, with a script of the test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import ROOT, Ran

ARGV = [sys.executable, "-m", "cowork.fake_agent"]


@dataclass(frozen=True)
class Stage:
    """A directory to work in, and a script beside it."""

    place: Path

    @property
    def script(self) -> Path:
        return self.place / "script.json"

    @property
    def work(self) -> Path:
        return self.place / "project"

    def write(self, *calls: dict[str, Any], **more: Any) -> None:
        self.script.write_text(json.dumps({"calls": list(calls), **more}))
        self.work.mkdir(exist_ok=True)

    def start(self, *argv: str, **env: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "COWORK_FAKE_AGENT": str(self.script), **env}
        pipe = subprocess.PIPE
        return subprocess.Popen([*ARGV, *argv], cwd=self.work, env=environment, stdin=pipe, stdout=pipe, stderr=pipe)

    def call(self, prompt: str = "Do it.", *argv: str, **env: str) -> Ran:
        running = self.start(*argv, **env)
        out, err = running.communicate(prompt.encode(), timeout=60)
        return Ran(running.returncode, out.decode(), err.decode())


def said(ran: Ran) -> str:
    """The final message of a call."""
    results = [event for event in ran.events if event["type"] == "result"]
    assert len(results) == 1
    return str(results[0]["result"])


def install(directory: Path) -> Path:
    """Put the program `cowork-fake-agent` of this tree into a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    program = directory / "cowork-fake-agent"
    code = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom cowork.fake_agent.__main__ import program\nprogram()\n"
    program.write_text(f"#!{sys.executable}\n{code}")
    program.chmod(0o755)
    return program
