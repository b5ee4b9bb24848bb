"""A tree that is in no repository, told from what it was by walking it: bounded in files and in bytes that are read."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from cowork.core.errors import LimitReached
from cowork.loop.repository.facts import is_excluded

MOST_FILES = 50_000
LARGEST_READ_BYTES = 256 * 1024
MOST_READ_BYTES = 64 * 1024 * 1024
SKIPPED = frozenset(
    {".git", ".hg", ".svn", "node_modules", ".venv", "venv", "__pycache__", ".tox", ".mypy_cache", ".pytest_cache"}
)
"""Directories that hold what tools made. Nobody says what is ignored, outside of a repository."""


def walked(directory: Path, excluded: tuple[str, ...]) -> dict[str, str]:
    """What stands for every file, by path: kind and mode, and the content of small ones, size and times of others.

    Links are not followed. Raises `loop.tree_too_large` for more than MOST_FILES files.
    """
    stamps: dict[str, str] = {}
    left = MOST_READ_BYTES
    waiting = [""]
    while waiting:
        place = waiting.pop()
        for entry in _entries(directory / place):
            path = f"{place}{entry.name}"
            if is_excluded(path, excluded):
                continue
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED:
                    waiting.append(f"{path}/")
                continue
            if len(stamps) >= MOST_FILES:
                raise LimitReached(
                    "loop.tree_too_large",
                    f"{directory} has more than {MOST_FILES:,} files, and is in no git repository",
                    hint="work in a git repository, or in a smaller directory",
                )
            stamp, read = _stamp(entry, left)
            left -= read
            stamps[path] = stamp
    return stamps


def _entries(place: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError:  # it is gone, or closed to us
        return []


def _stamp(entry: os.DirEntry[str], left: int) -> tuple[str, int]:
    """What stands for a file, and how many bytes of it were read."""
    try:
        found = entry.stat(follow_symlinks=False)
        kind = f"{found.st_mode:o}"
        if stat.S_ISLNK(found.st_mode):
            return f"{kind} {Path(entry.path).readlink()!a}", 0
        if stat.S_ISREG(found.st_mode) and found.st_size <= min(LARGEST_READ_BYTES, left):
            raw = _read(entry.path)
            return f"{kind} {hashlib.sha256(raw).hexdigest()}", len(raw)
    except OSError:
        return "unreadable", 0
    return f"{kind} {found.st_size} {found.st_mtime_ns} {found.st_ino}", 0


def _read(path: str) -> bytes:
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as stream:
        return stream.read(LARGEST_READ_BYTES + 1)
