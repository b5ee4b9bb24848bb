"""Facts about packages that are declared more than once: twice in a list, against each other, in several major versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from cowork.core.text import one_line
from cowork.twins.evidence.dependencies import python_specs
from cowork.twins.evidence.dependencies.dependency import FROM_INDEX, Dependency, Manifest
from cowork.twins.evidence.dependencies.wording import about, listed, shown
from cowork.twins.evidence.findings import Fact


def contradicting(manifests: list[Manifest]) -> Iterator[Fact]:
    """Python packages that files of one directory pin to versions which cannot all be."""
    python = [manifest for manifest in manifests if manifest.ecosystem == "python"]
    for directory, group in groupby(sorted(python, key=lambda one: (one.directory, one.file)), key=lambda one: one.directory):
        asked: dict[str, list[tuple[str, Dependency]]] = {}
        for manifest in group:
            for one in manifest.dependencies:
                if not one.condition and one.kind in FROM_INDEX:
                    asked.setdefault(one.name, []).append((manifest.file, one))
        for name, declared in sorted(asked.items()):
            if _cannot_all_be([one.spec for _, one in declared]):
                each = dict.fromkeys(f"{one.spec} ({shown(file)}, {one_line(one.section, 60)})" for file, one in declared)
                data = {"kind": "conflict", "package": name, "directory": directory}
                specs = [{"file": file, "section": one.section, "spec": one.spec} for file, one in declared]
                yield Fact(
                    f"{shown(name)} is asked for in versions that exclude each other: {listed(each)}",
                    {**data, "declared": specs},
                )


def _cannot_all_be(specs: list[str]) -> bool:
    pins = {found[1] for spec in specs if (found := re.fullmatch(r"={2,3}([^,*]+)", spec))}
    return any(python_specs.satisfies(spec, pin) is False for pin in pins for spec in specs)


def repeated(manifests: list[Manifest]) -> Iterator[Fact]:
    """Packages that one list declares more than once."""
    for manifest in manifests:
        seen: dict[tuple[str, str, str], list[Dependency]] = {}
        for one in manifest.dependencies:
            section = "" if one.section.startswith("line ") else one.section
            seen.setdefault((section, one.name, one.extras), []).append(one)
        twice = [
            (name, found) for (_, name, _), found in seen.items() if len(found) > 1 and not any(one.condition for one in found)
        ]
        for name, found in twice:
            where = " and ".join(dict.fromkeys(one.section for one in found))
            specs = ", ".join(dict.fromkeys(one.spec or "any version" for one in found))
            times = f"{len(found)} times ({one_line(where, 80)})"
            text = f"{shown(manifest.file)} declares {shown(name)} {times}: {one_line(specs, 120)}"
            yield Fact(text, about("repeated", manifest, [name]))
    yield from _in_two_groups(manifests)


def _in_two_groups(manifests: list[Manifest]) -> Iterator[Fact]:
    for manifest in manifests:
        if manifest.ecosystem == "npm":
            by_section = {
                section: {one.name for one in manifest.dependencies if one.section == section}
                for section in ("dependencies", "devDependencies")
            }
            both = sorted(by_section["dependencies"] & by_section["devDependencies"])
            if both:
                text = f"{shown(manifest.file)} declares in dependencies and in devDependencies: {listed(both)}"
                yield Fact(text, about("repeated", manifest, both))


def apart(manifests: list[Manifest]) -> Iterator[Fact]:
    """Packages that several npm packages or crates of the repository ask for in different major versions."""
    for ecosystem in ("npm", "rust"):
        asked: dict[str, dict[str, list[str]]] = {}
        for manifest in manifests:
            for one in manifest.dependencies if manifest.ecosystem == ecosystem else ():
                major = _major_of_spec(one.spec) if one.kind in ("pinned", "ranged") and not one.inherited else ""
                if major and one.section != "peerDependencies":
                    asked.setdefault(one.name, {}).setdefault(major, []).append(f"{one.spec} ({manifest.file})")
        for name, majors in sorted(asked.items(), key=lambda item: (-len(item[1]), item[0])):
            if len(majors) > 1:
                each = [places[0] for _, places in sorted(majors.items())]
                text = f"{shown(name)} is asked for in {len(majors)} major versions: {listed(each)}"
                yield Fact(text, {"kind": "several_majors_declared", "package": name, "ecosystem": ecosystem, "declared": each})


def _major_of_spec(spec: str) -> str:
    found = re.fullmatch(r"[\^~=v]*\s*(\d+)(?:\.(\d+))?(?:\.\d+)?", spec)
    return "" if found is None else found[1] if found[1] != "0" else f"0.{found[2] or 0}"
