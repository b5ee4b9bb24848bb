"""On which line of a JSON text something stands. Only asked when something is wrong with it."""

import re

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)


def line_of(text: str, place: str) -> int:
    """The line, from 1, of a place such as `hooks.Stop[0].hooks[1]`; of what holds it where the place itself is missing."""
    known = _lines(text)
    while place and place not in known:
        place = place[: max(place.rfind("."), place.rfind("["), 0)]
    return known.get(place, 1)


def _lines(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    stack: list[tuple[str, int | None]] = []  # path of an open object or list, and the position inside a list
    key: str | None = None
    line, at = 1, 0
    for token in _TOKEN.finditer(text):
        line += text.count("\n", at, token.start())
        at, word = token.start(), token.group()
        if word in "}]":
            if stack:
                stack.pop()
        elif word == ",":
            if stack and stack[-1][1] is not None:
                stack[-1] = (stack[-1][0], stack[-1][1] + 1)
        elif word == ":":
            continue
        elif stack and stack[-1][1] is None and key is None:
            key = word.strip('"')
        else:
            path = _path(stack, key)
            found.setdefault(path, line)
            key = None
            if word in "{[":
                stack.append((path, 0 if word == "[" else None))
    return found


def _path(stack: list[tuple[str, int | None]], key: str | None) -> str:
    if not stack:
        return ""
    parent, position = stack[-1]
    if position is not None:
        return f"{parent}[{position}]"
    return f"{parent}.{key}" if parent else str(key)
