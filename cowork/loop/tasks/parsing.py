"""The text of a file of tasks as a document, with the place of everything that is wrong in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from cowork.core.files import MAX_JSON_BYTES
from cowork.core.text import one_line
from cowork.formats.problem import Problem, json_path, quoted
from cowork.loop.tasks import json_text

Path = tuple[str | int, ...]


class Document(NamedTuple):
    """A JSON document: its text, the parsed value, and what is wrong with it as JSON. With an error `value` is None."""

    text: str
    value: Any
    problems: tuple[Problem, ...]


def document(raw: bytes, file: str) -> Document:
    """Parse strict JSON. Nothing is raised: a syntax error, a key that stands twice, bad bytes are problems with a place."""

    def wrong(rule: str, message: str, fix: str, line: int | None = None, column: int | None = None) -> Document:
        return Document("", None, (Problem(file, "$", rule, "error", message, fix, line, column),))

    if len(raw) > MAX_JSON_BYTES:
        return wrong("file.too_large", f"it is larger than {MAX_JSON_BYTES} bytes", "split it into several files")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return wrong("tasks.syntax", "it is not UTF-8 text", "save it as UTF-8", line)
    twice: list[tuple[dict[str, Any], str]] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                twice.append((found, key))
            found[key] = value
        return found

    try:
        decoder = json.JSONDecoder(object_pairs_hook=members, parse_constant=_refuse, parse_float=_finite)
        value = decoder.decode(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        what = "the file is empty" if not text.strip("\ufeff \t\r\n") else f"it is not valid JSON: {error.msg}"
        return wrong("tasks.syntax", what, "mend the file at this place", error.lineno, error.colno)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else one_line(str(error), 120)
        return wrong("tasks.syntax", f"it is not valid JSON: {reason}", "mend the file")
    problems = [_twice(file, path, key) for path, key in _paths(value, twice)]
    return Document(text, value, tuple(placed(problems, text)))


def placed(problems: Iterable[tuple[Path, Problem]], text: str) -> list[Problem]:
    """The problems with line and column. `text` is valid JSON."""
    found = []
    for path, problem in problems:
        at = json_text.offset(text, path)
        line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
        found.append(replace(problem, where=json_path(path), line=line, column=column))
    return found


def _twice(file: str, path: Path, key: str) -> tuple[Path, Problem]:
    text = f"the key {quoted(key)} stands twice in one object"
    return (*path, key), Problem(file, "$", "tasks.duplicate_key", "error", text, "keep one of the two")


def _paths(value: Any, wanted: Sequence[tuple[dict[str, Any], str]]) -> list[tuple[Path, str]]:
    """Where the objects are that were noticed while they were parsed."""
    if not wanted:
        return []
    keys: dict[int, list[str]] = {}
    for holder, key in wanted:
        keys.setdefault(id(holder), []).append(key)
    found: list[tuple[Path, str]] = []
    waiting: list[tuple[Path, Any]] = [((), value)]
    while waiting:
        path, item = waiting.pop()
        if isinstance(item, dict):
            found += [(path, key) for key in dict.fromkeys(keys.get(id(item), ()))]
            waiting += [((*path, key), inner) for key, inner in item.items()]
        elif isinstance(item, list):
            waiting += [((*path, number), inner) for number, inner in enumerate(item)]
    return found


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if abs(number) == float("inf"):
        raise ValueError(f"the number {text[:20]} is out of range")
    return number
