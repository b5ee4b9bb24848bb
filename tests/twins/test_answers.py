"""One answer to several tasks, taken apart."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from cowork.formats.persona_mending import TASK_ID
from cowork.twins.beats.answers import taken_apart

IDS = ["pr-triage", "todo.scan", "q1"]


def test_each_task_gets_what_follows_its_line() -> None:
    answer = "# task: pr-triage\nA\n\nB\n# task: q1\nC"

    assert taken_apart(answer, IDS) == {"pr-triage": "A\n\nB", "q1": "C"}


def test_models_write_the_line_in_their_own_way() -> None:
    answer = "**Task: `pr-triage`**\nA\n### TASK: todo.scan\nB\ntask: q1\nC"

    assert taken_apart(answer, IDS) == {"pr-triage": "A", "todo.scan": "B", "q1": "C"}


@given(st.lists(st.from_regex(re.compile(TASK_ID, re.ASCII), fullmatch=True), min_size=1, max_size=4, unique=True))
def test_every_id_that_a_task_may_have_can_be_named(ids: list[str]) -> None:
    answer = "\n".join(f"# task: {name}\nOf {number}." for number, name in enumerate(ids))

    assert taken_apart(answer, ids) == {name: f"Of {number}." for number, name in enumerate(ids)}


def test_a_line_that_names_another_task_is_text() -> None:
    assert taken_apart("# task: q1\nA\n# task: other\nB", IDS) == {"q1": "A\n# task: other\nB"}


def test_what_stands_before_the_first_line_is_the_first_tasks() -> None:
    assert taken_apart("Hello.\n# task: q1\nA", IDS) == {"q1": "Hello.\n\nA"}


def test_a_single_task_needs_no_line() -> None:
    assert taken_apart("All is well.", ["q1"]) == {"q1": "All is well."}
    assert taken_apart("All is well.", IDS) == {}


def test_a_task_named_twice_has_both_texts_and_an_empty_one_none() -> None:
    assert taken_apart("# task: q1\nA\n# task: pr-triage\n# task: q1\nB", IDS) == {"q1": "A\n\nB"}


@given(st.text(max_size=300), st.lists(st.sampled_from(IDS), min_size=1, unique=True))
def test_it_takes_anything(answer: str, ids: list[str]) -> None:
    found = taken_apart(answer, ids)

    assert set(found) <= set(ids)
    assert all(text.strip() for text in found.values())
