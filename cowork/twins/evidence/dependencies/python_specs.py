"""What Python's ways to ask for a version mean: PEP 508, and the carets and tildes of Poetry."""

from __future__ import annotations

import re

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from cowork.twins.evidence.dependencies.dependency import Dependency, Group, Kind

_COMMIT = re.compile(r"[0-9a-f]{7,40}")
_CARET = re.compile(r"(\^|~(?!=))\s*(\d+(?:\.\d+)*)(.*)")
_BARE = re.compile(r"\d[\w.!+-]*(?:\.\*)?")


class BadRequirement(ValueError):
    """A requirement is none; the text says why."""


def of_requirement(line: str, group: Group, section: str) -> Dependency:
    """A dependency of a PEP 508 text. Raises BadRequirement."""
    try:
        found = Requirement(line)
    except InvalidRequirement as error:
        raise BadRequirement(str(error).split("\n", 1)[0]) from None
    condition = str(found.marker) if found.marker else ""
    name = canonicalize_name(found.name)
    if found.url:
        return from_address(name, found.url, group, section, condition)
    spec = ",".join(sorted(map(str, found.specifier)))
    extras = ",".join(sorted(found.extras))
    early = has_prerelease(found.specifier)
    return Dependency(name, spec, kind_of(found.specifier), group, section, condition, early, extras=extras)


def from_address(name: str, address: str, group: Group, section: str, condition: str = "") -> Dependency:
    """A dependency that comes from an address: `git+https://host/it@revision`, a file, an archive."""
    if address.startswith("git+"):
        bare = address.partition("#")[0]
        revision = bare.rpartition("@")[2] if "@" in bare.rpartition("/")[2] else ""
        moving = not _COMMIT.fullmatch(revision)
        return Dependency(name, address, "git", group, section, condition, target=address, moving=moving)
    if address.startswith("file:") or "://" not in address:
        return Dependency(name, address, "path", group, section, condition, target=address.removeprefix("file:").split("#")[0])
    return Dependency(name, address, "url", group, section, condition, target=address)


def kind_of(specifiers: SpecifierSet) -> Kind:
    """How narrow specifiers are."""
    operators = {(one.operator, one.version.endswith(".*")) for one in specifiers}
    if ("==", False) in operators or ("===", False) in operators:
        return "pinned"
    if any(operator in ("<", "<=", "~=") or (operator == "==" and star) for operator, star in operators):
        return "ranged"
    return "unbounded"


def has_prerelease(specifiers: SpecifierSet) -> bool:
    """Whether a pre-release is pinned."""
    return any(one.operator in ("==", "===") and _is_prerelease(one.version) for one in specifiers)


def _is_prerelease(version: str) -> bool:
    try:
        return Version(version.removesuffix(".*")).is_prerelease
    except InvalidVersion:
        return False


def poetry_specifiers(spec: str) -> tuple[SpecifierSet, ...] | None:
    """The alternatives of a Poetry constraint, `^1.2 || ^2`; None when it is not understood."""
    alternatives = re.split(r"\s*\|\|?\s*", spec.strip())
    try:
        return tuple(SpecifierSet(",".join(_translated(part) for part in _parts(choice))) for choice in alternatives)
    except (InvalidSpecifier, ValueError):
        return None


def _parts(choice: str) -> list[str]:
    """The conditions of one alternative, which stand between commas or blanks."""
    tight = re.sub(r"([<>=!~^]=?)\s+", r"\1", choice.strip())
    return [part for part in re.split(r"[\s,]+", tight) if part and part != "*"]


def _translated(part: str) -> str:
    caret = _CARET.fullmatch(part)
    if caret:
        numbers = [int(number) for number in caret[2].split(".")]
        return f">={caret[2]}{caret[3]},<{'.'.join(map(str, above(caret[1], numbers)))}"
    if _BARE.fullmatch(part):
        return f"=={part}"
    return re.sub(r"^=(?!=)", "==", part)


def above(sign: str, numbers: list[int]) -> list[int]:
    """The first version that a caret or a tilde no longer takes: `^0.2.3` ends before 0.3, `~1.2.3` before 1.3.

    A caret keeps the first number that is not zero, a tilde the second one, or the first where there is no second.
    """
    kept = min(len(numbers), 2) if sign == "~" else next((at + 1 for at, number in enumerate(numbers) if number), len(numbers))
    return [*numbers[: kept - 1], numbers[kept - 1] + 1]


def satisfies(spec: str, version: str) -> bool | None:
    """Whether a version is one that is asked for, None when that cannot be told. `spec` may be of PEP 440 or of Poetry."""
    alternatives = poetry_specifiers(spec)
    try:
        return None if alternatives is None else any(one.contains(Version(version), prereleases=True) for one in alternatives)
    except InvalidVersion:
        return None
