"""What manifests declare and lockfiles hold, of whatever ecosystem."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Ecosystem = Literal["python", "npm", "rust", "go"]
Kind = Literal["pinned", "ranged", "unbounded", "url", "git", "path"]
Group = Literal["runtime", "dev", "optional", "indirect"]

FROM_INDEX: tuple[Kind, ...] = ("pinned", "ranged", "unbounded")
"""Kinds whose version is chosen from what an index has."""


@dataclass(frozen=True)
class Dependency:
    """A declared dependency: its name as its ecosystem normalises it, and what is asked for as it is written.

    `unbounded` takes any later version. `section` is where in its file it stands, `condition` when it counts. `target` is the
    address or path of what comes from elsewhere; `moving` when that is a branch, a tag or nothing rather than a commit.
    `inherited`: it is declared somewhere else and only taken over here.
    """

    name: str
    spec: str
    kind: Kind
    group: Group
    section: str
    condition: str = ""
    prerelease: bool = False
    target: str = ""
    moving: bool = False
    inherited: bool = False
    extras: str = ""


@dataclass(frozen=True)
class Problem:
    """What is wrong with a file, and where in it."""

    file: str
    place: str
    message: str


@dataclass(frozen=True)
class Manifest:
    """A file that declares dependencies. `application` says by what it is one, and not a library; empty when that is open."""

    file: str
    ecosystem: Ecosystem
    name: str = ""
    dependencies: tuple[Dependency, ...] = ()
    application: str = ""
    problems: tuple[Problem, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def directory(self) -> str:
        """Where it is, empty at the top."""
        return posixpath.dirname(self.file)


@dataclass(frozen=True)
class Lock:
    """A file that says which versions are installed.

    `complete`: whatever the manifest declares should be in it. `members` are declarations it was made for, by the directory of
    their manifest and by name; `patterns` the same as one set of `name@spec`. None where the format does not keep them.
    `direct` are versions that a directory gets of a name when there are several.
    """

    file: str
    ecosystem: Ecosystem
    versions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    complete: bool = True
    members: Mapping[str, Mapping[str, str]] | None = None
    patterns: frozenset[str] | None = None
    direct: Mapping[tuple[str, str], str] = field(default_factory=dict)
    licences: Mapping[tuple[str, str], str] = field(default_factory=dict)
    replaced: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()

    @property
    def directory(self) -> str:
        """Where it is, empty at the top."""
        return posixpath.dirname(self.file)


class Malformed(Exception):
    """A file cannot be read at all. `place` is where, `message` why."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(message)
        self.place, self.message = place, message


def table(value: Any) -> dict[str, Any]:
    """A mapping as it is, anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """A list as it is, anything else as an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """A text as it is, anything else as an empty one."""
    return value if isinstance(value, str) else ""


def versions_of(pairs: Sequence[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """Versions by name; a pair without a version says that there is the name."""
    found: dict[str, set[str]] = {}
    for name, version in pairs:
        found.setdefault(name, set()).update({version} - {""})
    return {name: frozenset(versions) for name, versions in found.items()}


def outside_of(target: str, directory: str) -> bool:
    """Whether a path leaves the repository."""
    return target.startswith(("/", "~")) or posixpath.normpath(posixpath.join(directory, target)).startswith("..")
