"""Loop runs, as a person sees them."""

from __future__ import annotations

import io

import pytest

from cowork.patterns.results import Statement
from cowork.render.screen import Screen
from cowork.render.views import loops

OBJECT = '{"answer": "files", "confidence": 0.7, "reason": "They are simple."}'


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (f"Look at it.\n\n{OBJECT}", "Look at it."),
        (f"Look at it.\n\n```json\n{OBJECT}\n```", "Look at it."),
        (OBJECT, "They are simple."),
        (f"```json\n{OBJECT}\n```\n", "They are simple."),
        (f"{OBJECT}\nAnd one more word.", f"{OBJECT} And one more word."),
    ],
)
def test_a_statement_is_shown_without_the_object_it_ends_with_and_by_its_reason_where_nothing_else_is(
    said: str, shown: str
) -> None:
    stream = io.StringIO()
    loops.statement(Statement(0, "first", "files", 0.7, "They are simple.", said), Screen(stream, "never"))
    heading, *text = stream.getvalue().split("\n")
    assert heading == "first: files  (70% sure)"
    assert " ".join(line.strip() for line in text).strip() == shown
