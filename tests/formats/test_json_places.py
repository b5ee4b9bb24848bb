"""From a JSON path to the line and column of its value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.formats.json_places import with_places
from cowork.formats.problem import Problem, json_path
from tests.formats.fuzz import JUNK

TEXT = """{
  "name": "x, y: {z}",
  "odd key": [1, {"a": null}, "\\"]"],
  "skills": [
    {"id": "one"},
    {"id": "two",
     "prompt": -1.5e3}
  ],
  "": true
}"""


def at(where: str, text: str = TEXT) -> tuple[int | None, int | None]:
    [problem] = with_places([Problem("f", where, "manifest.value", "error", "m", "f")], text)
    return problem.line, problem.column


@pytest.mark.parametrize(
    ("where", "line", "column"),
    [
        ("$", 1, 1),
        ("$.name", 2, 11),
        ('$["odd key"]', 3, 14),
        ('$["odd key"][1].a', 3, 24),
        ('$["odd key"][2]', 3, 31),
        ("$.skills[0]", 5, 5),
        ("$.skills[1].id", 6, 12),
        ("$.skills[1].prompt", 7, 16),
        ('$[""]', 9, 7),
        ("$.skills[1].missing", 6, 5),
        ("$.skills[7].deeper.still", 4, 13),
        ("$.missing", 1, 1),
        ('$["not there"].x', 1, 1),
    ],
)
def test_a_value_is_where_it_starts_and_what_is_missing_where_it_belongs(where: str, line: int, column: int) -> None:
    assert at(where) == (line, column)


def test_what_has_a_line_keeps_it() -> None:
    problem = Problem("f", "$.name", "manifest.value", "error", "m", "f", 99)
    assert with_places([problem], TEXT) == [problem]


def flat(document: Any, parts: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    items = document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    return [(parts, document), *(pair for key, value in items for pair in flat(value, (*parts, key)))]


@given(JUNK, st.sampled_from([None, 1, "\t"]), st.booleans())
@settings(deadline=None, max_examples=150)
def test_every_value_of_every_document_is_found(document: Any, indent: Any, ascii_only: bool) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only)
    for parts, value in flat(document):
        line, column = at(json_path(parts), text)
        assert line is not None
        assert column is not None
        rest = text.split("\n", line - 1)[-1][column - 1 :]
        assert json.JSONDecoder().raw_decode(rest)[0] == value


@given(st.text())
def test_no_text_is_too_odd(text: str) -> None:
    at("$.a[0].b", text)
