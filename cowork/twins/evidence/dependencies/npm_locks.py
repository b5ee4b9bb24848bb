"""Lockfiles of npm, pnpm and yarn."""

from __future__ import annotations

import posixpath
import re
from typing import Any

from cowork.twins.evidence.dependencies.dependency import Lock, items, table, text, versions_of
from cowork.twins.evidence.dependencies.files import read_json, read_yaml
from cowork.twins.evidence.dependencies.npm import LOCKED

NAMES = ("package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock")
OPAQUE = ("bun.lock", "bun.lockb", "deno.lock")
"""Lockfiles that are known to be there, and not read."""

_PNPM_SECTION = re.compile(r"^(?=[A-Za-z'\"])", re.MULTILINE)
_PNPM_PACKAGE = re.compile(r"^  ['\"]?/?((?:@[^/\s'\"@]+/)?[^/@\s'\"]+)[@/]([0-9][^\s'\":(_]*)", re.MULTILINE)
_PNPM_READ = ("importers", "specifiers", "overrides", *LOCKED)
_YARN_NAME = re.compile(r"((?:@[^/@\s]+/)?[^@/\s]+)@(.*)")
_YARN_VERSION = re.compile(r"  version:? \"?([^\"\s]+)\"?")


def read_lock(file: str, content: str) -> Lock:
    """What a lockfile holds. Raises Malformed."""
    base = posixpath.basename(file)
    if base == "yarn.lock":
        return _yarn(file, content)
    return _pnpm(file, content) if base == "pnpm-lock.yaml" else _package_lock(file, read_json(content))


def _package_lock(file: str, data: dict[str, Any]) -> Lock:
    packages = data.get("packages")
    if not isinstance(packages, dict):
        return _package_lock_1(file, data)
    pairs, members, direct, licences = [], {}, {}, {}
    for path, about in packages.items():
        about = table(about)
        above, inside, name = path.rpartition("node_modules/")
        if not inside:
            members[_beside(file, path)] = _declared(about)
            continue
        if about.get("link"):
            continue
        version = text(about.get("version"))
        pairs.append((name, version))
        if "node_modules/" not in above:
            direct[posixpath.join(posixpath.dirname(file), above).rstrip("/"), name] = version
        licence = _licence(about.get("license"))
        if licence:
            licences[name, version] = licence
    return Lock(file, "npm", versions_of(pairs), members=members, direct=direct, licences=licences)


def _beside(file: str, path: str) -> str:
    """A directory that a lockfile names, from the top, which is empty."""
    found = posixpath.normpath(posixpath.join(posixpath.dirname(file), path))
    return "" if found == "." else found


def _declared(about: dict[str, Any]) -> dict[str, str]:
    """What a package declares, of a name in several sections what npm takes."""
    return {name: text(spec).strip() for section in LOCKED for name, spec in table(about.get(section)).items()}


def _licence(value: Any) -> str:
    return text(value) or text(table(value).get("type"))


def _package_lock_1(file: str, data: dict[str, Any]) -> Lock:
    """Version 1: a tree of packages, without what was declared."""
    top = table(data.get("dependencies"))
    pairs: list[tuple[str, str]] = []
    waiting = [top]
    while waiting:
        for name, about in waiting.pop().items():
            pairs.append((name, _plain(text(table(about).get("version")))))
            waiting.append(table(table(about).get("dependencies")))
    where = posixpath.dirname(file)
    return Lock(
        file,
        "npm",
        versions_of(pairs),
        direct={(where, name): _plain(text(table(one).get("version"))) for name, one in top.items()},
    )


def _plain(version: str) -> str:
    return version if re.match(r"\d", version) else ""


def _pnpm(file: str, content: str) -> Lock:
    """Only the sections with declarations are parsed as YAML: the others are long, and their keys say enough."""
    sections = {section.partition(":")[0].strip("'\""): section for section in _PNPM_SECTION.split(content) if ":" in section}
    data = read_yaml("".join(section for name, section in sections.items() if name in _PNPM_READ))
    pairs = [(found[1], found[2]) for found in _PNPM_PACKAGE.finditer(sections.get("packages", ""))]
    importers = table(data.get("importers")) or {".": data}
    members, direct = {}, {}
    for path, about in importers.items():
        where = _beside(file, str(path))
        members[where] = _pnpm_declared(table(about))
        for section in LOCKED:
            for name, one in table(table(about).get(section)).items():
                version = re.match(r"\d[^(_]*", text(one) or text(table(one).get("version")))
                if version:
                    direct[where, name] = version[0]
    return Lock(
        file, "npm", versions_of(pairs), members=members, direct=direct, replaced=frozenset(table(data.get("overrides")))
    )


def _pnpm_declared(about: dict[str, Any]) -> dict[str, str]:
    specs = {name: text(spec) for name, spec in table(about.get("specifiers")).items()}
    for section in LOCKED:
        specs |= {name: text(one["specifier"]) for name, one in table(about.get(section)).items() if "specifier" in table(one)}
    return specs


def _yarn(file: str, content: str) -> Lock:
    """Both formats: keys at the margin, several of them separated by commas, and a version below."""
    pairs: list[tuple[str, str]] = []
    patterns: set[str] = set()
    names: set[str] = set()
    for line in content.splitlines():
        if line.endswith(":") and not line.startswith((" ", "#")):
            keys = [_YARN_NAME.fullmatch(key.strip().strip('"')) for key in line[:-1].replace('", "', ", ").split(", ")]
            found = [(key[1], key[2]) for key in keys if key]
            names = {name for name, _ in found}
            patterns |= {f"{name}@{spec.removeprefix('npm:')}" for name, spec in found}
        elif names and (version := _YARN_VERSION.fullmatch(line)):
            if version[1] != "0.0.0-use.local":
                pairs += [(name, version[1]) for name in names]
            names = set()
    return Lock(file, "npm", versions_of(pairs), patterns=frozenset(patterns))


def workspaces_of(data: dict[str, Any]) -> list[str]:
    """Globs of the packages that a package.json keeps in one lockfile with itself."""
    value = data.get("workspaces")
    return [text(glob) for glob in items(value) or items(table(value).get("packages")) if text(glob)]
