"""Digests below each other: nothing is said twice, and nothing is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cowork.render.views.told_once import ToldOnce

ALONE = "_A digest of the evidence alone: no model was asked._"
ACTIVITY = "**git-activity**: 3 commits [git-activity.0]\n- Ada: 2 commits [git-activity.1]"
MORE = f"{ACTIVITY}\n- Bob: 1 commit [git-activity.2]"


def test_a_block_is_shown_once_and_then_referred_to() -> None:
    once = ToldOnce()
    first = f"First line.\n\n{ALONE}\n\n{ACTIVITY}\n- ... 4 more: `cowork evidence run git-activity`"

    assert once.shortened("Review", first) == first
    assert once.shortened("Tests", f"No findings.\n\n{ALONE}\n\n{ACTIVITY}") == (
        "No findings.\n\n**git-activity**: see Review above"
    )


def test_a_block_that_says_more_than_before_is_shown() -> None:
    once = ToldOnce()
    once.shortened("Review", ACTIVITY)
    assert once.shortened("Activity", MORE) == MORE


def test_what_is_not_available_for_one_reason_is_told_once_for_each_collector() -> None:
    once = ToldOnce()
    once.shortened("Review", "**Not available**\n- git-activity, pull-requests: this is not a git repository (git init)")

    told = once.shortened("Tests", "**Not available**\n- git-activity, ci-runs: this is not a git repository (git init)")
    assert told == "**Not available**\n- ci-runs: this is not a git repository (git init)"
    assert once.shortened("Docs", "No findings.\n\n**Not available**\n- ci-runs: this is not a git repository (git init)") == (
        "No findings."
    )


@given(st.text(alphabet="ab-*_:\n ", max_size=200))
def test_the_first_text_is_shown_whole(text: str) -> None:
    shown = ToldOnce().shortened("A", text)
    assert set(shown.split()) <= set(text.split()) | {"see", "A", "above"}
