"""What can be said about everything that a pattern matches, from its syntax tree: what a match always holds, or never."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

_PARSER: Any = importlib.import_module("re._parser")
_DONE = "done"
_FEW = 8
_IN_CATEGORY = {
    "CATEGORY_DIGIT": str.isdigit,
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_WORD": lambda character: character.isalnum() or character == "_",
}


def always_holds(pattern: str, words: Iterable[str], *, beside: bool = True) -> bool:
    """Whether every match holds one of the words; with what the pattern demands beside it, unless that does not count."""
    return _Holding(tuple(words), beside).after(_PARSER.parse(pattern), frozenset({""})) == {_DONE}


def may_take(pattern: str, character: str) -> bool:
    """Whether a match can have this character in it."""
    return _takes(_PARSER.parse(pattern), character)


def shortest(pattern: str) -> int:
    """The length of the shortest match."""
    return int(_PARSER.parse(pattern).getwidth()[0])


class _Holding:
    """The ends of the texts that can have been matched so far, `_DONE` for those that hold a word."""

    def __init__(self, words: tuple[str, ...], beside: bool) -> None:
        self._words, self._beside = words, beside
        self._longest = max(map(len, words))

    def after(self, tree: Any, ends: frozenset[str]) -> frozenset[str]:
        for name, value in tree:
            ends = self._step(str(name), value, ends)
        return ends

    def _step(self, name: str, value: Any, ends: frozenset[str]) -> frozenset[str]:
        if name == "LITERAL":
            return self._add(ends, [chr(value)])
        if name == "IN":
            return self._add(ends, _characters(value) or ["\0"])
        if name == "BRANCH":
            return frozenset().union(*(self.after(branch, ends) for branch in value[1]))
        if name == "SUBPATTERN":
            return self.after(value[3], ends)
        if name == "ATOMIC_GROUP":
            return self.after(value, ends)
        if name == "ASSERT" and self._beside:  # what it asks for is there, before or behind whatever is matched next
            return self._add(self.after(value[1], self._add(ends, ["\0"])), ["\0"])
        if name.endswith("_REPEAT"):
            return self._repeated(*value, ends)
        return ends if name in ("AT", "ASSERT", "ASSERT_NOT") else self._add(ends, ["\0"])

    def _repeated(self, least: int, most: int, tree: Any, ends: frozenset[str]) -> frozenset[str]:
        for _ in range(min(least, _FEW)):
            ends = self.after(tree, ends)
        if most == least <= _FEW:
            return ends
        more = self.after(tree, ends) if most == least + 1 <= _FEW else self._add(ends, ["\0"])
        return ends | more

    def _add(self, ends: frozenset[str], texts: Iterable[str]) -> frozenset[str]:
        return frozenset(end if end == _DONE else self._end(end + text) for end in ends for text in texts)

    def _end(self, text: str) -> str:
        return _DONE if any(word in text for word in self._words) else text[-self._longest :]


def _characters(items: Any) -> list[str]:
    """The characters of a small set without categories; none for any other."""
    found: list[str] = []
    for kind, value in items:
        if str(kind) == "LITERAL":
            found.append(chr(value))
        elif str(kind) == "RANGE" and value[1] - value[0] < _FEW:
            found += map(chr, range(value[0], value[1] + 1))
        else:
            return []
    return found if len(found) <= _FEW else []


def _takes(tree: Any, character: str) -> bool:
    return any(_node_takes(str(name), value, character) for name, value in tree)


def _node_takes(name: str, value: Any, character: str) -> bool:
    if name == "LITERAL":
        return chr(value) == character
    if name == "NOT_LITERAL":
        return chr(value) != character
    if name == "ANY":
        return character != "\n"
    if name == "IN":
        return _among(value, character)
    if name == "BRANCH":
        return any(_takes(branch, character) for branch in value[1])
    if name == "SUBPATTERN":
        return _takes(value[3], character)
    if name == "ATOMIC_GROUP":
        return _takes(value, character)
    if name.endswith("_REPEAT"):
        return _takes(value[2], character)
    assert name in ("AT", "ASSERT", "ASSERT_NOT"), name
    return False


def _among(items: Any, character: str) -> bool:
    negated = str(items[0][0]) == "NEGATE"
    return negated != any(_is(str(kind), value, character) for kind, value in (items[1:] if negated else items))


def _is(kind: str, value: Any, character: str) -> bool:
    if kind == "LITERAL":
        return chr(value) == character
    if kind == "RANGE":
        return chr(value[0]) <= character <= chr(value[1])
    category = str(value)
    return bool(_IN_CATEGORY[category.replace("_NOT", "")](character)) != ("_NOT" in category)
