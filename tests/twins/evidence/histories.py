"""Real repositories with a history: who committed what, so many days before the clock's moment."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from cowork.twins.evidence.collecting import collect
from cowork.twins.evidence.findings import Evidence
from cowork.twins.evidence.look import Look
from tests.support import FakeClock

NOW = FakeClock().now()
_CLEAN = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}


class History:
    """A repository that is being worked on. Nothing is committed yet."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str, days_ago: float = 0, author: str = "Ada") -> str:
        """What git says, as this author at that time."""
        at = f"{int((NOW - timedelta(days=days_ago)).timestamp())} +0000"
        email = f"{author.lower().replace(' ', '.')}@example.org"
        who = {
            "GIT_AUTHOR_NAME": author, "GIT_AUTHOR_EMAIL": email, "GIT_AUTHOR_DATE": at,
            "GIT_COMMITTER_NAME": author, "GIT_COMMITTER_EMAIL": email, "GIT_COMMITTER_DATE": at,
        }  # fmt: skip
        done = subprocess.run(["git", *words], cwd=self.root, env={**os.environ, **_CLEAN, **who}, capture_output=True)
        assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
        return os.fsdecode(done.stdout).strip()

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Write files; None removes one."""
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(
        self,
        subject: str = "Change",
        files: Mapping[str, str | bytes | None] | None = None,
        *,
        days_ago: float = 0,
        author: str = "Ada",
    ) -> str:
        """Commit files; its hash."""
        self.write(files or {})
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", subject, days_ago=days_ago, author=author)
        return self.git("rev-parse", "HEAD")


def look(root: Path, *, now: datetime = NOW, seconds: float = 60) -> Look:
    """A look at a workspace, at that moment."""
    return Look(root, now, seconds, FakeClock(now).monotonic)


def evidence(root: Path, name: str, *, now: datetime = NOW) -> Evidence:
    """What a collector finds there."""
    (found,) = collect([name], root, FakeClock(now))
    return found


def texts(found: Evidence) -> list[str]:
    """The texts of its facts, without its summary."""
    return [item.text for item in found.items[1:]]
