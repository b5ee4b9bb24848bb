"""Where cowork keeps things. Computing a path never touches the disk."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """`$COWORK_HOME`, by default `~/.cowork`: everything personal lives under it."""
    configured = os.environ.get("COWORK_HOME")
    return Path(configured).expanduser().absolute() if configured else Path.home() / ".cowork"


def project_dir(start: Path | None = None) -> Path:
    """The nearest directory from `start` (default: the working directory) upwards that holds `.cowork` or `.git`.

    Falls back to `start` itself. The user's own `~/.cowork` does not make the home directory a project.
    """
    origin = (start or Path.cwd()).absolute()
    personal = home()
    for candidate in (origin, *origin.parents):
        marker = candidate / ".cowork"
        if (marker.is_dir() and marker != personal) or (candidate / ".git").exists():
            return candidate
    return origin


def data_dir(name: str) -> Path:
    """The shipped directory `packs`, `personas`, `templates` or `registry`.

    In an installed wheel they are package data under `cowork/_data`; in a checkout they stand beside the package.
    """
    package = Path(__file__).resolve().parent.parent
    packaged = package / "_data" / name
    return packaged if packaged.is_dir() else package.parent / name
