"""Iterative refinement: the protocol, its counts, and which version is returned."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from cowork.patterns.refine import PATTERN, price, refine
from cowork.patterns.results import PatternResult
from cowork.patterns.scoring import RUBRIC
from tests.patterns.drafting import drafted, scores
from tests.patterns.seats import Said, Script, lost, setup

Replies = dict[tuple[object, ...], Said]
SEATS = {"author": ["ann"], "critic": ["cy"]}
RUN: Replies = {
    ("ann", "refine_draft"): drafted("Version 0."),
    ("ann", "refine_revise"): lambda question: drafted(f"Version {question.round}."),
    ("cy", "refine_critique"): lambda question: scores(20 + 2 * question.round, f"gap {question.round}"),
}
SATISFIED = scores(36, satisfied=True)


def scored(*points: int) -> Replies:
    """A critic that gives these points to the versions, in their order."""
    return {**RUN, ("cy", "refine_critique"): lambda question: scores(points[question.round - 1], f"gap {question.round}")}


def play(
    said: Mapping[tuple[object, ...], Said],
    *,
    check: Callable[[str], str | None] = lambda draft: None,
    names: tuple[str, ...] = (),
    **options: int | bool,
) -> tuple[PatternResult, Script]:
    script = Script(said, check=check)
    return asyncio.run(refine(script, replace(setup(PATTERN, SEATS, **options), names=names))), script


def fails(*drafts: str) -> Callable[[str], str | None]:
    return lambda draft: "2 tests failed" if draft in drafts else None


class TestTheRounds:
    def test_show_the_critic_the_draft_and_the_rubric_and_no_earlier_score(self) -> None:
        _, script = play(RUN)
        first, second = (question.view for question in script.asked if question.seat == "cy")
        assert first == {"draft": "Version 0.", "summary": "a plan", "findings": [], "rubric": dict(RUBRIC)}
        assert second == {**first, "draft": "Version 1."}

    def test_show_the_author_its_draft_and_the_findings_of_this_round_only(self) -> None:
        _, script = play(RUN)
        first, second = (question.view for question in script.asked if question.step == "refine_revise")
        assert (first["draft"], [finding["claim"] for finding in first["findings"]]) == ("Version 0.", ["gap 1"])
        assert (second["draft"], [finding["claim"] for finding in second["findings"]]) == ("Version 1.", ["gap 2"])

    def test_end_at_once_when_the_critic_is_satisfied(self) -> None:
        result, _ = play({**RUN, ("cy", "refine_critique"): SATISFIED})
        assert (result.outcome, result.decided_by, result.document) == ("unanimous", "review", "Version 0.")
        assert (result.votes_for, result.votes_of, result.calls, result.depth, result.rounds) == (2, 2, 2, 2, 0)
        assert price(setup(PATTERN, SEATS)).fewest_calls == 2

    def test_end_when_the_score_has_not_risen_twice_in_a_row(self) -> None:
        result, _ = play(scored(20, 21, 20), rounds=6)
        assert (result.calls, result.rounds) == (6, 2)
        assert [version.score for version in result.versions] == [0.5, 0.525, 0.5]

    def test_go_on_after_one_that_gained_nothing(self) -> None:
        assert play(scored(20, 20, 24, 24, 28, 30), rounds=6)[0].rounds == 6

    def test_measure_the_gain_against_the_best_before(self) -> None:
        assert play(scored(28, 20, 26), rounds=6)[0].rounds == 2  # 26 after 20 is no gain over 28

    def test_end_when_the_draft_comes_back_unchanged(self) -> None:
        result, _ = play({**RUN, ("ann", "refine_revise"): drafted("Version 0.")}, rounds=6)
        assert (result.calls, result.rounds, result.document) == (3, 0, "Version 0.")
        assert result.notes == ("the author left the draft as it was",)

    @pytest.mark.parametrize("rounds", range(7))
    def test_in_full_make_the_calls_and_depth_of_the_formula(self, rounds: int) -> None:
        result, script = play(RUN, rounds=rounds)
        priced = price(setup(PATTERN, SEATS, rounds=rounds))
        assert result.calls == len(script.asked) == priced.most_calls == 1 + 2 * rounds
        assert result.depth == priced.depth == 1 + 2 * rounds


class TestTheVersionReturned:
    def test_is_the_best_scored_and_not_the_last(self) -> None:
        result, _ = play(scored(28, 20, 24), rounds=3)
        assert (result.outcome, result.decided_by, result.document) == ("no_consensus", "score", "Version 0.")
        assert result.versions[0].chosen
        assert "0.70, 0.50, 0.60" in result.reason
        assert "an earlier version is returned" in result.notes[-1]

    def test_is_one_in_the_middle_where_that_scored_best(self) -> None:
        assert play(scored(20, 30, 22), rounds=3)[0].document == "Version 1."

    def test_is_the_later_of_equals(self) -> None:
        assert play(scored(24, 20, 24, 20), rounds=6)[0].document == "Version 2."

    def test_is_the_unscored_last_one_only_where_it_revises_the_best(self) -> None:
        result, _ = play(scored(20, 24), rounds=2)
        assert (result.document, result.versions[-1].score) == ("Version 2.", None)
        assert "was not scored" in result.notes[-1]
        assert play(scored(24, 20), rounds=2)[0].document == "Version 0."

    def test_is_the_one_that_satisfied_the_critic_whatever_the_scores(self) -> None:
        said = {**RUN, ("cy", "refine_critique", 1): scores(39, "a gap"), ("cy", "refine_critique", 2): SATISFIED}
        result, _ = play(said)
        assert (result.outcome, result.document) == ("unanimous", "Version 1.")

    def test_has_its_findings_open_and_those_of_earlier_ones_accepted(self) -> None:
        said = {**RUN, ("cy", "refine_critique", 2): scores(36, "a comma", severity="minor", satisfied=True)}
        result, _ = play(said)
        assert [(finding.claim, finding.status) for finding in result.findings] == [("gap 1", "accepted"), ("a comma", "open")]

    def test_is_never_unanimous_when_the_rounds_ran_out(self) -> None:
        assert play(scored(38, 40), rounds=2)[0].outcome == "no_consensus"


class TestACheck:
    def test_that_fails_reaches_the_critic_and_the_author(self) -> None:
        _, script = play(RUN, check=fails("Version 0."))
        assert [finding["id"] for finding in script.asked[1].view["findings"]] == ["check"]
        assert [finding["id"] for finding in script.asked[2].view["findings"]] == ["check", "f1"]
        assert script.asked[3].view["findings"] == []

    def test_that_fails_satisfies_nobody(self) -> None:
        said = {**RUN, ("cy", "refine_critique"): SATISFIED}
        result, script = play(said, check=fails("Version 0."))
        assert (result.outcome, result.document, result.calls) == ("unanimous", "Version 1.", 4)
        assert [finding["id"] for finding in script.asked[2].view["findings"]] == ["check"]

    def test_that_passes_goes_before_every_score(self) -> None:
        result, _ = play(scored(20, 38, 36), rounds=3, check=fails("Version 1.", "Version 2.", "Version 3."))
        assert result.document == "Version 0."

    def test_that_only_the_unscored_last_one_passes_returns_it(self) -> None:
        result, _ = play(scored(30, 20), check=fails("Version 0.", "Version 1."))
        assert result.document == "Version 2."

    def test_that_the_unscored_last_one_fails_keeps_it_back(self) -> None:
        assert play(scored(20, 24), check=fails("Version 2."))[0].document == "Version 1."

    def test_that_all_fail_is_said(self) -> None:
        result, _ = play(RUN, check=lambda draft: "boom")
        assert (result.outcome, result.findings[0].id) == ("no_consensus", "check")
        assert "every version fails its check" in result.reason


# Faults


def test_a_lost_author_is_a_failure() -> None:
    result, script = play({**RUN, ("ann", "refine_draft"): lost("ann")})
    assert (result.outcome, result.answer, len(script.asked)) == ("failed", None, 1)


def test_a_critic_lost_at_once_leaves_the_first_draft_unrefined() -> None:
    result, _ = play({**RUN, ("cy", "refine_critique"): lost("cy")})
    assert (result.outcome, result.decided_by, result.document) == ("degraded", "nobody", "Version 0.")
    assert result.notes == ("refined_rounds: 0",)


def test_a_critic_lost_later_leaves_the_last_good_version_and_says_how_far_it_came() -> None:
    result, _ = play({**RUN, ("cy", "refine_critique", 2): lost("cy")}, rounds=3)
    assert (result.outcome, result.document) == ("degraded", "Version 1.")
    assert result.notes[0] == "refined_rounds: 1"


def test_a_critic_lost_after_a_drop_leaves_the_best_scored() -> None:
    result, _ = play({**scored(30, 20, 0), ("cy", "refine_critique", 3): lost("cy")}, rounds=3)
    assert (result.outcome, result.document) == ("degraded", "Version 0.")


def test_an_author_lost_at_a_revision_leaves_the_best_scored() -> None:
    result, _ = play({**RUN, ("ann", "refine_revise", 2): lost("ann")}, rounds=3)
    assert (result.outcome, result.document, result.rounds) == ("degraded", "Version 1.", 1)


def test_a_revision_whose_json_had_to_be_asked_for_again_keeps_its_draft() -> None:
    said = {**RUN, ("ann", "refine_revise", 1): "Version 1, in full.", ("ann", "repair"): drafted("")}
    result, _ = play(said, rounds=1)
    assert (result.document, result.repairs) == ("Version 1, in full.", 1)


def test_a_revision_that_lost_its_text_is_none() -> None:
    result, _ = play({**RUN, ("ann", "refine_revise"): drafted("", "a summary of what I would write")})
    assert (result.document, result.rounds) == ("Version 0.", 0)


def test_the_critic_learns_nothing_about_the_author() -> None:
    said = {**RUN, ("ann", "refine_draft"): drafted("As Claude, I used claude-sonnet-5.", "I am Claude")}
    said[("cy", "refine_critique")] = scores(20, "I am GPT-5.5: a gap")
    _, script = play(said, names=("anthropic", "claude-sonnet-5", "gpt-5.5"))
    shown = " ".join(str(question.view) for question in script.asked)
    assert not [name for name in ("Claude", "claude-sonnet-5", "GPT") if name in shown]
    assert not {"ann", "cy"} & set(shown.replace("'", " ").split())
