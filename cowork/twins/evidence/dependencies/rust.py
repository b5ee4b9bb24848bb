"""Cargo.toml and Cargo.lock."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cowork.twins.evidence.dependencies.dependency import (
    Dependency,
    Group,
    Kind,
    Lock,
    Manifest,
    Problem,
    items,
    table,
    text,
    versions_of,
)
from cowork.twins.evidence.dependencies.files import read_toml
from cowork.twins.evidence.dependencies.python_specs import above

_SECTIONS: dict[str, Group] = {"dependencies": "runtime", "dev-dependencies": "dev", "build-dependencies": "dev"}
_COMPARATOR = re.compile(r"(\^|~|=|>=|<=|>|<)?\s*(\d+(?:\.\d+){0,2})((?:\.[*xX])*)(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")


def read_cargo_toml(file: str, content: str) -> Manifest:
    """What a Cargo.toml declares. Raises Malformed."""
    return of_data(file, read_toml(content), {})


def of_data(file: str, data: dict[str, Any], inherited: Mapping[str, Any]) -> Manifest:
    """What a Cargo.toml declares. `inherited` is the table `workspace.dependencies` that counts for it."""
    found: list[Dependency] = []
    problems: list[Problem] = []
    for section, group, condition, value in _tables(data):
        if not isinstance(value, dict):
            problems.append(Problem(file, section, "it is not a table"))
        for name, about in table(value).items():
            if isinstance(about, (str, dict)):
                found.append(_dependency(name, about, group, section, condition, inherited))
            else:
                problems.append(Problem(file, f"{section}.{name}", "it is neither a text nor a table"))
    application = "it has programs" if data.get("bin") else ""
    name = text(table(data.get("package")).get("name"))
    return Manifest(file, "rust", name, tuple(found), application, tuple(problems), data)


def _tables(data: dict[str, Any]) -> Iterator[tuple[str, Group, str, Any]]:
    for section, group in _SECTIONS.items():
        if section in data:
            yield section, group, "", data[section]
        for condition, target in table(data.get("target")).items():
            if section in table(target):
                yield f"target.{condition}.{section}", group, condition, target[section]
    workspace = table(data.get("workspace"))
    if "dependencies" in workspace:
        yield "workspace.dependencies", "runtime", "", workspace["dependencies"]


def _dependency(
    name: str, about: str | dict[str, Any], group: Group, section: str, condition: str, inherited: Mapping[str, Any]
) -> Dependency:
    fields = {"version": about} if isinstance(about, str) else about
    from_workspace = fields.get("workspace") is True
    if from_workspace:
        shared = inherited.get(name)
        fields = {**({"version": shared} if isinstance(shared, str) else table(shared)), **fields}
    if fields.get("optional") is True and group == "runtime":
        group = "optional"
    name = text(fields.get("package")) or name
    spec, target, moving = text(fields.get("version")).strip(), "", False
    kind: Kind
    if text(fields.get("git")):
        kind, target, moving = "git", text(fields["git"]), not fields.get("rev")
        spec = next((f"{key} {fields[key]}" for key in ("rev", "tag", "branch") if text(fields.get(key))), spec)
    elif text(fields.get("path")):
        kind, target = "path", text(fields["path"])
    else:
        kind = kind_of(spec)
    early = kind == "pinned" and "-" in spec
    # a path of the workspace's is relative to another file, where it is judged
    return Dependency(name, spec, kind, group, section, condition, early, target, moving, from_workspace)


def kind_of(spec: str) -> Kind:
    """How narrow a requirement is; `1.2` means `^1.2`."""
    parts = [part.strip() for part in spec.split(",")]
    if len(parts) == 1 and re.fullmatch(r"=\s*\d+\.\d+\.\d+.*", spec) and "*" not in spec:
        return "pinned"
    return "unbounded" if all(not part or part[0] in "*>xX" for part in parts) else "ranged"


def satisfies(spec: str, version: str) -> bool | None:
    """Whether a version is one that is asked for; None when that cannot be told, as for pre-releases."""
    found = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)(-.*)?(?:\+.*)?", version)
    if found is None or found[4]:
        return None
    numbers = [int(found[1]), int(found[2]), int(found[3])]
    fits = [_fits(part.strip(), numbers) for part in spec.split(",")]
    return False if False in fits else None if None in fits else True


def _fits(part: str, version: list[int]) -> bool | None:
    if part in ("", "*"):
        return True
    found = _COMPARATOR.fullmatch(part)
    if found is None or found[4]:
        return None
    sign, numbers = found[1] or ("=" if found[3] else "^"), [int(number) for number in found[2].split(".")]
    start = version[: len(numbers)]
    if sign in ("^", "~"):
        return version >= numbers and version < above(sign, numbers)
    if sign == "=":
        return start == numbers
    return {">": start > numbers, ">=": start >= numbers, "<": start < numbers, "<=": start <= numbers}[sign]


def read_cargo_lock(file: str, content: str) -> Lock:
    """What a Cargo.lock holds. Raises Malformed."""
    packages = [table(one) for one in items(read_toml(content).get("package"))]
    pairs = [(text(one.get("name")), text(one.get("version"))) for one in packages]
    return Lock(file, "rust", versions_of([pair for pair in pairs if pair[0]]))
