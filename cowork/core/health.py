"""What `doctor` reports: each room checks itself and says what it found."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from typing import Literal

from cowork.core import settings
from cowork.core.errors import CoworkError
from cowork.core.paths import data_dir, home


@dataclass(frozen=True)
class Check:
    """One finding: `ok`, `warn` (works, but) or `fail`, with what to do about it in the message."""

    name: str
    status: Literal["ok", "warn", "fail"]
    message: str


@dataclass(frozen=True)
class Report:
    """All findings, in the order of the rooms."""

    items: tuple[Check, ...]
    count: int


def check_python() -> Check:
    """The interpreter."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    good = sys.version_info >= (3, 11)
    return Check("python", "ok" if good else "fail", f"{version} at {sys.executable}")


def check_home() -> Check:
    """Whether COWORK_HOME can be written. Nothing is created."""
    path = home()
    existing = path
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return Check("home", "fail", f"{path} cannot be written; set COWORK_HOME to a directory that can")
    return Check("home", "ok", str(path) if path.exists() else f"{path} (will be made when needed)")


def check_data() -> Check:
    """Whether the shipped data is there."""
    missing = [name for name in ("packs", "personas", "templates", "registry") if not data_dir(name).is_dir()]
    if missing:
        return Check("data", "fail", f"missing from the installation: {', '.join(missing)}; install cowork again")
    return Check("data", "ok", str(data_dir("packs").parent))


def check_settings() -> Check:
    """Whether the configuration can be read."""
    try:
        notices = settings.load().notices
    except CoworkError as error:
        return Check("settings", "fail", error.message)
    if notices:
        return Check("settings", "warn", notices[0].message)
    return Check("settings", "ok", "valid")


def check_git() -> Check:
    """The git program and its version."""
    path = shutil.which("git")
    if path is None:
        return Check("git", "warn", "not found; installing packs from repositories needs it")
    import subprocess

    try:
        said = subprocess.run([path, "--version"], capture_output=True, timeout=10, check=True).stdout  # noqa: S603 - a fixed word
    except (OSError, subprocess.SubprocessError) as error:
        return Check("git", "warn", f"{path} does not run: {error}")
    return Check("git", "ok", f"{said.decode('utf-8', 'replace').strip()} at {path}")
