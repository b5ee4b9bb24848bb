"""Whether a call stays inside the workspace, links resolved."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cowork.agent.tools.base import Tool, Workspace


def outside(tool: Tool, arguments: Mapping[str, Any], workspace: Workspace, more: Sequence[Path] = ()) -> str | None:
    """The first path of a call that leads out of the workspace (and out of `more`), as it really is; None when none does.

    A path that cannot be resolved counts as outside.
    """
    roots = [os.path.realpath(root) for root in (workspace.root, *more)]
    for touch in tool.touches(arguments, workspace):
        found = real(workspace, touch.path)
        if found is None or not any(within(found, root) for root in roots):
            return found or touch.path
    return None


def real(workspace: Workspace, text: str) -> str | None:
    """Where a path leads, all links followed; None where that cannot be told."""
    try:
        return os.path.realpath(workspace.path(text))
    except (OSError, ValueError, RuntimeError):
        return None


def within(path: str, root: str) -> bool:
    """Whether a real path is a directory or something below it."""
    return path == root or path.startswith(root.rstrip("/") + "/")
