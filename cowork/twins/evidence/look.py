"""A collector's look at a workspace: files and git, read-only, bounded in time and size.

The workspace is nobody's we trust: of the repository's configuration nothing runs (`cowork.prompts.git_view`), no link is
followed, and nothing but regular files is read.
"""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Self, TypeAlias, TypeVar

from cowork.core.text import one_line
from cowork.loop.repository.git import Done
from cowork.prompts import git_view
from cowork.prompts.git_view import GitFailed, View
from cowork.twins.evidence.findings import ANOTHER_WORKSPACE, CannotCollect
from cowork.twins.evidence.reading import NotRead, read_below
from cowork.twins.evidence.tracked import Entry, entries, walked

MOST_SECONDS = 8.0
MOST_FILES = 20_000
MOST_BYTES = 1024 * 1024
_SNIFFED = 8192
_NO_REPOSITORY = Done(128, b"", "fatal: not a git repository")
_Thing = TypeVar("_Thing")
_Process: TypeAlias = "subprocess.Popen[bytes]"


class OutOfTime(Exception):
    """The collector's time is over: what it has is what there is."""


@dataclass
class Look:
    """One collector's look. `now` is the moment the evidence is for; `seconds` the time it has.

    `close` it (or use it in a `with`): it holds a view of the repository.
    """

    root: Path
    now: datetime
    seconds: float = MOST_SECONDS
    elapsed: Callable[[], float] = time.monotonic
    left_out: dict[str, int] = field(default_factory=dict)
    """What was not looked at though it would have counted, by why: `{"larger than 1024 KiB": 2}`."""
    ran_out: bool = False
    """Whether time ran out on the way; what was found before is still worth something."""

    def __post_init__(self) -> None:
        self.root = self.root.resolve()
        self._end = self.elapsed() + self.seconds
        self._held = contextlib.ExitStack()
        self._at_work: _Process | None = None
        self._lock = threading.Lock()
        self._trouble: CannotCollect | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the repository."""
        self._held.close()

    def end(self) -> None:
        """Let the time be over now, also for a git at work: for whoever waits in another thread."""
        with self._lock:
            self._end = float("-inf")
            if self._at_work is not None:
                self._at_work.kill()

    @property
    def remaining_s(self) -> float:
        """Seconds that are left, never below 0."""
        return max(0.0, self._end - self.elapsed())

    def checkpoint(self) -> None:
        """Collectors call it in every loop. Raises OutOfTime."""
        if not self.remaining_s:
            self.ran_out = True
            raise OutOfTime

    def in_time(self, things: Iterable[_Thing], what: str) -> Iterator[_Thing]:
        """These things for as long as there is time; `what` names the others in `left_out`: "files"."""
        left = list(things)
        for number, thing in enumerate(left):
            if not self.remaining_s:
                self.ran_out = True
                self._leave(f"{what}: time ran out", len(left) - number)
                return
            yield thing

    def git(self, *words: str, feed: bytes | None = None) -> Done:
        """What git says, looking only; paths among `words` are literal. Outside a repository it ends with 128.

        Raises OutOfTime, and CannotCollect when git cannot be run or says more than anybody reads.
        """
        self.checkpoint()
        if self._view is None:
            if self._trouble is not None:
                raise self._trouble
            return _NO_REPOSITORY
        seconds = self.remaining_s
        try:
            with _as_input(feed) as stdin, self._working(self._view.start(*words, stdin=stdin)) as process:
                done = self._view.ended(process, seconds)
        except subprocess.TimeoutExpired:
            self.checkpoint()
            raise CannotCollect(f"git {words[0]} took too long, or said more than is read") from None
        except (GitFailed, OSError, ValueError) as error:  # the latter of a word that holds a NUL
            raise _cannot(error) from error
        self.checkpoint()  # it may have been killed for that
        return Done(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))

    @cached_property
    def head(self) -> str | None:
        """The commit that is checked out; None without one, or outside git. Raises what `git` raises."""
        done = self.git("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return done.text if done.ok else None

    @cached_property
    def in_git(self) -> bool:
        """Whether the workspace is in a git work tree that git can read."""
        return self._view is not None

    @property
    def shallow(self) -> bool:
        """Whether older commits were never fetched."""
        return self._view is not None and self._view.shallow

    @cached_property
    def prefix(self) -> str:
        """Where in its repository the workspace is, ending with `/`; empty at its top, and outside git."""
        if self._view is None:
            return ""
        below = self.root.relative_to(self._view.repository.top.resolve()).as_posix()
        return "" if below == "." else f"{below}/"

    def need_commits(self) -> str:
        """HEAD. Raises CannotCollect when there is none."""
        if not self.in_git:
            if self._trouble is not None:
                raise self._trouble
            if (self.root / "HEAD").is_file() and (self.root / "objects").is_dir():
                raise CannotCollect(
                    "this is a bare repository: it has no files to look at", f"make a clone of it and {ANOTHER_WORKSPACE}"
                )
            raise CannotCollect("this is not a git repository", f"git init, or {ANOTHER_WORKSPACE}")
        if self.head is None:
            branch = self.git("symbolic-ref", "--quiet", "HEAD").text
            if branch and not self.git("for-each-ref", "--format=%(refname)", branch).text:
                raise CannotCollect("the repository has no commits yet")
            raise CannotCollect("git cannot tell which commit is checked out", "git fsck")
        return self.head

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Files and links that are not ignored, relative with `/`, sorted; at most MOST_FILES. May hold names with newlines."""
        if self.in_git:
            names = {entry.name for entry in self.entries if entry.is_file}
            names.difference_update(self.git("ls-files", "-z", "--deleted").names)
        else:
            names = set(walked(self.root, MOST_FILES + 1, lambda: not self.remaining_s))
            self.checkpoint()
        if len(names) > MOST_FILES:
            self.left_out[f"beyond the first {MOST_FILES} files"] = len(names) - MOST_FILES
        return tuple(sorted(names)[:MOST_FILES])

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """What git knows of the workspace's files, and files it does not know and not ignore; none outside git."""
        return entries(self.git) if self.in_git else ()

    def read(self, name: str, most: int = MOST_BYTES) -> str | None:
        """A regular file's text; None for a link, what is binary or gone or, counted in `left_out`, too large or unreadable."""
        data = self.bytes(name, most)
        return None if data is None or b"\0" in data[:_SNIFFED] else data.decode("utf-8", "replace")

    def bytes(self, name: str, most: int = MOST_BYTES) -> bytes | None:
        """A regular file's bytes, as `read` gives its text. Raises OutOfTime."""
        self.checkpoint()
        try:
            return read_below(self.root, name, most)
        except NotRead as error:
            if error.counts:
                self._leave(error.why)
            return None

    def _leave(self, why: str, count: int = 1) -> None:
        self.left_out[why] = self.left_out.get(why, 0) + count

    @cached_property
    def _view(self) -> View | None:
        repository = git_view.find(self.root)
        if repository is None:
            return None
        try:
            return self._held.enter_context(git_view.opened(repository, self.root, seconds=max(1.0, self.remaining_s)))
        except (GitFailed, OSError) as error:
            self._trouble = _cannot(error)
            return None

    @contextlib.contextmanager
    def _working(self, process: _Process) -> Iterator[_Process]:
        with self._lock:
            self._at_work = process
        try:
            yield process
        finally:
            with self._lock:
                self._at_work = None


@contextlib.contextmanager
def _as_input(feed: bytes | None) -> Iterator[int]:
    """A descriptor that gives `feed`: from a file, so that nobody waits for anybody."""
    if feed is None:
        yield subprocess.DEVNULL
        return
    with tempfile.TemporaryFile() as file:
        file.write(feed)
        file.seek(0)
        yield file.fileno()


def _cannot(error: Exception) -> CannotCollect:
    why = one_line(str(error), 200)
    if why == "git is not installed":
        return CannotCollect(why, "install git")
    return CannotCollect(f"git cannot read this repository: {why}", "git fsck")
