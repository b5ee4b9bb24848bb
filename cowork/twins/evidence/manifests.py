"""Declared dependencies of Python, npm, Rust and Go: what is wrong with them first, then what there is.

Only files are read: advisories and newest versions are not known here, and a fact says which command would tell.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator
from typing import get_args

from cowork.core.text import one_line
from cowork.twins.evidence.dependencies import declared_facts, duplicate_facts, licences, lock_facts, npm_locks, python_locks
from cowork.twins.evidence.dependencies.dependency import Dependency, Ecosystem, Kind
from cowork.twins.evidence.dependencies.matching import Project, locked_version, match
from cowork.twins.evidence.dependencies.reading import MOST_MANIFESTS, Everything, read_everything
from cowork.twins.evidence.findings import Fact, Findings
from cowork.twins.evidence.look import Look, OutOfTime

_MOST_FACTS = 200
_MOST_LISTED = 50
_LOCK_NAMES = (*npm_locks.NAMES, *npm_locks.OPAQUE, *python_locks.NAMES, "Cargo.lock", "go.sum")

Licences = dict[tuple[str, str], str]
"""Licences by the file that declares a package and its name."""


def collect(look: Look) -> Findings:
    """Manifests that cannot be read, lockfiles that disagree, conflicts and so on; then each manifest with what it declares."""
    everything = read_everything(look)
    projects = [project for project in match(everything) if project.manifest.dependencies]
    if not everything.manifests and not everything.problems:
        return Findings("There are no dependency manifests.", figures={"manifests": 0, "set_aside": everything.set_aside})
    known, versions, late = _licences(look, projects)
    urgent = list(_urgent(look, everything, projects, known))
    ecosystems = [name for name in get_args(Ecosystem) if any(project.manifest.ecosystem == name for project in projects)]
    closing = [declared_facts.unknown(ecosystems)] if ecosystems else []
    facts = [*urgent, *closing, *(_inventory(project, known, versions) for project in projects)]
    left_out = [late] if late else []
    if everything.left_out:
        left_out.append(f"{everything.left_out} manifests beyond the first {MOST_MANIFESTS}")
    figures = _figures(everything, projects, urgent)
    total = len(facts) if len(facts) > _MOST_FACTS else None
    return Findings(_summary(figures, urgent), tuple(facts[:_MOST_FACTS]), figures, total, tuple(left_out))


def _urgent(look: Look, everything: Everything, projects: list[Project], known: Licences) -> Iterator[Fact]:
    """What somebody may want to act on, the worst first."""
    manifests = [project.manifest for project in projects]
    yield from declared_facts.broken(everything.problems)
    yield from lock_facts.disagreeing(projects)
    yield from duplicate_facts.contradicting(manifests)
    yield from lock_facts.two_managers(everything.locks, everything.opaque)
    yield from lock_facts.unlocked(projects, _ignored_locks(look, projects))
    yield from declared_facts.sources(manifests)
    yield from duplicate_facts.repeated(manifests)
    yield from declared_facts.unbounded(projects)
    yield from duplicate_facts.apart(manifests)
    yield from declared_facts.early(manifests)
    yield from declared_facts.misplaced(manifests)
    yield from declared_facts.copyleft(known, manifests)
    yield from lock_facts.several_majors(everything.locks)


def _ignored_locks(look: Look, projects: list[Project]) -> frozenset[str]:
    """Lockfiles that lie beside manifests without one, though git does not have them."""
    places = {project.manifest.directory for project in projects if not project.locked_by}
    names = {posixpath.join(place, name) for place in places for name in _LOCK_NAMES}
    return frozenset(name for name in names if (look.root / name).is_file())


def _licences(look: Look, projects: list[Project]) -> tuple[Licences, Licences, str]:
    """Licences and installed versions, as far as they can be read here."""
    found: Licences = {}
    versions: Licences = {}
    try:
        for project in projects:
            look.checkpoint()
            names = [one.name for one in project.manifest.dependencies]
            file, directory = project.manifest.file, project.manifest.directory
            installed: dict[str, tuple[str, str]] = {}
            if project.manifest.ecosystem == "python":
                installed = licences.of_python(look, directory, names)
            elif project.manifest.ecosystem == "npm":
                installed = licences.of_npm(look, directory, names)
            for name, (version, licence) in installed.items():
                versions[file, name] = version
                if licence:
                    found[file, name] = licence
            for one in project.manifest.dependencies:
                locked = project.lock.licences.get((one.name, locked_version(one, project))) if project.lock else None
                if locked:
                    found[file, one.name] = locked
    except OutOfTime:
        return found, versions, "some licences: time was over"
    return found, versions, ""


def _inventory(project: Project, known: Licences, installed: Licences) -> Fact:
    """A manifest and what it declares."""
    manifest = project.manifest
    groups = Counter(one.group for one in manifest.dependencies)
    kinds = Counter(one.kind for one in manifest.dependencies)
    parts = [", ".join(f"{count} {name}" for name, count in counted.most_common()) for counted in (groups, kinds)]
    locked = f"locked by {one_line(project.locked_by, 100)}" if project.locked_by else "without a lockfile"
    listed = [_listed(one, project, known, installed) for one in manifest.dependencies[:_MOST_LISTED]]
    about = {"kind": "manifest", "file": manifest.file, "ecosystem": manifest.ecosystem, "lock": project.locked_by}
    text = f"{one_line(manifest.file, 120)} ({manifest.ecosystem}): {parts[0]}; {parts[1]}; {locked}"
    return Fact(text, {**about, "dependencies": listed})


def _listed(one: Dependency, project: Project, known: Licences, installed: Licences) -> dict[str, object]:
    place = project.manifest.file, one.name
    asked = {"name": one.name, "spec": one.spec, "kind": one.kind, "group": one.group, "section": one.section}
    found = {
        "condition": one.condition,
        "locked": locked_version(one, project),
        "installed": installed.get(place, ""),
        "licence": known.get(place, ""),
    }
    return {**asked, **{name: value for name, value in found.items() if value}}


def _figures(everything: Everything, projects: list[Project], urgent: list[Fact]) -> dict[str, object]:
    every = [one for project in projects for one in project.manifest.dependencies if not one.inherited]
    kinds = Counter(one.kind for one in every)
    ecosystems: Counter[str] = Counter()
    for project in projects:
        ecosystems[project.manifest.ecosystem] += sum(not one.inherited for one in project.manifest.dependencies)
    return {
        "manifests": len(projects),
        "lockfiles": len(everything.locks) + len(everything.opaque),
        "set_aside": everything.set_aside,
        "dependencies": len(every),
        "by_ecosystem": dict(ecosystems),
        "by_kind": {kind: kinds[kind] for kind in get_args(Kind)},
        "by_group": dict(Counter(one.group for one in every)),
        "findings": dict(Counter(str(fact.data["kind"]) for fact in urgent)),
    }


def _summary(figures: dict[str, object], urgent: list[Fact]) -> str:
    count = figures["manifests"]
    said = f"{figures['dependencies']} dependencies in {count} {'manifest' if count == 1 else 'manifests'}"
    if not urgent:
        return f"{said}: nothing stands out; advisories are unknown offline."
    kinds = Counter(str(fact.data["kind"]).replace("_", " ") for fact in urgent)
    counted = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(5))
    return f"{said}; {len(urgent)} {'finding' if len(urgent) == 1 else 'findings'} ({counted}); advisories are unknown offline."
