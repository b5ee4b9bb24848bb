"""Patterns of files, as in a .gitignore: which paths a rule such as `Read(src/**)` or `Edit(//etc/**)` is about.

An allow is narrow: the path as written and what it leads to must both be covered. A deny is wide: either suffices.
"""

from __future__ import annotations

import os.path
from dataclasses import dataclass

from cowork.rules.places import Places
from cowork.rules.specs import BadRule
from cowork.rules.wild import glob_match

_BELOW = "\x01"
"""A name that only wildcards match: what covers it below a directory covers everything there."""


@dataclass(frozen=True, slots=True)
class FilePattern:
    """A pattern's segments below `anchor`: "root of the disk", "home", "settings" or "cwd". `floats`: at any depth."""

    anchor: str
    segments: tuple[str, ...]
    floats: bool
    only_below: bool
    bare: bool


def compile_pattern(specifier: str) -> FilePattern:
    """The pattern in a specifier. Raises BadRule for a negation, for `..` and for a user's name after the tilde."""
    anchor, rest, bare = "cwd", specifier, True
    for prefix, name in (("//", "disk"), ("~/", "home"), ("/", "settings"), ("./", "cwd")):
        if specifier.startswith(prefix):
            anchor, rest, bare = name, specifier[len(prefix) :], False
            break
    else:
        if specifier in ("~", "."):
            anchor, rest, bare = ("home" if specifier == "~" else "cwd"), "**", False
    if specifier.startswith(("!", "~")) and anchor != "home":
        raise BadRule(specifier, "a pattern of files can neither negate nor name another user's home")
    segments = tuple(segment for segment in rest.split("/") if segment not in ("", "."))
    if ".." in segments:
        raise BadRule(specifier, "a pattern of files cannot go up with '..'")
    if not segments:
        segments = ("**",)
    floats = bare and len(segments) == 1
    return FilePattern(anchor, segments, floats, rest.endswith("/"), bare)


def narrow(pattern: FilePattern, path: str, places: Places, *, whole_tree: bool = False) -> bool:
    """Whether the pattern covers `path` beyond doubt; with `whole_tree` everything that may lie below it as well."""
    if "\0" in path or _BELOW in path or not path:
        return False
    bases = _bases(pattern, places)
    candidates = candidates_of(path, places)
    if whole_tree:
        if any(set(segment) & set("?[") for segment in pattern.segments):
            return False  # covers some names and not others
        candidates = {f"{candidate.rstrip('/')}/{_BELOW}/{_BELOW}{_BELOW}" for candidate in candidates} | {
            f"{candidate.rstrip('/')}/{_BELOW}" for candidate in candidates
        }
    return all(any(_covers(pattern, candidate, base) for base in bases) for candidate in candidates)


class Wide:
    """A pattern made ready to be held against many paths of one call: whether it is about them in any reading.

    As written, resolved, from any depth, and through links that the pattern itself leads through.
    """

    def __init__(self, pattern: FilePattern, places: Places) -> None:
        self._pattern = pattern
        head: list[str] = []
        for segment in pattern.segments:
            if set(segment) & set("*?[\\"):
                break
            head.append(segment)
        self._tail = pattern.segments[len(head) :]
        self._bases = _bases(pattern, places) | ({"/"} if pattern.anchor == "settings" else set())
        self._reals = {os.path.realpath(os.path.join(base, *head)) for base in self._bases} if head else set()  # noqa: PTH118

    def is_about(self, candidates: set[str]) -> bool:
        """Whether the pattern is about any of the paths."""
        for candidate in candidates:
            if any(_covers(self._pattern, candidate, base, loose=True) for base in self._bases):
                return True
            if any(_matches(self._tail, _parts(candidate, real)) for real in self._reals):
                return True
            parts = tuple(part for part in candidate.split("/") if part)
            if self._pattern.bare and _matches(("**", *self._pattern.segments), parts):
                return True
        return False


def wide(pattern: FilePattern, path: str, places: Places) -> bool:
    """Whether the pattern is about `path` in any reading."""
    return "\0" in path or Wide(pattern, places).is_about(candidates_of(path, places))


def _bases(pattern: FilePattern, places: Places) -> set[str]:
    base = {"disk": "/", "home": places.home, "settings": places.root, "cwd": places.cwd}[pattern.anchor]
    return {os.path.normpath(base), os.path.realpath(base)}


def candidates_of(path: str, places: Places) -> set[str]:
    """Every absolute path that `path` may mean: with and without links followed, with the tilde as a home and as a name."""
    found: set[str] = set()
    spelled = [os.path.join(places.cwd, path)]  # noqa: PTH118
    if path == "~" or path.startswith("~/"):
        spelled.append(places.home + path[1:])
    for text in spelled:
        normal = os.path.normpath(text)
        found.add("/" + normal.lstrip("/"))
        found.add(os.path.realpath(text))
    return found


def _parts(path: str, base: str) -> tuple[str, ...] | None:
    """The segments of `path` below `base`, None when it is not there."""
    if path == base:
        return ()
    prefix = base.rstrip("/") + "/"
    return tuple(path[len(prefix) :].split("/")) if path.startswith(prefix) else None


def _covers(pattern: FilePattern, path: str, base: str, *, loose: bool = False) -> bool:
    parts = _parts(path, base)
    segments = ("**", *pattern.segments) if pattern.floats else pattern.segments
    if pattern.only_below and not loose:
        segments = (*segments, "*")  # `dir/` is a directory: what is covered lies below it
    return _matches(segments, parts)


def _matches(segments: tuple[str, ...], parts: tuple[str, ...] | None) -> bool:
    """Whether the segments match the parts or a leading part of them: who matches a directory matches what is below."""
    if parts is None:
        return False
    reached = {0}
    for segment in segments:
        if segment == "**":
            reached = set(range(min(reached), len(parts) + 1)) if reached else set()
            continue
        reached = {at + 1 for at in reached if at < len(parts) and glob_match(segment, parts[at])}
        if not reached:
            return False
    return bool(reached)
