"""Whether a result says anything new: by what was found, not by how it is worded and how much time has passed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.twins.novelty import fingerprint
from tests.twins.parcels import evidence, result

FACTS = evidence("app.py:1 TODO mend the door (Ada, 3 days old)", "pull request 7 waits since 2 hours ago")


@pytest.mark.parametrize(
    "later",
    [
        evidence("app.py:1 TODO mend the door (Ada, 4 days old)", "pull request 7 waits since 3 hours ago"),
        evidence("pull request 7 waits since yesterday", "app.py:1 TODO mend the door (Ada, 1 year old)"),
        evidence(*[item.text for item in FACTS.items[1:]], summary="17 things, the last an hour ago", seconds=9.0, cached=True),
    ],
    ids=["later", "in another order", "with another summary"],
)
def test_the_same_facts_later_are_nothing_new_however_they_are_worded(later) -> None:  # type: ignore[no-untyped-def]
    assert fingerprint(result("First words.", FACTS)) == fingerprint(result("Other words!", later))


@pytest.mark.parametrize(
    "other",
    [
        result("", evidence("app.py:2 TODO mend the door (Ada, 3 days old)", "pull request 7 waits since 2 hours ago")),
        result("", evidence(*[item.text for item in FACTS.items[1:]], items_total=3)),
        result("", evidence(*[item.text for item in FACTS.items[1:]], collector="open-decisions")),
        result("", FACTS, evidence("a new collector says this", collector="git-activity")),
        result("", FACTS, made_by="evidence"),
        result("", FACTS, status="degraded"),
        result(""),
    ],
    ids=["another fact", "more facts", "another collector", "a collector more", "a digest", "not whole", "no evidence"],
)
def test_other_facts_are_news_and_so_is_an_answer_after_a_digest(other) -> None:  # type: ignore[no-untyped-def]
    assert fingerprint(result("", FACTS)) != fingerprint(other)


def test_a_collector_that_says_all_in_its_summary_is_known_by_it() -> None:
    green, red = (result("", evidence(summary=f"main is {colour}, checked 5 minutes ago")) for colour in ("green", "red"))

    assert fingerprint(green) != fingerprint(red)
    assert fingerprint(green) == fingerprint(result("", evidence(summary="main is green, checked 2 hours ago")))


def test_collectors_that_could_not_run_say_nothing() -> None:
    missing = evidence(status="unavailable", items=(), collector="pull-requests", reason="no gh since 3 minutes")

    assert fingerprint(result("", FACTS, missing)) == fingerprint(result("", FACTS))


def test_without_evidence_the_words_count() -> None:
    assert fingerprint(result("It rains since 2 hours.")) == fingerprint(result("It rains since 3 hours."))
    assert fingerprint(result("It rains.")) != fingerprint(result("It shines."))


@given(st.lists(st.text(), max_size=4), st.text())
def test_whatever_was_found_has_a_fingerprint(facts: list[str], text: str) -> None:
    assert len(fingerprint(result(text, evidence(*facts)))) == 64
