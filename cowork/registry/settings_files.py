"""The settings files whose permissions count, of every layer, strongest first."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cowork.core.errors import Denied, InvalidInput
from cowork.core.files import MAX_JSON_BYTES, parse_json, read_regular
from cowork.core.paths import project_dir
from cowork.formats import settings_json
from cowork.formats.json_places import with_places
from cowork.formats.problem import Problem
from cowork.formats.settings_json import Permissions

Scope = Literal["enterprise", "local", "project", "user"]


@dataclass(frozen=True)
class SettingsFile:
    """The permissions of one file. `readable` is false where it is there and cannot be read at all, `why` says what is wrong.

    `root` is the directory that rules with a leading `/` start from. Allow rules, modes and directories of the scopes project
    and local count only in a trusted workspace; deny and ask rules always do.
    """

    path: Path
    scope: Scope
    root: Path
    permissions: Permissions
    problems: tuple[Problem, ...]
    readable: bool
    why: str | None = None

    @property
    def needs_trust(self) -> bool:
        """Whether the project's own files say it."""
        return self.scope in ("project", "local")


def places(project: Path | None = None) -> list[tuple[Path, Scope, Path]]:
    """Where settings are looked for: path, scope, and what their rules are relative to."""
    base = project or project_dir()
    user = Path.home()
    found: list[tuple[Path, Scope, Path]] = []
    enterprise = os.environ.get("COWORK_ENTERPRISE_CONFIG")
    if enterprise:
        root = Path(enterprise).expanduser().absolute()
        found.append((root / "settings.json", "enterprise", root))
    if base != user:
        found.append((base / ".claude" / "settings.local.json", "local", base))
        found.append((base / ".claude" / "settings.json", "project", base))
    found.append((user / ".claude" / "settings.json", "user", user / ".claude"))
    return found


def read(project: Path | None = None) -> list[SettingsFile]:
    """The files that are there, strongest scope first. A bad one is in the list, with what is wrong and where."""
    found = []
    for path, scope, root in places(project):
        try:
            raw = read_regular(path, MAX_JSON_BYTES)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            found.append(SettingsFile(path, scope, root, Permissions(complete=False), (), False, error.strerror or str(error)))
            continue
        found.append(_parsed(path, scope, root, raw))
    return found


def read_or_refuse(project: Path | None = None) -> list[SettingsFile]:
    """As `read`. Raises `settings.unreadable` (Denied): under a file whose deny rules nobody knows nothing may run."""
    found = read(project)
    for item in found:
        if not item.readable or not item.permissions.complete:
            first = next((problem for problem in item.problems if problem.severity == "error"), None)
            where = f"{item.path}:{first.line}" if first and first.line else str(item.path)
            raise Denied(
                "settings.unreadable",
                f"the permissions in {where} cannot be read, so it is not known what they forbid",
                cause=item.why or (f"{first.where}: {first.message}" if first else None),
                hint="mend the file, or move it away",
                details={"path": str(item.path), "problems": [problem.as_dict() for problem in item.problems]},
            )
    return found


def _parsed(path: Path, scope: Scope, root: Path, raw: bytes) -> SettingsFile:
    if len(raw) > MAX_JSON_BYTES:
        return SettingsFile(
            path, scope, root, Permissions(complete=False), (), False, f"it is larger than {MAX_JSON_BYTES} bytes"
        )
    if not raw.strip():
        return SettingsFile(path, scope, root, Permissions(), (), True)
    try:
        document = parse_json(raw, path=path, what="settings")
    except InvalidInput as error:
        return SettingsFile(path, scope, root, Permissions(complete=False), (), False, f"{error.message} ({error.cause})")
    permissions, problems = settings_json.parse(document, file=str(path))
    placed = tuple(with_places(problems, raw.decode("utf-8-sig")))
    return SettingsFile(path, scope, root, permissions, placed, True)
