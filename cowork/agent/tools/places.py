"""Where a search starts, and from where on .gitignore files are heard."""

from __future__ import annotations

import os
from pathlib import Path

from cowork.agent.tools.base import ToolFailure, Workspace
from cowork.agent.tools.handles import explained, shown


def top_of(top: Path) -> os.stat_result:
    """What is at the place where a search starts. Raises ToolFailure when there is nothing."""
    with explained(top):
        return os.lstat(top)


def directory_or_file(top: Path) -> bool:
    """Whether a search starts in a directory; False for a regular file. Raises ToolFailure for everything else."""
    import stat

    mode = top_of(top).st_mode
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        raise ToolFailure(f"{shown(top)} is neither a directory nor a regular file.")
    return stat.S_ISDIR(mode)


def rules_from(workspace: Workspace, top: Path) -> str:
    """The directory whose .gitignore is the first that counts: the workspace's root for what is below it."""
    return str(workspace.root if top.is_relative_to(workspace.root) else top)
