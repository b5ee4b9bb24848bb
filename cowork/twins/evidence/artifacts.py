"""Files that builds leave behind, whether git ignores them or not: reports, exports, data."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from cowork.twins.evidence.look import Look

MOST_ENTRIES = 100_000
DEEPEST = 12
MOST_BYTES_TOGETHER = 64 * 1024 * 1024
_SHARE_FOR_THINKING = 0.2
_SHARE_OF_TIME = 0.5  # for finding; the rest is for reading
_NEVER = frozenset(
    ".git .hg .svn node_modules bower_components .venv venv .tox .nox site-packages __pycache__ .mypy_cache .ruff_cache "
    ".hypothesis .cache .npm .yarn .pnpm-store .cargo .gradle .m2 .terraform".split()
)
"""Directories that hold what others made: packages, caches, other people's reports."""


class Artifact(NamedTuple):
    """A regular file: its name from the workspace on with `/`, when it was written (epoch seconds), its size in bytes."""

    name: str
    mtime: float
    size: int


def find(look: Look, wanted: Callable[[tuple[str, ...], str], bool], most: int) -> list[Artifact]:
    """The files that are wanted by their directories and name, last written first, at most `most`.

    No link is followed, and no repository inside the workspace is entered. What was not looked at is counted in `left_out`.
    """
    found: list[Artifact] = []
    seen, start = 0, look.remaining_s
    top = os.path.realpath(look.root)
    for where, directories, names, handle in os.fwalk(top):
        parts = tuple(os.path.relpath(where, top).split("/")) if where != top else ()
        seen += len(names) + len(directories)
        if seen > MOST_ENTRIES or look.remaining_s < start * (1 - _SHARE_OF_TIME):
            leave(look, "directories, for want of time or because there are too many files")
            break
        if parts and (".git" in directories or ".git" in names):
            directories[:] = []  # another repository, or another tree of this one: its reports are its own
            continue
        directories[:] = sorted(name for name in directories if name not in _NEVER) if len(parts) < DEEPEST else []
        met = (_artifact(parts, name, handle) for name in names if wanted(parts, name))
        found += [artifact for artifact in met if artifact]
    found.sort(key=lambda artifact: (-artifact.mtime, artifact.name))
    if len(found) > most:
        leave(look, f"files beyond the latest {most}", len(found) - most)
    return found[:most]


def contents(look: Look, artifacts: Sequence[Artifact], most_bytes: int) -> Iterator[tuple[Artifact, bytes]]:
    """The reports that can be read, with what is in them, in this order: each, and all together, within bounds.

    It ends while there is time left to make something of them. What was not read is counted in `left_out`.
    """
    left = MOST_BYTES_TOGETHER
    for index, artifact in enumerate(artifacts):
        if look.remaining_s < _SHARE_FOR_THINKING * look.seconds:
            leave(look, "reports, for want of time", len(artifacts) - index)
            return
        if most_bytes >= artifact.size > left:
            leave(look, "reports, because all together are too large")
            continue
        data = look.bytes(artifact.name, most_bytes)
        if data is not None:
            left -= len(data)
            yield artifact, data


def _artifact(parts: tuple[str, ...], name: str, directory: int) -> Artifact | None:
    try:
        about = os.stat(name, dir_fd=directory, follow_symlinks=False)
    except OSError:
        return None
    return Artifact("/".join((*parts, name)), about.st_mtime, about.st_size) if stat.S_ISREG(about.st_mode) else None


def leave(look: Look, why: str, number: int = 1) -> None:
    """Count what was not looked at."""
    look.left_out[why] = look.left_out.get(why, 0) + number
