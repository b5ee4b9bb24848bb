"""Paths of Handlebars, `task.title`, `../name`, `@index`: read, and followed through plain data alone.

Nothing here asks an object for an attribute: a path leads through mappings, lists and the length of a text, or nowhere.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cowork.core.text import did_you_mean, one_line
from cowork.prompts.handlebars_tokens import Tag, shown, unsupported, wrong

DATA = ("index", "first", "last", "key", "root")
"""What may stand behind `@`."""
BLOCKS = ("if", "unless", "each")
_SEGMENT = re.compile(r"(?:\[([^\[\]]*)\]|([^\s!\"#%-,./;->@\[-\^`{-~]+))([./]|\Z)")
_LITERAL = re.compile(r"[\"'].*|-?\d+(\.\d+)?|true|false|null|undefined")


@dataclass(frozen=True)
class Path:
    """A path: `up` contexts outwards, then the names of `segments`. `data` is one of DATA (`@index`), or empty."""

    up: int
    data: str
    segments: tuple[str, ...]
    text: str


def path_of(tag: Tag, text: str) -> Path:
    """The path that a tag holds. Raises `template.unsupported` for helpers and literals, `template.syntax` for no path."""
    words = text.split()
    if re.search(r"\s+as\s+\|", text):
        hint = "inside of {{#each}} write {{this}} and {{this.name}}"
        raise unsupported(tag, "block parameters (as |name|) are not supported", hint)
    if len(words) > 1 and "[" not in text:
        hint = f"there are #if, #unless and #each; a variable stands alone, such as {{{{{one_line(words[-1], 40)}}}}}"
        raise unsupported(tag, f"the helper call '{shown(tag)}' is not supported", hint)
    if re.search(r"[(=|]", text):
        raise unsupported(tag, f"'{shown(tag)}' is not supported", "write a variable's path alone")
    if _LITERAL.fullmatch(text):
        hint = "write the text itself" if tag.kind == "value" else "name a variable"
        raise unsupported(tag, f"the literal {one_line(text, 40)} is not supported", hint)
    return _read(tag, text)


def _read(tag: Tag, text: str) -> Path:
    rest, up = text.removeprefix("@"), 0
    is_data = rest != text
    while rest.startswith("../"):
        rest, up = rest[3:], up + 1
    if rest == "..":
        rest, up = "this", up + 1
    for prefix in ("this.", "this/", "./"):
        if rest.startswith(prefix) and not is_data:
            rest = rest[len(prefix) :]
            break
    segments: tuple[str, ...] = () if rest in ("this", ".") and not is_data else _segments(tag, rest)
    if not is_data:
        return Path(up, "", segments, text)
    if segments[0] not in DATA:
        hint = did_you_mean(segments[0], DATA, f"there are: {', '.join(f'@{name}' for name in DATA)}")
        raise unsupported(tag, f"there is no @{one_line(segments[0], 40)}", hint)
    return Path(up, segments[0], segments[1:], text)


def _segments(tag: Tag, rest: str) -> tuple[str, ...]:
    found: list[str] = []
    at, separator = 0, "."
    while separator:
        match = _SEGMENT.match(rest, at)
        name = "" if match is None else match[1] if match[2] is None else match[2]
        if match is None or (match[2] == "this"):
            raise wrong(tag, f"'{one_line(rest, 60)}' is no path", "names with dots between them, such as task.title")
        found.append(name)
        at, separator = match.end(), match[3]
    return tuple(found)


class Scope:
    """Where paths begin: the value of this round of a loop, or all variables, and what lies around it."""

    __slots__ = ("_data", "_outer", "_value")

    def __init__(self, value: Any, outer: Scope | None = None, data: Mapping[str, Any] | None = None) -> None:
        self._value, self._outer, self._data = value, outer, data or {}

    def find(self, path: Path) -> Any:
        """What a path leads to, None where it leads nowhere."""
        scope: Scope | None = self
        for _ in range(path.up):
            scope = scope._outer if scope else None
        if scope is None:
            return None
        found = scope._value
        if path.data:
            found = self._outermost()._value if path.data == "root" else scope._data.get(path.data)
        for name in path.segments:
            found = member(found, name)
        return found

    def rounds(self, value: Any) -> Iterator[Scope]:
        """A scope for each item of a list or entry of a mapping, nothing for anything else."""
        entries: list[tuple[Any, Any]] = []
        if isinstance(value, Mapping):
            entries = list(value.items())
        elif isinstance(value, (list, tuple)):
            entries = list(enumerate(value))
        for index, (key, item) in enumerate(entries):
            data = {"index": index, "key": key, "first": index == 0, "last": index == len(entries) - 1}
            yield Scope(item, self, data)

    def _outermost(self) -> Scope:
        scope = self
        while scope._outer is not None:
            scope = scope._outer
        return scope


def member(value: Any, name: str) -> Any:
    """What plain data has under a name: a mapping's entry, an item of a list by its number, a length. None for the rest."""
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, (list, tuple, str)) and name == "length":
        return len(value)
    if isinstance(value, (list, tuple)) and name.isascii() and name.isdigit() and len(name) < 10:
        return value[int(name)] if int(name) < len(value) else None
    return None


def truth(value: Any) -> bool:
    """Whether `#if` takes a value for true: not false, null, 0, NaN, an empty text or an empty list."""
    if isinstance(value, Mapping):
        return True
    return bool(value) and not (isinstance(value, float) and math.isnan(value))


def as_text(value: Any) -> str:
    """A value in a prompt: texts as they are, lists of plain values with commas, everything else as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)) and all(item is None or isinstance(item, (str, int, float)) for item in value):
        return ", ".join(as_text(item) for item in value)
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)
