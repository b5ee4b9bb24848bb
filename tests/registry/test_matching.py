"""Which skill a request is about."""

from __future__ import annotations

import pytest

from cowork.registry.matching import THRESHOLD, match, stems


@pytest.mark.parametrize(
    ("text", "skill"),
    [
        ("prepare this pull request for review and assess the risk", "code-review-prep"),
        ("are there vulnerable or outdated dependencies", "dependency-audit"),
        ("write a blameless post-mortem for last night's outage", "post-mortem-report"),
        ("generate kubernetes manifests for my service", "kubernetes-manifest-generation"),
        ("review my terraform plan", "terraform-plan-review"),
        ("what did I do yesterday, for standup", "standup-update"),
        ("build a DCF model with WACC and terminal value", "dcf-modeling"),
        ("draft a reply to an angry customer", "response-draft"),
        ("value this company with trading comparables and precedent transactions", "comps-analysis"),
        ("find tax loss harvesting opportunities", "tax-optimization"),
        ("write a test plan for the checkout flow", "test-plan-generator"),
        ("turn these commits into a changelog", "changelog-generator"),
    ],
)
def test_a_request_in_a_users_words_finds_its_skill_among_the_first_two(text: str, skill: str) -> None:
    assert skill in [item.id for item in match(text).items[:2]]


@pytest.mark.parametrize(
    "text", ["", "hello", "what is the weather in Paris", "the and of with", "order me a pizza please", "%%% 42"]
)
def test_a_request_no_skill_is_about_finds_none(text: str) -> None:
    assert match(text).items == ()


def test_one_long_word_in_common_is_not_enough() -> None:
    assert (
        match("my grandmother's kubernetes-themed birthday cake recipe with chocolate frosting and seven candles").items == ()
    )


def test_matches_are_ranked_deterministic_and_above_the_threshold() -> None:
    first, again = match("review the release checklist for deployment"), match("review the release checklist for deployment")
    assert first == again
    scores = [item.score for item in first.items]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) >= THRESHOLD
    assert len(match("review report analysis plan", limit=3).items) <= 3


def test_words_are_compared_without_their_endings() -> None:
    assert stems("reviewing reviews reviewed reviewer") == ["review"] * 4
