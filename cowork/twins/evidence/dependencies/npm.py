"""package.json: what it declares, and how narrow."""

from __future__ import annotations

import re
from typing import Any

from cowork.twins.evidence.dependencies.dependency import Dependency, Group, Kind, Manifest, Problem, table, text
from cowork.twins.evidence.dependencies.files import read_json

_SECTIONS: dict[str, Group] = {
    "dependencies": "runtime",
    "devDependencies": "dev",
    "optionalDependencies": "optional",
    "peerDependencies": "optional",
}
LOCKED = ("dependencies", "devDependencies", "optionalDependencies")
"""Sections whose declarations lockfiles repeat."""

_EXACT = re.compile(r"[=v]*\d+\.\d+\.\d+(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_FROM_GIT = re.compile(r"git[+:@]|(?:github|gitlab|bitbucket|gist):|[\w.-]+/[\w.-]+(?:#.*)?$|https?://[^#]*\.git(?:#.*)?$")
_LOCAL = re.compile(r"(?:file|link|portal|workspace):|\.{0,2}/|~/")
_COMMIT = re.compile(r"#[0-9a-f]{7,40}$")
_OPEN = re.compile(r"\s*>=?\s*[\dvx*][^<]*")
_ANY = re.compile(r"[xX*](?:\.[xX*])*|")
_TAG = re.compile(r"[A-Za-z][\w.-]*")


def read_package_json(file: str, content: str) -> Manifest:
    """What a package.json declares. Raises Malformed."""
    data = read_json(content)
    found: list[Dependency] = []
    problems: list[Problem] = []
    for section, group in _SECTIONS.items():
        value = data.get(section)
        if value is not None and not isinstance(value, dict):
            problems.append(Problem(file, section, "it is not an object"))
        for name, spec in table(value).items():
            if isinstance(spec, str):
                found.append(dependency(name, spec.strip(), group, section))
            else:
                problems.append(Problem(file, f"{section}.{name}", "it is not a text"))
    application = "it is private" if data.get("private") is True and not data.get("workspaces") else ""
    return Manifest(file, "npm", text(data.get("name")), tuple(found), application, tuple(problems), data)


def dependency(name: str, spec: str, group: Group, section: str) -> Dependency:
    """A declaration: a range of versions, a tag, an address or a path."""
    if spec.startswith("npm:") and "@" in spec[5:]:
        range_ = spec.rpartition("@")[2]
        return Dependency(name, spec, _kind(range_), group, section, prerelease=_is_early(range_))
    if _LOCAL.match(spec):
        is_workspace = spec.startswith("workspace:")
        return Dependency(name, spec, "path", group, section, target="" if is_workspace else spec.partition(":")[2] or spec)
    if spec.startswith("catalog:"):
        return Dependency(name, spec, "ranged", group, section, inherited=True)
    if _FROM_GIT.match(spec):
        return Dependency(name, spec, "git", group, section, target=spec, moving=not _COMMIT.search(spec))
    if re.match(r"https?://", spec):
        return Dependency(name, spec, "url", group, section, target=spec)
    return Dependency(name, spec, _kind(spec), group, section, prerelease=_is_early(spec))


def _kind(spec: str) -> Kind:
    kinds = {_kind_of_one(part.strip()) for part in spec.split("||")}
    if "unbounded" in kinds:
        return "unbounded"
    return "pinned" if kinds == {"pinned"} and "||" not in spec else "ranged"


def _kind_of_one(part: str) -> Kind:
    if _EXACT.fullmatch(part):
        return "pinned"
    return "unbounded" if _ANY.fullmatch(part) or _OPEN.fullmatch(part) or _TAG.fullmatch(part) else "ranged"


def _is_early(spec: str) -> bool:
    exact = _EXACT.fullmatch(spec)
    return bool(exact and exact[1])


def overridden(data: dict[str, Any]) -> frozenset[str]:
    """Names whose version something else than their own declaration decides."""
    pnpm = table(data.get("pnpm"))
    names = {*table(data.get("overrides")), *table(data.get("resolutions")), *table(pnpm.get("overrides"))}
    return frozenset(
        bare for name in names for bare in (name, re.sub(r"(?<=.)@.*$", "", name.rpartition(">")[2]), name.rpartition("/")[2])
    )
