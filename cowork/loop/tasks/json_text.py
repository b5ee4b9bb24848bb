"""Changing a JSON text in one place: every other character of it stays as somebody wrote it.

The texts given here are valid JSON (`parsing.document` says so). Offsets count characters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

_BLANK = re.compile(r"[ \t\r\n]*")
_INDENTED = re.compile(r"\n([ \t]+)[^\s]")
_DECODER = json.JSONDecoder()


class Member(NamedTuple):
    """A member of an object: its key and where that begins, and where its value begins and ends."""

    key: str
    at: int
    start: int
    end: int


def members(text: str, at: int) -> Iterator[Member]:
    """The members of the object whose brace is at `at`, in order."""
    at = _skip(text, at + 1)
    while text[at] != "}":
        key, end = _DECODER.raw_decode(text, at)
        start = _skip(text, _skip(text, end) + 1)
        stop = _end(text, start)
        yield Member(key, at, start, stop)
        at = _next(text, stop)


def elements(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Where each element of the list whose bracket is at `at` begins and ends."""
    at = _skip(text, at + 1)
    while text[at] != "]":
        stop = _end(text, at)
        yield at, stop
        at = _next(text, stop)


def member(text: str, at: int, key: str) -> Member | None:
    """The member called `key`; of several the last one, which is the one that readers take."""
    return next((found for found in reversed(list(members(text, at))) if found.key == key), None)


def value(text: str, found: Member) -> Any:
    """The value of a member."""
    return _DECODER.decode(text[found.start : found.end])


def offset(text: str, path: Sequence[str | int]) -> int:
    """Where the value at `path` begins, or what is left of the path: the innermost value around it."""
    at = root(text)
    for part in path:
        if text[at] == "{" and isinstance(part, str):
            found = member(text, at, part)
            inner = found.start if found else None
        elif text[at] == "[" and isinstance(part, int):
            inner = next((start for number, (start, _) in enumerate(elements(text, at)) if number == part), None)
        else:
            inner = None
        if inner is None:
            break
        at = inner
    return at


def root(text: str) -> int:
    """Where the document begins: after blanks, and a byte order mark."""
    return _skip(text, 1 if text.startswith("\ufeff") else 0)


def with_member(text: str, at: int, key: str, new: Any) -> str:
    """The text with `key` set to `new` in the object at `at`: in its place, or as the last one, laid out like the others."""
    style, found = _Style.of(text), list(members(text, at))
    same = next((item for item in reversed(found) if item.key == key), None)
    if same is not None:
        old = text[same.start : same.end]
        if _same(value(text, same), new):
            return text
        spelled = style.spell(new, _indent(text, same.at), broken="\n" in old or (style.broken and isinstance(new, list)))
        return text[: same.start] + spelled + text[same.end :]
    name = style.spell(key, "", broken=False)
    if not found:
        return f"{text[: at + 1]}{name}{style.colon}{style.spell(new, '', broken=False)}{text[_skip(text, at + 1) :]}"
    last = found[-1]
    gap, own_line = _gap(text, last.at, style, alone=len(found) == 1)
    colon = text[_end(text, last.at) : last.start]
    spelled = style.spell(new, _indent(text, last.at), broken=own_line)
    return f"{text[: last.end]},{gap}{name}{colon}{spelled}{text[last.end :]}"


def without_member(text: str, at: int, key: str) -> str:
    """The text without `key` in the object at `at`."""
    found = list(members(text, at))
    number = next((number for number, item in enumerate(found) if item.key == key), None)
    if number is None:
        return text
    begin, end = found[number].at, found[number].end
    if number + 1 < len(found):
        end = found[number + 1].at
    elif number:
        begin = found[number - 1].end
    return text[:begin] + text[end:]


def with_element(text: str, at: int, new: Any) -> str:
    """The text with `new` as the last element of the list at `at`, laid out like the one before it."""
    style, found = _Style.of(text), list(elements(text, at))
    if found:
        start, end = found[-1]
        gap, own_line = _gap(text, start, style, alone=len(found) == 1)
        broken = "\n" in text[start:end] or (own_line and len(found) == 1)
        return f"{text[:end]},{gap}{style.spell(new, _indent(text, start), broken=broken)}{text[end:]}"
    close = _skip(text, at + 1)
    if not style.broken:
        return f"{text[: at + 1]}{style.spell(new, '', broken=False)}{text[close:]}"
    outer = _indent(text, at)
    inner = outer + style.unit
    return f"{text[: at + 1]}{style.newline}{inner}{style.spell(new, inner, broken=True)}{style.newline}{outer}{text[close:]}"


class _Style(NamedTuple):
    """How a text is laid out: its newline, one step of indentation, whether it has lines, blanks, and escapes for ASCII."""

    newline: str
    unit: str
    broken: bool
    blank: str
    escaped: bool

    @classmethod
    def of(cls, text: str) -> _Style:
        indented = _INDENTED.search(text)
        broken = "\n" in text.strip()
        blank = "" if not broken and not re.search(r'":\s', text) and '":' in text else " "
        escaped = text.isascii() and re.search(r"\\u[0-9a-fA-F]{4}", text) is not None
        return cls("\r\n" if "\r\n" in text else "\n", indented[1] if indented else "  ", broken, blank, escaped)

    @property
    def colon(self) -> str:
        return f":{self.blank}"

    def spell(self, value: Any, base: str, *, broken: bool) -> str:
        """A value as text; `broken` over several lines, of which all but the first begin with `base`."""
        if not broken:
            return json.dumps(value, ensure_ascii=self.escaped, separators=(f",{self.blank}", self.colon))
        lines = json.dumps(value, ensure_ascii=self.escaped, indent=self.unit).split("\n")
        return f"{self.newline}{base}".join(lines)


def _gap(text: str, at: int, style: _Style, *, alone: bool) -> tuple[str, bool]:
    """What goes between a comma and the next one, as it stands before `at`; and whether that begins a line."""
    before = text[len(text[:at].rstrip(" \t\r\n")) : at]
    if "\n" in before:
        return before, True
    return (style.blank if alone else before), False


def _indent(text: str, at: int) -> str:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _same(old: Any, new: Any) -> bool:
    return json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)  # True is not 1 here


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    assert found is not None  # it matches nothing, too
    return found.end()


def _next(text: str, at: int) -> int:
    """From behind a value to the next key or value, or to the end of what holds it."""
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at] == "," else at


def _end(text: str, start: int) -> int:
    end: int = _DECODER.raw_decode(text, start)[1]
    return end
