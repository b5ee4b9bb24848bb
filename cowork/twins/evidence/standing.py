"""How a workspace stands: what a collector's result depends on, as texts that differ when it may differ."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cowork.twins.evidence.collectors import Basis
from cowork.twins.evidence.findings import CannotCollect
from cowork.twins.evidence.look import MOST_FILES, Look, OutOfTime

_SETTLED_NS = 50_000_000  # what changed this recently may change again within one tick of its file system's clock
_HOUR_NS = 3_600_000_000_000  # what claims to be from the near future is from just now, by another clock
_PASSED_OVER = frozenset({".git", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"})
_STATUS = ("status", "--porcelain=v2", "-z", "--untracked-files=all", "--no-renames", "--ignore-submodules=all")
_BEFORE = {"1": 8, "u": 10}  # how many fields stand before the name in a line of it


class _Unknown(Exception):
    """Nobody can tell how it stands."""


@dataclass
class Standing:
    """How the workspace of a look stands, each part of it found out once, and only when it is asked for."""

    look: Look

    def of(self, basis: Iterable[Basis]) -> str | None:
        """A text for these parts; None where nobody can tell, as what others answer over a network.

        Then nothing is kept, and nothing that was kept counts.
        """
        try:
            return "\n".join(self._part(part) for part in basis)
        except (_Unknown, CannotCollect, OutOfTime, OSError):
            return None

    def _part(self, part: Basis) -> str:
        if part == "network":
            raise _Unknown
        return str(getattr(self, f"_{part}"))

    @property
    def _day(self) -> str:
        return f"{self.look.now:%Y-%m-%d}"

    @property
    def _history(self) -> str:
        """The commit that is checked out, and what was cut off of those before it."""
        return f"{self.look.head} {self.look.shallow} {self.look.prefix}" if self.look.in_git else "no history"

    @cached_property
    def _refs(self) -> str:
        if not self.look.in_git:
            return "no refs"
        refs = self.look.git("for-each-ref", "--format=%(objectname) %(refname)")
        if not refs.ok:
            raise _Unknown
        return _digest(refs.out)

    @cached_property
    def _tree(self) -> str:
        """The commit and every file that is not as it was committed; outside git every file."""
        if not self.look.in_git:
            return _stamps(self.look.root, self.look.files)
        changed = self.look.git(*_STATUS, *(("--", ".") if self.look.prefix else ()))
        if not changed.ok:
            raise _Unknown
        names = [field.split(" ", _BEFORE.get(field[0], 1))[-1] for field in changed.names]
        names = [name.removeprefix(self.look.prefix) for name in names]  # git tells them from the top of the repository
        names += [entry.name for entry in self.look.entries if entry.unwatched]
        return f"{self.look.head} {_digest(changed.out)} {_stamps(self.look.root, names)}"

    @cached_property
    def _ignored(self) -> str:
        """Every file there is, also those git does not see."""
        found: list[str] = []
        for where, directories, names in os.walk(self.look.root):
            self.look.checkpoint()
            directories[:] = [name for name in directories if name not in _PASSED_OVER]
            below = Path(where).relative_to(self.look.root).as_posix()
            found += names if below == "." else [f"{below}/{name}" for name in names]
            if len(found) > 2 * MOST_FILES:
                raise _Unknown
        return _stamps(self.look.root, found)


def _stamps(root: Path, names: Iterable[str]) -> str:
    """A digest of size, time and inode of each. What changed just now may yet change under the same stamp."""
    digest, now = hashlib.sha256(), time.time_ns()
    for name in sorted(set(names)):
        try:
            about = os.lstat(root / name)
        except (OSError, ValueError):
            digest.update(f"{name}\0-\0".encode("utf-8", "surrogateescape"))
            continue
        if stat.S_ISREG(about.st_mode) and -_HOUR_NS < now - about.st_mtime_ns < _SETTLED_NS:
            raise _Unknown
        stamp = f"{name}\0{about.st_mode} {about.st_size} {about.st_mtime_ns} {about.st_ctime_ns} {about.st_ino}\0"
        digest.update(stamp.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
