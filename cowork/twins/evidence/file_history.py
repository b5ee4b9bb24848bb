"""Which commits changed which files: one pass over the log."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
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

    Names of files that are no longer there are among them; merges change nothing by themselves. `complete` is false where
    history was cut: by its length, or because the clone is shallow.
    """

    commits: tuple[Commit, ...]
    changes: dict[str, list[int]]
    complete: bool

    def last(self, name: str) -> Commit | None:
        """The last commit that changed, or removed, a file."""
        found = self.changes.get(name)
        return self.commits[found[0]] if found else None

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
    done = look.git("log", "-z", "--name-only", "--relative", f"--max-count={MOST_COMMITS + 1}", *words, "HEAD")
    if not done.ok:
        raise CannotCollect(f"git log failed: {done.why}")
    commits, changes = _parsed(done.out, mark.encode())
    return FileHistory(tuple(commits), changes, len(commits) <= MOST_COMMITS and not look.shallow)


def _parsed(out: bytes, mark: bytes) -> tuple[list[Commit], dict[str, list[int]]]:
    commits: list[Commit] = []
    changes: dict[str, list[int]] = {}
    for block in out.split(mark)[1:]:
        identity, _, rest = block.partition(b"\0")
        when, _, names = rest.partition(b"\0")
        position = len(commits)
        commits.append(Commit(identity.decode("ascii", "replace"), datetime.fromtimestamp(int(when), UTC)))
        for name in names.removeprefix(b"\n").split(b"\0"):
            if name:
                changes.setdefault(os.fsdecode(name), []).append(position)
    return commits, changes
