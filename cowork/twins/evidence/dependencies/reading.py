"""Every manifest and lockfile of a workspace, read."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from cowork.twins.evidence.dependencies import go, npm, npm_locks, pyproject, python_locks, requirements, rust
from cowork.twins.evidence.dependencies.dependency import Lock, Malformed, Manifest, Problem, table
from cowork.twins.evidence.dependencies.requirements import Requirements
from cowork.twins.evidence.look import Look
from cowork.twins.evidence.tree import Tree, is_set_aside

MOST_MANIFESTS = 500
_MOST_LOCK_BYTES = 16 * 1024 * 1024
_MANIFESTS: dict[str, Callable[[str, str], Manifest]] = {
    "pyproject.toml": pyproject.read_pyproject,
    "Pipfile": pyproject.read_pipfile,
    "setup.cfg": pyproject.read_setup_cfg,
    "package.json": npm.read_package_json,
    "Cargo.toml": rust.read_cargo_toml,
    "go.mod": go.read_go_mod,
}
_LOCKS: dict[str, Callable[[str, str], Lock]] = {
    **dict.fromkeys(python_locks.NAMES, python_locks.read_lock),
    **dict.fromkeys(npm_locks.NAMES, npm_locks.read_lock),
    "Cargo.lock": rust.read_cargo_lock,
    "go.sum": go.read_go_sum,
}
_RUN = ("Dockerfile", "Procfile", "manage.py", "fly.toml", "app.yaml", "docker-compose.yml", "compose.yaml")


@dataclass
class Everything:
    """What was read. `set_aside` counts manifests of others' packages and of samples for tests."""

    tree: Tree
    manifests: list[Manifest] = field(default_factory=list)
    locks: list[Lock] = field(default_factory=list)
    opaque: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    constraints: dict[str, tuple[str, ...]] = field(default_factory=dict)
    set_aside: int = 0
    left_out: int = 0


def read_everything(look: Look) -> Everything:
    """Manifests and lockfiles of the workspace. Raises OutOfTime."""
    found = Everything(Tree.of(look))
    wanted = [name for name in look.files if _is_wanted(name)]
    found.set_aside = sum(is_set_aside(name) for name in wanted)
    ours = [name for name in wanted if not is_set_aside(name)]
    found.left_out = max(0, len(ours) - MOST_MANIFESTS)
    asked: dict[str, Requirements] = {}
    for name in ours[:MOST_MANIFESTS]:
        base = posixpath.basename(name)
        if base in npm_locks.OPAQUE:
            found.opaque.append(name)
        elif base in _LOCKS:
            _read_lock(look, name, found)
        elif base in _MANIFESTS:
            _read_manifest(look, name, found)
        else:
            _read_requirements(look, name, asked, found)
    _sort_requirements(asked, found)
    found.manifests = [_as_application(manifest, found.tree) for manifest in _inheriting(found.manifests)]
    return found


def _is_wanted(name: str) -> bool:
    base = posixpath.basename(name)
    return base in _MANIFESTS or base in _LOCKS or base in npm_locks.OPAQUE or requirements.is_requirements(name)


def _read_lock(look: Look, name: str, found: Everything) -> None:
    content = look.read(name, _MOST_LOCK_BYTES)
    if content is None:
        found.opaque.append(name)
        return
    try:
        found.locks.append(_LOCKS[posixpath.basename(name)](name, content))
    except Malformed as error:
        found.problems.append(Problem(name, error.place, error.message))
        found.opaque.append(name)


def _read_manifest(look: Look, name: str, found: Everything) -> None:
    content = look.read(name)
    if content is None:
        return
    try:
        manifest = _MANIFESTS[posixpath.basename(name)](name, content)
    except Malformed as error:
        found.problems.append(Problem(name, error.place, error.message))
        return
    found.problems += manifest.problems
    found.manifests.append(manifest)


def _read_requirements(look: Look, name: str, asked: dict[str, Requirements], found: Everything) -> None:
    """A file for pip, and those that it names."""
    waiting = [(name, "")]
    while waiting and len(asked) < MOST_MANIFESTS:
        current, by = waiting.pop()
        if current in asked:
            continue
        if current not in found.tree.files:
            if not current.startswith("..") and not (look.root / current).exists():
                found.problems.append(Problem(by, "", f"it includes {current}, which is not there"))
            continue
        content = look.read(current)
        if content is None:
            continue
        asked[current] = read = requirements.read_requirements(current, content)
        waiting += [(other, current) for other in (*read.includes, *read.constrained_by)]


def _sort_requirements(asked: dict[str, Requirements], found: Everything) -> None:
    """Files of pins are locks, the others manifests."""
    constraining = {other for read in asked.values() for other in read.constrained_by}
    for name, read in asked.items():
        found.problems += read.manifest.problems
        found.constraints[name] = read.constrained_by
        if name in constraining or requirements.is_constraints(name) or requirements.is_lock(read):
            source = f"{name.rpartition('.')[0]}.in"
            found.locks.append(requirements.as_lock(read, complete=source in asked))
        else:
            found.manifests.append(read.manifest)


def _inheriting(manifests: list[Manifest]) -> list[Manifest]:
    """The same, with crates' dependencies that are declared for the whole workspace filled in."""
    shared: dict[str, Any] = {}
    for manifest in manifests:
        workspace = table(manifest.raw.get("workspace")) if manifest.ecosystem == "rust" else {}
        if workspace:
            shared[manifest.directory] = table(workspace.get("dependencies"))
    return [_filled(manifest, shared) if manifest.ecosystem == "rust" else manifest for manifest in manifests]


def _filled(manifest: Manifest, shared: dict[str, Any]) -> Manifest:
    if not any(one.inherited for one in manifest.dependencies):
        return manifest
    above = next((place for place in ancestors(manifest.directory) if place in shared), None)
    return manifest if above is None else rust.of_data(manifest.file, dict(manifest.raw), shared[above])


def ancestors(directory: str) -> list[str]:
    """A directory and those above it, the nearest first; the top is empty."""
    found = [directory]
    while directory:
        directory = posixpath.dirname(directory)
        found.append(directory)
    return found


def _as_application(manifest: Manifest, tree: Tree) -> Manifest:
    """The same, with what lies beside it and says that it is an application."""
    if manifest.application or not manifest.dependencies:
        return manifest
    if manifest.ecosystem == "rust":
        programs = (posixpath.join(manifest.directory, "src/main.rs"), posixpath.join(manifest.directory, "src/bin"))
        return replace(manifest, application="it has programs") if any(name in tree for name in programs) else manifest
    if manifest.ecosystem == "python" and (posixpath.basename(manifest.file) in ("pyproject.toml", "requirements.txt")):
        beside = next((name for name in _RUN if posixpath.join(manifest.directory, name) in tree.files), "")
        return replace(manifest, application=f"{beside} is beside it") if beside else manifest
    return manifest
