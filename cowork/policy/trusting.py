"""Recording that a project is trusted, and taking it back: the only place that writes what `cowork.trust` reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cowork.core.clock import Clock, rfc3339
from cowork.core.errors import Denied, InvalidInput
from cowork.core.files import ensure_dir, read_json, write_atomic
from cowork.core.locks import locked
from cowork.core.paths import home

MAX_BYTES = 32 * 1024 * 1024


def path() -> Path:
    """Where the record of trust is, whether or not it exists."""
    return home() / "trust.json"


def remember(project: str, digest: str, files: Mapping[str, str], clock: Clock) -> None:
    """Record that a project is trusted as it is now. Raises `trust.corrupt`, `file.*`: a bad record is never replaced."""
    record = {"digest": digest, "trusted_at": rfc3339(clock.now()), "files": dict(files)}
    _change(lambda projects: {**projects, project: record})


def forget(project: str) -> bool:
    """Take back the trust in a project; returns whether there was any. Raises `trust.corrupt`, `file.*`."""
    if project not in recorded():
        return False
    _change(lambda projects: {name: record for name, record in projects.items() if name != project})
    return True


def recorded() -> dict[str, Any]:
    """The recorded projects, by real path. Raises `trust.corrupt`, `file.*`."""
    try:
        document = read_json(path(), what="record of trust", limit=MAX_BYTES)
    except FileNotFoundError:
        return {}
    projects = document.get("projects") if isinstance(document, dict) and document.get("version") == 1 else None
    if not isinstance(projects, dict) or not all(isinstance(record, dict) for record in projects.values()):
        raise InvalidInput(
            "trust.corrupt",
            f"{path()} is no record of trust",
            cause='it needs "version": 1 and an object "projects"',
            hint="mend it, or move it away: then nothing is trusted",
            details={"path": str(path())},
        )
    return projects


def untrusted(project: str, what: str, why: str) -> Denied:
    """The error for something that a project may do only once it is trusted."""
    return Denied(
        "trust.untrusted",
        f"{what} cannot be used: you do not trust {project}",
        cause=why,
        hint=f"look at it and trust it: cowork config trust {project}",
        details={"project": project, "what": what},
    )


def _change(make: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    ensure_dir(home())
    with locked(path().with_suffix(".lock")):
        document = {"version": 1, "projects": dict(sorted(make(recorded()).items()))}
        write_atomic(path(), json.dumps(document, indent=1).encode() + b"\n")
