"""Where cowork keeps things. Computing a path never touches the disk."""

from __future__ import annotations

import os
from pathlib import Path

from cowork.core.errors import InvalidInput


def home() -> Path:
    """`$COWORK_HOME`, by default `~/.cowork`: everything personal lives under it. Raises `home.unknown`."""
    configured = os.environ.get("COWORK_HOME")
    try:
        return Path(configured).expanduser().absolute() if configured else Path.home() / ".cowork"
    except (OSError, RuntimeError) as error:  # no such user, no home directory, or relative to a directory that is gone
        raise InvalidInput(
            "home.unknown",
            f"cannot tell where COWORK_HOME{f' ({configured})' if configured else ''} is",
            cause=str(error),
            hint="set COWORK_HOME to an absolute path",
        ) from error


def project_dir(start: Path | None = None) -> Path:
    """The nearest directory from `start` (default: the working directory) upwards that holds `.cowork` or `.git`.

    Falls back to `start` itself. The user's own `~/.cowork` does not make the home directory a project.
    """
    try:
        origin = (start or Path.cwd()).absolute()
    except FileNotFoundError:  # the working directory was removed: that is no project, and no reason to fail
        origin = Path("/")
    personal = home()
    for candidate in (origin, *origin.parents):
        marker = candidate / ".cowork"
        try:
            if (marker.is_dir() and marker != personal) or (candidate / ".git").exists():
                return candidate
        except OSError:  # a directory we may not look into
            continue
    return origin


def data_dir(name: str) -> Path:
    """The shipped directory `packs`, `personas`, `templates` or `registry`.

    In an installed wheel they are package data under `cowork/_data`; in a checkout they stand beside the package.
    """
    package = Path(__file__).resolve().parent.parent
    packaged = package / "_data" / name
    return packaged if packaged.is_dir() else package.parent / name
