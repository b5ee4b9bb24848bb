"""Claims of an answer, and which of them rest on something."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.twins.beats.citations import UNVERIFIED, checked

MARK = r"\[unverified(?:: there is no [^\]]*)?\]"
KNOWN = {"git-activity.0", "git-activity.3", "todo-comments.12", "memory.m1", "fact.f0a"}


def marks(text: str) -> list[str]:
    """The lines that are marked."""
    return [line for line in checked(text, KNOWN)[0].splitlines() if UNVERIFIED[:-1] in line]


def test_a_claim_that_cites_what_was_given_is_verified_and_left_as_it_is() -> None:
    text = "- Alice wrote most of it [git-activity.3]."

    marked, claims = checked(text, KNOWN)

    assert marked == text
    assert [(claim.cites, claim.verified) for claim in claims] == [(("git-activity.3",), True)]


def test_a_claim_without_evidence_is_marked_and_stays() -> None:
    marked, claims = checked("- Bob is about to leave.", KNOWN)

    assert marked == "- Bob is about to leave. [unverified]"
    assert not claims[0].verified


def test_a_claim_that_cites_what_there_is_not_is_marked_with_what() -> None:
    assert checked("Coverage fell [git-activity.99].", KNOWN)[0].endswith("[unverified: there is no git-activity.99]")


def test_one_invented_id_beside_a_real_one_is_not_enough() -> None:
    assert not checked("- So it is [git-activity.3] [todo-comments.77]", KNOWN)[1][0].verified


@pytest.mark.parametrize("cite", ["memory.m1", "fact.f0a", "todo-comments.12"])
def test_memory_facts_and_every_collector_can_be_cited(cite: str) -> None:
    assert checked(f"The team owns it ({cite})", KNOWN)[1][0].verified


@pytest.mark.parametrize(
    "lookalike", ["git-activity.30", "my-git-activity.3", "git-activity.3x", "git-activity.3/x", "git-activity"]
)
def test_what_only_looks_like_an_id_is_none(lookalike: str) -> None:
    assert not checked(f"- It is so {lookalike}", KNOWN)[1][0].verified


def test_an_id_at_the_end_of_a_sentence_counts() -> None:
    assert checked("It is so, says git-activity.3.", KNOWN)[1][0].verified


def test_rows_items_and_paragraphs_claim_and_headings_rules_and_code_do_not() -> None:
    text = """# A title

Bottom line: two are stale
and one is new [git-activity.0].

| Rank | PR |
|------|----|
| 1 | a [git-activity.3] |
| 2 | b |

```
code claims nothing
```
- an item
  that goes on [todo-comments.12]
1. a numbered one
"""
    claims = checked(text, KNOWN)[1]

    assert [claim.verified for claim in claims] == [True, True, False, True, False]
    assert marks(text) == ["| 2 | b [unverified] |", "1. a numbered one [unverified]"]


@pytest.mark.parametrize(
    "line",
    [
        "Not available: gh is not installed",
        "- **Not available:** coverage, no report was found. Make one with: pytest --cov",
        "- none",
        "None.",
        "N/A",
        "Should we merge it?",
        "- **Which of the two goes first?**",
        "1. Is the door to be mended\n   before the release?",
        "Nothing needs attention today.",
        "Nothing needs your attention",
    ],
)
def test_what_claims_nothing_is_not_marked(line: str) -> None:
    assert checked(line, KNOWN) == (line, ())


def test_decisions_and_what_is_missing_are_no_claims_until_the_next_heading() -> None:
    text = "## Decide next\n- merge it\n## Not available\n- coverage\n## Gaps\n- a gap"

    assert marks(text) == ["- a gap [unverified]"]


@pytest.mark.parametrize(
    "heading",
    [
        "## Decide next",
        "### 5. **Decide next**",
        "**Decide next:**",
        "5. Decide next",
        "**5. Not available**:",
        "Open questions:",
        "# Questions",
        "__Not available__",
        "## DECIDE NEXT ##",
    ],
)
def test_below_the_headings_that_are_asked_for_nothing_is_claimed(heading: str) -> None:
    text = f"{heading}\n- merge it"
    assert checked(text, KNOWN) == (text, ())


def test_the_next_number_of_a_list_of_sections_ends_what_is_silent() -> None:
    text = "4. Not available\n- coverage\n1. issues\n5. The build is broken.\n- for hours"

    assert marks(text) == ["5. The build is broken. [unverified]", "- for hours [unverified]"]


@pytest.mark.parametrize(
    "text",
    [
        "None of the 40 tests pass since Tuesday and the release is broken.",
        "Nothing works since Tuesday.",
        "Nothing needs attention except production, which is down.",
        "Nothing needs attention while production is down.",
        "N/A is what the head said about the budget, which is 3M over.",
        "Title case was dropped from 14 files.",
        "Not available since Monday.",
        "Decide next: production has been down for 4 hours.",
        "- 14 tests fail since Monday - see the log?",
        "14 tests fail since Monday. Should we stop?",
        "- Production is down.\n  Should we roll back?",
        "14 tests fail since Monday?",
        "## Questions answered\n\nProduction has been down for 4 hours.",
        "## No questions\n\nProduction has been down for 4 hours.",
        "## Not available in this release\n\nProduction has been down for 4 hours.",
    ],
)
def test_a_claim_does_not_hide_behind_the_words_of_those_that_are_none(text: str) -> None:
    marked, claims = checked(text, KNOWN)

    assert [claim.verified for claim in claims] == [False]
    assert marked == f"{text} {UNVERIFIED}"


@given(st.lists(st.sampled_from([*"ab #-*|`\n[].:?", "git-activity.", "none", "is ", "3", "99"]), max_size=60).map("".join))
def test_nothing_is_ever_lost_and_marking_adds_only_marks(text: str) -> None:
    marked, claims = checked(text, KNOWN)

    for before, after in zip(text.split("\n"), marked.split("\n"), strict=True):
        assert after == before or re.sub(MARK, "", after).replace(" ", "") == before.replace(" ", "")
    assert all(claim.verified <= bool(claim.cites) for claim in claims)


@pytest.mark.parametrize("line", [" " * 200_000, "|-" * 100_000 + "x", "- " * 100_000 + "x"], ids=["spaces", "table", "dashes"])
def test_a_line_made_to_be_slow_is_not(line: str) -> None:
    began = time.process_time()
    checked(line, ())
    assert time.process_time() - began < 1
