"""A workspace to look at: files, and commits on days that are given."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cowork.twins.evidence.findings import Findings
from cowork.twins.evidence.look import Look

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
_SAFE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


@dataclass(frozen=True)
class Place:
    """A directory that may become a repository."""

    root: Path

    def write(self, files: dict[str, str]) -> Place:
        """Put these texts into files."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
        return self

    def commit(self, day: str, author: str = "Ann", **files: str) -> Place:
        """Commit everything as it is on a day, `2026-01-31`; `files` are written before."""
        if not (self.root / ".git").is_dir():
            self.git("init", "-q", "-b", "main")
        self.write(files)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", f"As of {day}", at=f"{day}T10:00:00+00:00", author=author)
        return self

    def git(self, *words: str, at: str = "", author: str = "Ann") -> str:
        """What git says."""
        who = {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", author), ("EMAIL", "a@b.c"))
        }
        when = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at} if at else {}
        environment = {**os.environ, **_SAFE, **who, **when}
        done = subprocess.run(["git", *words], cwd=self.root, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    def collect(self, collector: Callable[[Look], Findings], elapsed: Callable[[], float] = lambda: 0.0) -> Findings:
        """What a collector finds here, at NOW."""
        with Look(self.root, NOW, elapsed=elapsed) as look:
            return collector(look)


def texts(findings: Findings) -> list[str]:
    """The facts as they are told."""
    return [fact.text for fact in findings.facts]
