"""Which commits changed which files: one pass over the log."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cowork.twins.evidence.findings import CannotCollect
from cowork.twins.evidence.look import Look

MOST_COMMITS = 20_000


@dataclass(frozen=True)
class Commit:
    """A commit, by its hash and when it was committed."""

    id: str
    at: datetime

    @property
    def day(self) -> str:
        """The day in UTC, `2026-01-31`."""
        return self.at.date().isoformat()


@dataclass(frozen=True)
class FileHistory:
    """Commits, newest first, and for each name which of them changed it, as ascending positions in `commits`.

    Names of files that are no longer there are among them, and `removed` has the last commit that took them away. A merge
    counts where it made something that none of its sides had. `complete` is false where history was cut: by its length, or
    because the clone is shallow.
    """

    commits: tuple[Commit, ...]
    changes: dict[str, list[int]]
    removed: dict[str, Commit]
    complete: bool

    def since(self, name: str, position: int) -> set[int]:
        """Positions of the commits that changed a file after the commit at `position`."""
        found: set[int] = set()
        for at in self.changes.get(name, ()):
            if at >= position:
                break
            found.add(at)
        return found


def read_history(look: Look) -> FileHistory:
    """What changed below the workspace, by the history of HEAD. Raises CannotCollect and OutOfTime."""
    mark = f"\x01{secrets.token_hex(8)}"  # no name of a file begins with it
    words = ("--no-renames", "--no-color", "--no-show-signature", "--no-ext-diff", "--no-notes", f"--format={mark}%H%x00%ct")
    look.need_commits()
    done = look.git("log", "-z", "--name-status", "-c", "--relative", f"--max-count={MOST_COMMITS + 1}", *words, "HEAD")
    if not done.ok:
        raise CannotCollect(f"git log failed: {done.why}")
    history = FileHistory((), {}, {}, complete=not look.shallow)
    commits = list(_parsed(done.out, mark.encode(), history))
    return replace(history, commits=tuple(commits), complete=history.complete and len(commits) <= MOST_COMMITS)


def _parsed(out: bytes, mark: bytes, history: FileHistory) -> Iterator[Commit]:
    """The commits of a log; what they changed goes into `history`."""
    for position, block in enumerate(out.split(mark)[1:]):
        identity, when, *words = block.split(b"\0")
        commit = Commit(identity.decode("ascii", "replace"), datetime.fromtimestamp(int(when), UTC))
        yield commit
        # a status before each name; of a merge one letter for each of its sides
        told = [word for word in words if word]
        for status, name in zip(told[::2], map(os.fsdecode, told[1::2]), strict=False):
            history.changes.setdefault(name, []).append(position)
            if not status.strip(b"D\n"):
                history.removed.setdefault(name, commit)
