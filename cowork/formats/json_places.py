"""Where in a JSON text a JSON path stands, so that an editor can jump there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace

from cowork.formats.problem import Problem, json_path

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)
_PARENT = re.compile(r'(?:\.[^.\[\]]+|\["(?:[^"\\]|\\.)*"\]|\[\d+\])$')


def with_places(problems: Iterable[Problem], text: str) -> list[Problem]:
    """The problems of a valid JSON text with line and column; what is missing is placed at the object that lacks it."""
    problems = list(problems)
    wanted = {problem.where for problem in problems if problem.line is None}
    known = _places(text) if wanted - {"$"} else {"$": len(text) - len(text.lstrip())}
    placed = []
    for problem in problems:
        where = problem.where
        while where not in known and where != "$" and _PARENT.search(where):
            where = _PARENT.sub("", where)
        at = known.get(where) if problem.line is None else None
        if at is None:
            placed.append(problem)
        else:
            line_start = text.rfind("\n", 0, at) + 1
            placed.append(replace(problem, line=text.count("\n", 0, at) + 1, column=at - line_start + 1))
    return placed


def _places(text: str) -> dict[str, int]:
    """The offset of every value, by its JSON path."""
    found: dict[str, int] = {}
    stack: list[tuple[str, int | None]] = []  # path of an open object or list, and the position inside a list
    key: str | None = None
    for token in _TOKEN.finditer(text):
        word = token.group()
        if word in "}]":
            if stack:
                stack.pop()
        elif word == ",":
            if stack and stack[-1][1] is not None:
                stack[-1] = (stack[-1][0], stack[-1][1] + 1)
        elif word == ":":
            continue
        elif stack and stack[-1][1] is None and key is None:
            key = _text(word)
        else:
            path = _path(stack, key)
            found[path], key = token.start(), None
            if word in "{[":
                stack.append((path, 0 if word == "[" else None))
    return found


def _path(stack: list[tuple[str, int | None]], key: str | None) -> str:
    if not stack:
        return "$"
    parent, position = stack[-1]
    if position is not None:
        return f"{parent}[{position}]"
    plain = key is not None and key.isascii() and key.isidentifier()  # nearly all keys are, and json_path costs more
    return f"{parent}.{key}" if plain else parent + json_path((key or "",))[1:]


def _text(word: str) -> str:
    try:
        return str(json.loads(word, strict=False))
    except ValueError:
        return word
