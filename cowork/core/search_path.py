"""Where programs are looked for."""

from __future__ import annotations

import os


def fixed_path(path: str) -> str:
    """The directories of a PATH that are the same wherever a program starts: nothing in a repository is found as a tool."""
    return os.pathsep.join(part for part in path.split(os.pathsep) if os.path.isabs(part)) or os.defpath  # noqa: PTH117
