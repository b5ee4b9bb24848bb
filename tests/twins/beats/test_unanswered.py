"""What is asked where no model is: told plainly, with the evidence that has the words of the question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.twins.beats.jobs import Job
from cowork.twins.beats.unanswered import MOST_FACTS, unanswered
from cowork.twins.results import bottom_line
from tests.twins.beats.test_digest import FAILS, GAP, evidence, missing

ACTIVITY = evidence(
    "git-activity", ("auth/login.py: 3 commits by Ada", {}), ("docs: 9 commits by Bob", {}), ("web: 1 commit by Cy", {})
)
TESTS = evidence("test-reports", FAILS)


def job(title: str, kind: str = "ask") -> Job:
    return Job("q1", kind, title, "", "", (), 0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "said"),
    [("ask", "The question was not worked on"), ("skill", "The skill was not run"), ("task", "This was not worked on")],
)
def test_it_says_first_that_nobody_worked_on_it(kind: str, said: str) -> None:
    text = unanswered(job("What is new?", kind), [ACTIVITY], "no model is configured")

    assert text.split("\n\n")[1] == f"**{said}: no model is configured.**"
    assert said in bottom_line(text)


def test_the_facts_that_have_the_words_of_the_question_come_first_and_others_not() -> None:
    text = unanswered(job("What changed in the auth module and in docs by Bob?"), [ACTIVITY, TESTS], "x")

    assert text.index("[git-activity.2]") < text.index("[git-activity.1]")
    assert "[git-activity.3]" not in text
    assert "[test-reports.1]" not in text
    assert text != unanswered(job("Which tests fail?"), [ACTIVITY, TESTS], "x")


def test_the_name_of_a_skill_is_no_word_of_a_question() -> None:
    text = unanswered(job("/login-auth docs", "skill"), [ACTIVITY], "x")

    assert ("[git-activity.2]" in text, "[git-activity.1]" in text) == (True, False)


def test_what_no_fact_has_words_of_gets_the_most_urgent() -> None:
    text = unanswered(job("Hello"), [evidence("untested-changes", GAP), TESTS, missing("issues")], "x")

    assert "has its words. Most urgent:" in text
    assert "[test-reports.1]" in text
    assert text.endswith("Not available: issues.")


@given(st.text(max_size=200), st.lists(st.text(max_size=300), max_size=60))
def test_it_is_short_whatever_is_asked_and_found(title: str, facts: list[str]) -> None:
    text = unanswered(job(title.replace("\n", " ")), [evidence("git-activity", *((fact, {}) for fact in facts))], "x")

    shown = [line for line in text.split("\n") if line.startswith("- ")]
    assert len(shown) <= MOST_FACTS + 1
    assert shown[-1] == "- more: `cowork evidence run git-activity`"
