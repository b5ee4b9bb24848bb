"""The identity of a file, so that the index knows whether it is still the one that was read."""

from __future__ import annotations

import os
from typing import Any

Stamp = list[Any]  # [path, mtime in ns, size, inode]; a file that was looked for and is not there: [path, 0, -1, 0]


def stamp(path: str) -> Stamp:
    """The identity of a file or directory as it is now."""
    try:
        found = os.stat(path)  # noqa: PTH116 - thousands of these decide how fast a listing is
    except OSError:
        return [path, 0, -1, 0]
    return [path, found.st_mtime_ns, found.st_size, found.st_ino]
