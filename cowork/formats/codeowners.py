"""CODEOWNERS files, as GitHub and GitLab read them: patterns of paths with who owns what they match.

https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from __future__ import annotations

import re
from itertools import islice

from cowork.formats.facts import Line, Triple

OWNED_BY = "owned-by"
MOST_LINES = 100_000
_WORD = re.compile(r"(?:\\.|[^\s\\])+|\\")  # a backslash keeps a blank or # in a pattern
_SECTION = re.compile(r"\^?\[[^\]]+\](?:\[\d+\])?(.*)")


def parse(text: str) -> list[Line]:
    """`PATTERN owned-by OWNER` for every owner, in the order of the file. Of lines with one pattern the last counts.

    Patterns without owners say that nobody owns them, and give nothing, unless GitLab's section they are in has owners.
    It stops at MOST_LINES: each of many patterns has all of many owners of its section.
    """
    owners: dict[str, tuple[int, list[str]]] = {}
    usual: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        section = _SECTION.fullmatch(line.strip())
        if section:
            usual = _words(section[1])
            continue
        words = _words(line)
        if words:
            pattern = re.sub(r"\\(.)", r"\1", words[0])
            owners.pop(pattern, None)
            owners[pattern] = number, words[1:] or usual
    lines = (Line(number, Triple(pattern, OWNED_BY, owner)) for pattern, (number, named) in owners.items() for owner in named)
    return list(islice(lines, MOST_LINES))


def _words(line: str) -> list[str]:
    """The words before a remark."""
    words: list[str] = []
    for word in _WORD.findall(line):
        if word.startswith("#"):
            break
        words.append(word)
    return words
