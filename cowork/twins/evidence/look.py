"""A collector's look at a workspace: files and git, read-only, bounded in time and size."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from cowork.loop.repository.git import Done, Git
from cowork.twins.evidence.findings import CannotCollect

MOST_SECONDS = 8.0
MOST_FILES = 20_000
MOST_BYTES = 1024 * 1024
_SNIFFED = 8192


class OutOfTime(Exception):
    """The collector's time is over: what it has is what there is."""


@dataclass
class Look:
    """One collector's look. `now` is the moment the evidence is for; `seconds` the time it has."""

    root: Path
    now: datetime
    seconds: float = MOST_SECONDS
    elapsed: Callable[[], float] = time.monotonic
    left_out: dict[str, int] = field(default_factory=dict)
    """What was not read, by why, counted: "larger than 1 MiB"."""

    def __post_init__(self) -> None:
        self._end = self.elapsed() + self.seconds

    @property
    def remaining_s(self) -> float:
        """Seconds that are left, never below 0."""
        return max(0.0, self._end - self.elapsed())

    def checkpoint(self) -> None:
        """Collectors call it in every loop. Raises OutOfTime."""
        if not self.remaining_s:
            raise OutOfTime

    def git(self, *words: str, feed: bytes | None = None) -> Done:
        """What git says, looking only. Raises `git.*` errors and OutOfTime."""
        self.checkpoint()
        git = Git(self.root).looking()
        return asyncio.run(git.run(*words, feed=feed, timeout_s=self.remaining_s))

    @cached_property
    def head(self) -> str | None:
        """The commit that is checked out; None without one, or outside git."""
        done = self.git("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return done.text if done.ok else None

    @cached_property
    def in_git(self) -> bool:
        """Whether the workspace is in a git work tree."""
        done = self.git("rev-parse", "--is-inside-work-tree")
        return done.ok and done.text == "true"

    def need_commits(self) -> str:
        """HEAD. Raises CannotCollect when there is none."""
        if not self.in_git:
            raise CannotCollect("this is not a git repository", "git init, or name another --workspace")
        if self.head is None:
            raise CannotCollect("the repository has no commits yet")
        return self.head

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Files that are not ignored, relative with `/`, sorted; at most MOST_FILES. May hold names with newlines."""
        if self.in_git:
            names = self.git("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate").names
        else:
            names = tuple(self._walked())
        if len(names) > MOST_FILES:
            self.left_out[f"beyond the first {MOST_FILES} files"] = len(names) - MOST_FILES
        return tuple(sorted(names)[:MOST_FILES])

    def _walked(self) -> list[str]:
        found: list[str] = []
        for where, directories, names in os.walk(self.root):
            self.checkpoint()
            directories[:] = sorted(name for name in directories if name not in {".git", "node_modules", ".venv"})
            found += [(Path(where) / name).relative_to(self.root).as_posix() for name in names]
            if len(found) > MOST_FILES:
                break
        return found

    def read(self, name: str, most: int = MOST_BYTES) -> str | None:
        """A regular file's text; None (and counted in `left_out`) when it is a link, binary, too large, or gone."""
        self.checkpoint()
        data = self.bytes(name, most)
        if data is None:
            return None
        if b"\0" in data[:_SNIFFED]:
            self._leave("binary")
            return None
        return data.decode("utf-8", "replace")

    def bytes(self, name: str, most: int = MOST_BYTES) -> bytes | None:
        """A regular file's bytes, as `read` gives its text."""
        try:
            descriptor = os.open(self.root / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            self._leave("links, or not readable")
            return None
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                self._leave("not regular files")
                return None
            if about.st_size > most:
                self._leave(f"larger than {most // 1024} KiB")
                return None
            return file.read(most + 1)[:most]

    def _leave(self, why: str) -> None:
        self.left_out[why] = self.left_out.get(why, 0) + 1
