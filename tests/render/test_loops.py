"""Loop runs, as a person sees them."""

from __future__ import annotations

import io

import pytest

from cowork.loop.results import Calls
from cowork.patterns.results import Statement
from cowork.render.screen import Screen
from cowork.render.views import loops
from tests.support import run_here

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


def test_calls_beside_the_protocol_are_counted_in_words() -> None:
    assert loops.beside(Calls(2, 2, 2, "k", 1, 1, 1, "2")) == ["1 repair", "1 retry", "1 call to a stand-in"]
    assert loops.beside(Calls(2, 2, 2, "k", 0, 2, 2, "2")) == ["2 retries", "2 calls to stand-ins"]


@pytest.mark.parametrize(("words", "calls"), [((), "1 call (k = 1), depth 1"), (("--pattern", "debate"), "2 to 6 calls (")])
def test_a_plan_counts_its_calls_in_words(words: tuple[str, ...], calls: str) -> None:
    assert f" {calls}" in run_here("loop", "start", "x", "--provider", "rehearsal", "--dry-run", *words).out
