"""A directory of this machine as the source of a pack."""

from __future__ import annotations

import os
import stat
from collections.abc import Container, Iterator
from pathlib import Path

from cowork.core.errors import InvalidInput
from cowork.install.tree import LARGEST_LISTING, Entry, TreeFile, judge, too_many

_CACHES = ("node_modules", "__pycache__")
WORK = (".git", *_CACHES)
"""What belongs to the work on a pack, not to the pack; `.git` is a file in a worktree."""


def list_local(root: Path, *, leave_out: Container[str] = WORK) -> tuple[TreeFile, ...]:
    """The files of a pack in a directory, sorted by path; whatever is called as in `leave_out` is not looked at.

    Raises `install.unreadable` and what `tree.judge` raises.
    """
    return judge(entries_of(root, leave_out=leave_out))


def left_out(path: str) -> bool:
    """Whether a path of a source lies in what is left out here, so that a pack's tree is the same however it came."""
    return any(part in _CACHES for part in path.split("/"))


def entries_of(root: Path, *, leave_out: Container[str] = WORK) -> Iterator[Entry]:
    """Everything below a directory, links not followed. Raises `install.unreadable`, `install.too_many_files`."""
    pending, seen = [""], 0
    while pending:
        directory = pending.pop()
        try:
            found = sorted(os.scandir(root / directory), key=lambda item: item.name)
        except OSError as error:
            raise unreadable(root / directory, error) from error
        for item in found:
            seen += 1
            if seen > LARGEST_LISTING:
                raise too_many(LARGEST_LISTING)
            path = f"{directory}/{item.name}" if directory else item.name
            if item.name in leave_out:
                continue
            if item.is_dir(follow_symlinks=False):
                pending.append(path)
            else:
                yield _entry(path, item)


def _entry(path: str, item: os.DirEntry[str]) -> Entry:
    about = item.stat(follow_symlinks=False)
    if stat.S_ISLNK(about.st_mode):
        return Entry(path, 0, "symlink")
    if not stat.S_ISREG(about.st_mode):
        return Entry(path, 0, "other")
    return Entry(path, about.st_size, "file", bool(about.st_mode & 0o111))


def unreadable(path: Path, error: OSError) -> InvalidInput:
    """The error for a local file or directory that cannot be read."""
    return InvalidInput(
        "install.unreadable",
        f"cannot read {path}",
        cause=error.strerror or str(error),
        hint="check the path and its permissions",
        details={"path": str(path)},
    )
