"""Lockfiles of Python: poetry.lock, uv.lock, pdm.lock, pylock.toml and Pipfile.lock."""

from __future__ import annotations

import posixpath
from typing import Any

from packaging.utils import canonicalize_name

from cowork.twins.evidence.dependencies.dependency import Lock, items, table, text, versions_of
from cowork.twins.evidence.dependencies.files import read_json, read_toml

NAMES = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock")


def read_lock(file: str, content: str) -> Lock:
    """What a lockfile holds. Raises Malformed."""
    if posixpath.basename(file) == "Pipfile.lock":
        return _pipfile_lock(file, read_json(content))
    data = read_toml(content)
    packages = [table(one) for one in items(data.get("package")) or items(data.get("packages"))]
    pairs = [(canonicalize_name(text(one.get("name"))), text(one.get("version"))) for one in packages if one.get("name")]
    return Lock(file, "python", versions_of(pairs), complete=posixpath.basename(file) in ("uv.lock", "poetry.lock"))


def _pipfile_lock(file: str, data: dict[str, Any]) -> Lock:
    pairs = [
        (canonicalize_name(name), text(table(about).get("version")).removeprefix("=="))
        for section, packages in data.items()
        if section != "_meta"
        for name, about in table(packages).items()
    ]
    return Lock(file, "python", versions_of(pairs))
