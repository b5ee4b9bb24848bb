"""The settings files whose permission rules count: the organization's, the user's, the project's and the local one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cowork.core.errors import Denied, InvalidInput
from cowork.core.files import read_json
from cowork.formats import settings_json
from cowork.formats.problem import Problem
from cowork.formats.settings_json import PermissionSettings


@dataclass(frozen=True)
class SettingsFile:
    """One file. `scope`: enterprise, user, project or local; `root` is where rules that begin with `/` start."""

    path: Path
    scope: str
    root: Path
    settings: PermissionSettings
    problems: tuple[Problem, ...]


def load(project: Path) -> tuple[SettingsFile, ...]:
    """Every settings file there is, strongest scope first.

    Raises `settings.unreadable` (Denied) for one that cannot be read, or whose denials cannot: what it holds back is unknown.
    """
    found = []
    for path, scope, root in _places(project):
        try:
            document = read_json(path, what="settings")
        except FileNotFoundError:
            continue
        except InvalidInput as error:
            raise _unreadable(path, error.cause or error.message) from error
        settings, problems = settings_json.parse(document, file=str(path))
        if settings.closed:
            raise _unreadable(path, problems[0].message)
        found.append(SettingsFile(path, scope, root, settings, problems))
    return tuple(found)


def _places(project: Path) -> Iterator[tuple[Path, str, Path]]:
    enterprise = os.environ.get("COWORK_ENTERPRISE_CONFIG")
    if enterprise:
        directory = Path(enterprise).expanduser().absolute()
        yield directory / "settings.json", "enterprise", directory
    user = Path.home() / ".claude"
    if project / ".claude" != user:
        yield project / ".claude" / "settings.local.json", "local", project
        yield project / ".claude" / "settings.json", "project", project
    yield user / "settings.json", "user", user


def _unreadable(path: Path, cause: str) -> Denied:
    return Denied(
        "settings.unreadable",
        f"the rules in {path} cannot be read, so nothing may be run under them",
        cause=cause,
        hint="mend the file, or move it away",
        details={"path": str(path)},
    )
