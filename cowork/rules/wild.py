"""Wildcards without regular expressions: every match takes time linear in pattern times text, whatever the pattern is."""

from __future__ import annotations

from typing import Final

WILD: Final = "\x00"
"""In a pattern: any text. In the words of a command: text that nobody can tell."""


def pattern_match(pattern: str, text: str) -> bool:
    """Whether `pattern`, in which only WILD is special, covers all of `text`. A WILD in `text` needs one."""
    first, *rest = pattern.split(WILD)
    if not rest:
        return pattern == text
    last = rest.pop()
    if not text.startswith(first) or len(text) < len(first) + len(last) or not text.endswith(last):
        return False
    position, end = len(first), len(text) - len(last)
    for piece in rest:
        found = text.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True


def may_overlap(pattern: str, text: str) -> bool:
    """Whether `pattern` could cover `text` for some value of every WILD in it: what a denial has to ask."""
    if WILD not in text:
        return pattern_match(pattern, text)
    seen: set[tuple[int, int]] = set()
    todo = [(0, 0)]
    while todo:
        state = todo.pop()
        if state in seen:
            continue
        seen.add(state)
        if len(seen) > 200_000:
            return True  # too much to tell: a denial is the safe answer
        left, right = state
        ahead, behind = pattern[left : left + 1], text[right : right + 1]
        if not ahead and not behind:
            return True
        if ahead == WILD and left == len(pattern) - 1:
            return True
        if behind == WILD and right == len(text) - 1:
            return True
        if ahead == WILD:
            todo.append((left + 1, right))
            if behind:
                todo.append((left, right + 1))
        if behind == WILD:
            todo.append((left, right + 1))
            if ahead:
                todo.append((left + 1, right))
        if ahead and ahead == behind and ahead != WILD:
            todo.append((left + 1, right + 1))
    return False


def glob_match(pattern: str, text: str) -> bool:
    """Whether a glob (`*`, `?`, `[a-z]`, `[!a]`, backslash) covers the whole of `text`, in which no character is special."""
    tokens = _tokens(pattern)
    at, position, star, mark = 0, 0, -1, 0
    while position < len(text):
        if at < len(tokens) and tokens[at] != "*" and _fits(tokens[at], text[position]):
            at, position = at + 1, position + 1
        elif at < len(tokens) and tokens[at] == "*":
            star, mark, at = at, position, at + 1
        elif star >= 0:
            mark += 1
            at, position = star + 1, mark
        else:
            return False
    return all(item == "*" for item in tokens[at:])


def _tokens(pattern: str) -> list[str]:
    """`*`, `?`, a class with its brackets, or a backslash and a literal character."""
    tokens: list[str] = []
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if character == "\\" and position + 1 < len(pattern):
            tokens.append(pattern[position : position + 2])
            position += 2
            continue
        if character == "[":
            end = pattern.find("]", position + (3 if pattern[position + 1 : position + 2] in ("!", "^") else 2))
            if end > 0:
                tokens.append(pattern[position : end + 1])
                position = end + 1
                continue
        if not (character == "*" and tokens[-1:] == ["*"]):
            tokens.append(character if character in "*?" else "\\" + character)
        position += 1
    return tokens


def _fits(item: str, character: str) -> bool:
    if item == "?":
        return True
    if item[0] == "\\":
        return item[1] == character
    inner = item[1:-1]
    negated = inner[:1] in ("!", "^")
    inner = inner[1:] if negated else inner
    position, found = 0, False
    while position < len(inner):
        if position + 2 < len(inner) and inner[position + 1] == "-":
            found |= inner[position] <= character <= inner[position + 2]
            position += 3
        else:
            found |= inner[position] == character
            position += 1
    return found != negated
