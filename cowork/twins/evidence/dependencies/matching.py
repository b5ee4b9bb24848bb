"""Which lockfile belongs to which manifest, what each declaration came to, and where the two disagree."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from cowork.twins.evidence.dependencies import npm, pyproject, python_specs, rust
from cowork.twins.evidence.dependencies.dependency import FROM_INDEX, Dependency, Lock, Manifest
from cowork.twins.evidence.dependencies.npm_locks import workspaces_of
from cowork.twins.evidence.dependencies.reading import Everything, ancestors

_OWN_LOCKS = {
    "Pipfile": ("Pipfile.lock",),
    "pyproject.toml": ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"),
}


@dataclass(frozen=True)
class Project:
    """A manifest and the lockfile that counts for it. `locked_by` names it also where it cannot be read."""

    manifest: Manifest
    lock: Lock | None
    locked_by: str


@dataclass(frozen=True)
class Difference:
    """Where a lockfile does not do what its manifest asks."""

    name: str
    text: str


def match(everything: Everything) -> list[Project]:
    """Every manifest with its lockfile."""
    return [_project(manifest, everything) for manifest in everything.manifests]


def _project(manifest: Manifest, everything: Everything) -> Project:
    lock = next((lock for lock in _locks_of(manifest, everything) if _says_enough(lock, manifest)), None)
    if lock is not None:
        return Project(manifest, lock, lock.file)
    near = ancestors(manifest.directory) if manifest.ecosystem == "npm" else [manifest.directory]
    opaque = next((name for place in near for name in everything.opaque if posixpath.dirname(name) == place), "")
    return Project(manifest, None, opaque)


def _says_enough(lock: Lock, manifest: Manifest) -> bool:
    """Whether a lockfile is one for a manifest. Constraints that hold back a package or two are none."""
    names = {one.name for one in manifest.dependencies if one.kind in FROM_INDEX}
    return lock.complete or 2 * sum(name in lock.versions for name in names) >= len(names)


def _locks_of(manifest: Manifest, everything: Everything) -> Iterator[Lock]:
    """Lockfiles that may count, the likeliest first."""
    locks = [lock for lock in everything.locks if lock.ecosystem == manifest.ecosystem]
    base = posixpath.basename(manifest.file)
    if manifest.ecosystem == "python":
        yield from _python_locks(manifest, base, locks, everything)
    elif manifest.ecosystem == "go":
        yield from (lock for lock in locks if lock.directory == manifest.directory)
    else:
        for place in ancestors(manifest.directory):
            yield from (lock for lock in locks if lock.directory == place and _covers(lock, manifest, everything))


def _python_locks(manifest: Manifest, base: str, locks: list[Lock], everything: Everything) -> Iterator[Lock]:
    beside = [lock for lock in locks if lock.directory == manifest.directory]
    if manifest.file in everything.constraints:  # for pip: what it names, or what was made of it
        made = f"{manifest.file.rpartition('.')[0]}.txt"
        names = (made, *everything.constraints[manifest.file])
        yield from (lock for lock in locks if lock.file in names and lock.file != manifest.file)
        return
    for name in _OWN_LOCKS.get(base, ()):
        yield from (lock for lock in beside if posixpath.basename(lock.file) == name)
    if base != "Pipfile":
        yield from (lock for lock in beside if lock.file in everything.constraints and not _is_of_source(lock, everything))
        uv = [lock for lock in locks if posixpath.basename(lock.file) == "uv.lock" and manifest.name in lock.versions]
        yield from (
            lock for place in ancestors(manifest.directory)[1:] for lock in uv if manifest.name and lock.directory == place
        )


def _is_of_source(lock: Lock, everything: Everything) -> bool:
    """Whether pins were made of a requirements.in, and say nothing about other manifests."""
    return f"{lock.file.rpartition('.')[0]}.in" in everything.tree.files


def _covers(lock: Lock, manifest: Manifest, everything: Everything) -> bool:
    """Whether a lockfile, of this directory or one above, was made for a manifest."""
    if lock.directory == manifest.directory:
        return True
    if manifest.ecosystem == "rust":
        return manifest.name in lock.versions
    if lock.members is not None:
        return manifest.directory in lock.members
    tops = [one for one in everything.manifests if one.file == posixpath.join(lock.directory, "package.json")]
    return any(workspaces_of(dict(top.raw)) for top in tops)


def locked_version(one: Dependency, project: Project) -> str:
    """The version that the lockfile has for a declaration, empty when that is not known."""
    lock = project.lock
    if one.kind == "pinned" and one.section and project.manifest.ecosystem == "go":
        return one.spec
    if lock is None:
        return ""
    for place in ancestors(project.manifest.directory):
        if (place, one.name) in lock.direct:
            return lock.direct[place, one.name]
    versions = lock.versions.get(one.name, frozenset())
    fitting = [version for version in versions if _satisfies(one, version, project) is not False]
    return fitting[0] if len(fitting) == 1 else next(iter(versions)) if len(versions) == 1 else ""


def _satisfies(one: Dependency, version: str, project: Project) -> bool | None:
    ecosystem = project.manifest.ecosystem
    if ecosystem == "python":
        return python_specs.satisfies(one.spec, version)
    if ecosystem == "rust":
        return rust.satisfies(one.spec, version)
    return version == one.spec if ecosystem == "go" else None


def differences(project: Project) -> list[Difference]:
    """What a lockfile lacks, or has in a version that is not asked for; sorted by name."""
    if project.lock is None:
        return []
    from_index = [one for one in project.manifest.dependencies if one.kind in FROM_INDEX]
    if project.manifest.ecosystem == "npm":
        found = list(_npm_differences(project, project.lock, from_index))
    else:
        found = list(_version_differences(project, project.lock, from_index))
    return sorted(found, key=lambda one: one.name)


def _version_differences(project: Project, lock: Lock, asked: list[Dependency]) -> Iterator[Difference]:
    """By the versions that are locked: none, or none that is asked for."""
    is_python = project.manifest.ecosystem == "python"
    decided = pyproject.overridden(project.manifest.raw) if is_python else frozenset()
    for one in {one.name: one for one in asked if not (is_python and one.condition) and one.name not in decided}.values():
        versions = lock.versions.get(one.name)
        if versions is None:
            if lock.complete and one.section != "workspace.dependencies":  # where no crate uses it, it is not locked
                yield Difference(one.name, f"{one.name} is missing")
        elif versions and all(_satisfies(one, version, project) is False for version in versions):
            yield Difference(one.name, f"{one.name} is asked for as {one.spec} and locked as {', '.join(sorted(versions))}")


def _npm_differences(project: Project, lock: Lock, asked: list[Dependency]) -> Iterator[Difference]:
    """By the declarations that a lockfile was made for."""
    decided = npm.overridden(dict(project.manifest.raw)) | lock.replaced
    wanted = {
        one.name: one.spec for section in npm.LOCKED for one in asked if one.section == section and one.name not in decided
    }
    if lock.patterns is not None:
        known = {pattern.rpartition("@")[0] for pattern in lock.patterns}
        for name, spec in wanted.items():
            if f"{name}@{spec}" not in lock.patterns and f"{name}@{spec.removeprefix('npm:')}" not in lock.patterns:
                how = f"is asked for as {spec}, and the lockfile is for other versions" if name in known else "is missing"
                yield Difference(name, f"{name} {how}")
        return
    made_for = lock.members.get(project.manifest.directory) if lock.members is not None else None
    if made_for is None:
        missing = [name for name in wanted if lock.members is None and name not in lock.versions]
        yield from (Difference(name, f"{name} is missing") for name in missing)
        return
    for name, spec in wanted.items():
        if name not in made_for:
            yield Difference(name, f"{name} is missing")
        elif made_for[name] != spec:
            yield Difference(
                name, f"{name} is asked for as {spec}, and the lockfile was made for {made_for[name] or 'no version'}"
            )
    declared = {one.name for one in project.manifest.dependencies} | decided
    yield from (Difference(name, f"{name} is no longer declared") for name in made_for if name not in declared)
