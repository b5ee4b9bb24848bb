"""What searches pass over: what .gitignore files say, and directories nobody means. Standard library only."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

from cowork.core.path_patterns import BadPattern, PathPattern, name_pattern

ALWAYS = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__"})
_MOST_BYTES = 64 * 1024
_MOST_RULES = 1000


@dataclass(frozen=True)
class _Rule:
    """A line of a .gitignore. `depth` is how many names lead to the directory of the file."""

    depth: int
    negated: bool
    directories_only: bool
    anchored: bool
    pattern: PathPattern


Rules = tuple[_Rule, ...]


def rules_of(directory: int, depth: int) -> Rules:
    """The rules in the .gitignore of an open directory; none when there is no regular file of that name."""
    return rules_in(".gitignore", depth, directory)


def rules_in(path: str, depth: int, directory: int | None = None) -> Rules:
    """The rules in a file, which hold `depth` names below the top; none when it is no regular file."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=directory)
    except OSError:
        return ()
    try:
        raw = os.read(handle, _MOST_BYTES) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
    except OSError:
        raw = b""
    finally:
        os.close(handle)
    rules = (_rule(line, depth) for line in raw.decode("utf-8-sig", "replace").split("\n")[:_MOST_RULES])
    return tuple(rule for rule in rules if rule is not None)


def _rule(line: str, depth: int) -> _Rule | None:
    text = line.rstrip("\r")
    if not text.endswith("\\ "):
        text = text.rstrip(" ")
    if not text or text.startswith("#"):
        return None
    negated = text.startswith("!")
    text = text.removeprefix("!")
    directories_only = text.endswith("/")
    text = text.rstrip("/")
    anchored = "/" in text
    try:
        return _Rule(depth, negated, directories_only, anchored, PathPattern(text)) if text else None
    except BadPattern:
        return None


def is_ignored(rules: Rules, names: tuple[str, ...], is_directory: bool) -> bool:
    """Whether the last rule that speaks of a path leaves it out."""
    for rule in reversed(rules):
        if rule.directories_only and not is_directory:
            continue
        if rule.pattern.matches(names[rule.depth :] if rule.anchored else names[-1:]):
            return not rule.negated
    return False


def fits_glob(globs: list[str], names: tuple[str, ...]) -> bool:
    """Whether a path fits one of several globs; one without a slash speaks of the name alone. Raises BadPattern."""
    return any(
        PathPattern(glob).matches(names) if "/" in glob else name_pattern(glob).fullmatch(names[-1]) is not None
        for glob in globs
    )
