"""Facts about lockfiles: those that disagree with their manifest, or with each other, and those that are not there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from itertools import groupby

from cowork.core.text import one_line
from cowork.twins.evidence.dependencies.dependency import Lock
from cowork.twins.evidence.dependencies.matching import Project, differences
from cowork.twins.evidence.dependencies.wording import about, listed, shown
from cowork.twins.evidence.findings import Fact

_MANAGERS = {
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "yarn.lock": "yarn",
    "pnpm-lock.yaml": "pnpm",
    "bun.lock": "bun",
    "bun.lockb": "bun",
}


def disagreeing(projects: list[Project]) -> Iterator[Fact]:
    """Lockfiles that do not do what their manifest asks, the most differences first."""
    found = [(differences(project), project) for project in projects]
    for changes, project in sorted(found, key=lambda pair: -len(pair[0])):
        if changes:
            both = f"{shown(project.locked_by)} does not match {shown(project.manifest.file)}"
            text = f"{both}: {listed(one.text for one in changes)}"
            data = about("lock_disagrees", project.manifest, [one.name for one in changes])
            yield Fact(text, {**data, "lock": project.locked_by, "differences": [one_line(one.text) for one in changes]})


def two_managers(locks: list[Lock], opaque: list[str]) -> Iterator[Fact]:
    """Lockfiles of several package managers in one directory: which of them counts, nobody can tell."""
    names = {name for name in (*(lock.file for lock in locks), *opaque) if posixpath.basename(name) in _MANAGERS}
    for directory, group in groupby(sorted(names, key=lambda name: (posixpath.dirname(name), name)), key=posixpath.dirname):
        files = [posixpath.basename(name) for name in group]
        managers = {_MANAGERS[name] for name in files}
        if len(managers) > 1:
            where = shown(directory) or "The top directory"
            text = f"{where} holds lockfiles of {len(managers)} package managers: {listed(files)}"
            yield Fact(text, {"kind": "several_managers", "directory": directory, "files": files})


def unlocked(projects: list[Project], exists: frozenset[str]) -> Iterator[Fact]:
    """Applications without a lockfile. `exists` are lockfiles that are there and that git ignores."""
    for project in projects:
        manifest = project.manifest
        needed = [one for one in manifest.dependencies if one.kind in ("ranged", "unbounded") and one.group != "indirect"]
        if manifest.ecosystem == "go":
            needed = [one for one in manifest.dependencies if one.kind == "pinned"]
            why = "go.sum is not there, so nothing vouches for what is downloaded"
        else:
            why = f"it is of an application ({manifest.application}), and there is no lockfile"
        if needed and not project.locked_by and (manifest.application or manifest.ecosystem == "go"):
            ignored = [name for name in sorted(exists) if posixpath.dirname(name) == manifest.directory]
            also = f"; git ignores its {listed(map(posixpath.basename, ignored))}" if ignored else ""
            yield Fact(f"{shown(manifest.file)}: {why}{also}", about("no_lock", manifest, []))


def several_majors(locks: list[Lock]) -> Iterator[Fact]:
    """Packages that a lockfile holds in several major versions, those with the most first."""
    for lock in locks:
        found = {
            name: sorted(versions) for name, versions in lock.versions.items() if len({_major(one) for one in versions}) > 1
        }
        if found and lock.ecosystem in ("npm", "rust"):
            ranked = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
            each = listed(f"{name} {', '.join(versions)}" for name, versions in ranked)
            many = f"{len(found)} {'package' if len(found) == 1 else 'packages'}"
            text = f"{shown(lock.file)} holds several major versions of {many}: {each}"
            yield Fact(text, {"kind": "several_majors_locked", "file": lock.file, "packages": dict(ranked)})


def _major(version: str) -> str:
    parts = version.split(".")
    return parts[0] if parts[0] != "0" else ".".join(parts[:2])
