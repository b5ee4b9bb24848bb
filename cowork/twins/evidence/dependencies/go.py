"""go.mod and go.sum."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cowork.twins.evidence.dependencies.dependency import Dependency, Group, Lock, Manifest, Problem, versions_of

_PSEUDO = re.compile(r"v\d+\.\d+\.\d+-(?:[0-9A-Za-z.-]*\.)?\d{14}-[0-9a-f]{12}(?:\+incompatible)?")
_VERSION = re.compile(r"v\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")
_DIRECTIVES = frozenset("module go toolchain require replace exclude retract tool godebug ignore".split())
_ONE_WORD = re.compile(r"\"(?:[^\"\\]|\\.)*\"|`[^`]*`|[^\s\"`]+")


def read_go_mod(file: str, content: str) -> Manifest:
    """What a go.mod declares. Never raises: a line that cannot be read is a problem."""
    name = ""
    found: list[Dependency] = []
    problems: list[Problem] = []
    replaced: dict[str, list[str]] = {}
    for number, directive, words, comment in _statements(content):
        place = f"line {number}"
        if directive not in _DIRECTIVES:
            problems.append(Problem(file, place, f"'{directive}' is no directive"))
        elif directive == "module" and words:
            name = words[0]
        elif directive == "require":
            if len(words) == 2 and _VERSION.fullmatch(words[1]):
                found.append(_required(words[0], words[1], "indirect" if "indirect" in comment.split() else "runtime", place))
            else:
                problems.append(Problem(file, place, "it is not a path and a version"))
        elif directive == "replace":
            if "=>" in words[1:3] and len(words) > words.index("=>") + 1:
                replaced[words[0]] = words[words.index("=>") + 1 :]
            else:
                problems.append(Problem(file, place, "it does not say what takes the place"))
    own = tuple(_replaced(one, replaced.get(one.name)) for one in found)
    return Manifest(file, "go", name, own, "", tuple(problems))


def _statements(content: str) -> Iterator[tuple[int, str, list[str], str]]:
    """Line number, directive, words and comment of each statement, also of those within parentheses."""
    block = ""
    for number, line in enumerate(content.splitlines(), 1):
        bare, _, comment = line.partition("//")
        words = [word.strip('"`') for word in _ONE_WORD.findall(bare)]
        if not words:
            continue
        if block:
            if words == [")"]:
                block = ""
            else:
                yield number, block, words, comment
        elif words[1:] == ["("] or (len(words) == 1 and words[0].endswith("(")):
            block = words[0].rstrip("(")
        else:
            yield number, words[0], words[1:], comment


def _required(name: str, version: str, group: Group, place: str) -> Dependency:
    untagged = bool(_PSEUDO.fullmatch(version))
    early = "-" in version and not untagged
    return Dependency(name, version, "pinned", group, place, prerelease=early, target=version if untagged else "")


def _replaced(one: Dependency, by: list[str] | None) -> Dependency:
    """A requirement of which something else is taken: a directory, or another module."""
    if by is None:
        return one
    if len(by) == 1:
        return Dependency(one.name, by[0], "path", one.group, one.section, target=by[0])
    return Dependency(one.name, " ".join(by), "git", one.group, one.section, target=" ".join(by))


def read_go_sum(file: str, content: str) -> Lock:
    """What a go.sum vouches for. Never raises."""
    pairs = []
    for line in content.splitlines():
        words = line.split()
        if len(words) == 3:
            pairs.append((words[0], words[1].removesuffix("/go.mod")))
    return Lock(file, "go", versions_of(pairs))
