"""Files of facts: CSV or JSON lines with subject, relation and object."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import NamedTuple

from cowork.core.errors import InvalidInput
from cowork.core.text import one_line

FIELDS = ("subject", "relation", "object")
LONGEST = {"subject": 200, "relation": 60, "object": 200}
"""Characters of each field."""


class Triple(NamedTuple):
    """A fact: what is said of whom."""

    subject: str
    relation: str
    object: str


class Line(NamedTuple):
    """A fact with the line of the file that says it, counted from 1."""

    number: int
    triple: Triple


def parse(text: str, *, path: str) -> list[Line]:
    """The facts of a file in its order: JSON lines when it begins with `{`, else CSV, with or without a line of headings.

    What else a line has, and a byte order mark before the first, is passed over. Raises `facts.invalid`, naming the file and
    the line.
    """
    text = text.removeprefix("\ufeff")
    return list(_json_lines(text, path) if text.lstrip()[:1] == "{" else _table(text, path))


def wrong(path: str, number: int, problem: str) -> InvalidInput:
    """The error for a line."""
    return InvalidInput(
        "facts.invalid",
        f"{path}: line {number}: {problem}",
        hint="a line is SUBJECT,RELATION,OBJECT, or JSON with these three members",
        details={"path": path, "line": number},
    )


def _json_lines(text: str, path: str) -> Iterator[Line]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise wrong(path, number, f"it is not JSON ({error.msg}, column {error.colno})") from error
        except (ValueError, RecursionError) as error:  # a number, or a nesting, beyond what is read
            raise wrong(path, number, f"it is not JSON ({one_line(str(error), 80)})") from error
        if not isinstance(value, dict):
            raise wrong(path, number, "it is not a JSON object")
        for name in FIELDS:
            if not isinstance(value.get(name), str):
                raise wrong(path, number, f"its {name} is {'no text' if name in value else 'missing'}")
        yield Line(number, Triple(value["subject"], value["relation"], value["object"]))


def _table(text: str, path: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns: list[int] | None = None
    try:
        for row in reader:
            number = reader.line_num
            if not any(cell.strip() for cell in row):
                continue
            if columns is None:
                names = [cell.strip().lower() for cell in row]
                columns = [names.index(name) for name in FIELDS] if set(FIELDS) <= set(names) else []
                if columns:
                    continue
            if columns and len(row) <= max(columns):
                raise wrong(path, number, "it has fewer columns than the headings")
            if not columns and len(row) != len(FIELDS):
                raise wrong(path, number, f"it has {len(row)} column(s), not {len(FIELDS)}")
            yield Line(number, Triple(*(row[at] for at in columns or range(len(FIELDS)))))
    except csv.Error as error:
        raise wrong(path, reader.line_num, f"it is not CSV ({one_line(str(error), 80)})") from error
