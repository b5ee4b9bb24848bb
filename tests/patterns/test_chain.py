"""Chain review: the protocol, its counts, and what it ends with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from cowork.patterns.chain import PATTERN, chain, price
from cowork.patterns.results import PatternResult
from tests.patterns.drafting import approves, changes, drafted
from tests.patterns.seats import Said, Script, lost, setup

Replies = dict[tuple[object, ...], Said]
DRAFT: Replies = {("ann", "chain_draft"): drafted("First draft.")}


def play(
    replies: Mapping[tuple[object, ...], Said],
    reviewers: int = 2,
    *,
    check: Callable[[str], str | None] = lambda draft: None,
    room: int = 10_000,
    names: tuple[str, ...] = (),
    **options: int | bool,
) -> tuple[PatternResult, Script]:
    script = Script(replies, check=check, room=room)
    return asyncio.run(chain(script, replace(seated(reviewers, **options), names=names))), script


def seated(reviewers: int, **options: int | bool):
    return setup(PATTERN, {"author": ["ann"], "reviewer": [f"r{number}" for number in range(1, reviewers + 1)]}, **options)


def reviews(*replies: Said, step: str = "chain_review") -> Replies:
    return {**DRAFT, **{(f"r{number}", step): reply for number, reply in enumerate(replies, 1)}}


class TestApproval:
    def test_of_all_is_unanimous_and_counts_the_author(self) -> None:
        result, _ = play(reviews(approves(), approves()))
        assert (result.outcome, result.decided_by, result.document) == ("unanimous", "review", "First draft.")
        assert (result.votes_for, result.votes_of) == (3, 3)

    def test_twice_in_a_row_ends_the_chain_at_its_best_case(self) -> None:
        result, script = play(reviews(approves(), approves()), reviewers=8)
        assert (result.calls, result.depth, len(script.asked)) == (3, 3, 3)
        assert price(seated(8)).fewest_calls == 3
        assert [result.states[f"r{number}"] for number in (2, 3, 8)] == ["ok", "not_needed", "not_needed"]
        assert (result.votes_for, result.votes_of) == (3, 3)

    def test_in_a_row_means_with_no_change_between(self) -> None:
        result, _ = play(reviews(approves(), changes("Two.", "a gap"), approves(settled=("f1",)), approves(), approves()), 5)
        assert result.calls == 5
        assert result.states["r5"] == "not_needed"

    def test_does_not_rewrite_whatever_text_comes_with_it(self) -> None:
        result, script = play(reviews(approves(text="My own better draft."), approves()))
        assert result.document == "First draft."
        assert result.answer == "a plan"
        assert script.asked[2].view["draft"] == "First draft."
        assert len(result.versions) == 1

    def test_with_minor_findings_is_approval_and_the_findings_stay_open(self) -> None:
        result, script = play(reviews(approves("a comma is missing"), approves()))
        assert result.outcome == "unanimous"
        assert [(finding.claim, finding.status) for finding in result.findings] == [("a comma is missing", "open")]
        assert [finding["claim"] for finding in script.asked[2].view["findings"]] == ["a comma is missing"]
        assert result.dissent == ()


class TestAskingForChanges:
    def test_hands_the_new_draft_and_the_findings_on_without_names(self) -> None:
        _, script = play(reviews(changes("Second draft.", "a gap"), approves(settled=("f1",))))
        assert script.asked[1].view == {"draft": "First draft.", "summary": "a plan", "findings": []}
        assert script.asked[2].view == {
            "draft": "Second draft.",
            "summary": "a plan",
            "findings": [
                {
                    "id": "f1",
                    "severity": "major",
                    "claim": "a gap",
                    "evidence": "",
                    "fix": "mend it",
                    "status": "accepted",
                    "note": "",
                }
            ],
        }

    def test_and_approval_of_the_new_draft_are_a_majority_for_the_author_was_not_asked_again(self) -> None:
        result, _ = play(reviews(changes("Second draft.", "a gap"), approves(settled=("f1",))))
        assert (result.outcome, result.decided_by, result.document) == ("majority", "review", "Second draft.")
        assert (result.votes_for, result.votes_of) == (2, 3)
        assert [(finding.id, finding.seat, finding.status) for finding in result.findings] == [("f1", "r1", "fixed")]

    def test_to_the_end_is_no_consensus_and_says_that_nobody_reviewed_the_last_draft(self) -> None:
        result, _ = play(reviews(changes("Second.", "a gap"), changes("Third.", "another", settled=("f1",))))
        assert (result.outcome, result.document) == ("no_consensus", "Third.")
        assert (result.votes_for, result.votes_of) == (1, 3)
        assert result.notes == ("nobody has reviewed the draft since it was last rewritten",)
        assert [finding.status for finding in result.findings] == ["fixed", "accepted"]

    def test_by_the_only_reviewer_is_no_consensus(self) -> None:
        result, _ = play(reviews(changes("Second.", "a gap")), reviewers=1)
        assert (result.outcome, result.votes_for, result.votes_of) == ("no_consensus", 1, 2)

    def test_that_others_do_not_take_back_stays_open(self) -> None:
        result, script = play(
            reviews(changes("Second.", "a gap"), changes("Third.", "more"), approves(settled=("f1", "f2"))), 3
        )
        assert [finding["id"] for finding in script.asked[3].view["findings"]] == ["f1", "f2"]
        assert result.outcome == "no_consensus"  # r2 wrote it and r3 approves: 2 of 4

    def test_without_a_draft_changes_nothing(self) -> None:
        result, script = play(reviews(changes("", "a gap"), approves(settled=("f1",))))
        assert script.asked[2].view["draft"] == "First draft."
        assert result.notes == ("r1 was asked for a new draft and gave none",)
        assert (result.outcome, result.votes_for, result.votes_of) == ("majority", 2, 3)
        assert [finding.status for finding in result.findings] == ["fixed"]

    def test_leaves_every_version_on_record(self) -> None:
        result, _ = play(reviews(changes("Second.", "a gap"), approves(settled=("f1",))))
        versions = [(version.round, version.seat, version.text, version.chosen) for version in result.versions]
        assert versions == [(0, "ann", "First draft.", False), (1, "r1", "Second.", True)]


class TestSeparate:
    def test_leaves_the_rewriting_to_the_author(self) -> None:
        replies = reviews(changes("", "a gap"), approves(settled=("f1",)), step="chain_findings")
        result, script = play({**replies, ("ann", "chain_rewrite"): drafted("Second.")}, separate=True)
        assert script.steps("ann") == ["chain_draft", "chain_rewrite"]
        assert [finding["claim"] for finding in script.asked[2].view["findings"]] == ["a gap"]
        assert (result.outcome, result.document) == ("majority", "Second.")
        assert (result.votes_for, result.votes_of) == (2, 3)

    def test_asks_for_no_rewrite_where_a_reviewer_approves(self) -> None:
        result, script = play(reviews(approves(), approves(), step="chain_findings"), separate=True)
        assert (result.outcome, result.calls) == ("unanimous", 3)
        assert script.steps("ann") == ["chain_draft"]

    def test_keeps_the_draft_when_the_author_is_lost_at_a_rewrite(self) -> None:
        replies = reviews(changes("", "a gap"), approves(settled=("f1",)), step="chain_findings")
        result, script = play({**replies, ("ann", "chain_rewrite"): lost("ann")}, separate=True)
        assert (result.outcome, result.document) == ("degraded", "First draft.")
        assert script.asked[3].view["draft"] == "First draft."


@pytest.mark.parametrize("separate", [False, True])
@pytest.mark.parametrize("reviewers", range(1, 9))
def test_a_full_chain_makes_the_calls_and_depth_of_the_formula(reviewers: int, separate: bool) -> None:
    step = "chain_findings" if separate else "chain_review"
    replies = reviews(*(changes(f"Draft {number}.", f"gap {number}") for number in range(reviewers)), step=step)
    rewrites = {("ann", "chain_rewrite", number): drafted(f"Rewrite {number}.") for number in range(1, reviewers + 1)}
    result, script = play({**replies, **rewrites}, reviewers, separate=separate)
    priced = price(seated(reviewers, separate=separate))
    assert result.calls == len(script.asked) == priced.most_calls == (1 + 2 * reviewers if separate else 1 + reviewers)
    assert result.depth == priced.depth == priced.most_calls
    assert price(seated(reviewers)).fewest_calls == min(3, 1 + reviewers)


class TestTheBestVersion:
    def test_is_the_one_against_which_least_is_known(self) -> None:
        replies = reviews(
            changes("Second.", "a comma", severity="minor"),
            changes("", "it is all wrong now", severity="critical", settled=("f1",)),
        )
        result, _ = play(replies)
        assert result.document == "First draft."  # a minor finding against it, a critical one against the second
        assert "less stands against it" in result.notes[-1]
        assert [(finding.id, finding.status) for finding in result.findings] == [("f1", "open"), ("f2", "open")]
        assert "later draft" in result.findings[1].note

    def test_is_the_latest_of_equals(self) -> None:
        result, _ = play(reviews(changes("Second.", "a gap"), changes("", "another", settled=("f1",))))
        assert result.document == "Second."

    def test_that_is_an_earlier_one_tells_who_does_not_stand_behind_it(self) -> None:
        replies = reviews(changes("Second.", "a comma", severity="minor"), changes("", "worse", severity="critical"))
        result, _ = play(replies)
        assert [(dissent.seat, dissent.reason) for dissent in result.dissent] == [("r1", "a comma"), ("r2", "worse")]


class TestACheck:
    @staticmethod
    def fails(*texts: str) -> Callable[[str], str | None]:
        return lambda draft: "2 tests failed" if draft in texts else None

    def test_that_fails_goes_to_the_next_reviewer_as_a_finding(self) -> None:
        replies = reviews(changes("Second.", "tests"), approves(settled=("f1",)))
        result, script = play(replies, check=self.fails("First draft."))
        assert script.asked[1].view["findings"] == [
            {
                "id": "check",
                "severity": "critical",
                "claim": "the draft fails its check",
                "evidence": "2 tests failed",
                "fix": "make it pass",
                "status": "open",
                "note": "",
            }
        ]
        assert [finding["id"] for finding in script.asked[2].view["findings"]] == ["f1"]
        assert [(finding.id, finding.status) for finding in result.findings] == [("check", "fixed"), ("f1", "fixed")]
        assert (result.outcome, result.document) == ("majority", "Second.")

    def test_that_fails_cannot_be_approved_away(self) -> None:
        result, _ = play(reviews(approves(), approves()), check=self.fails("First draft."))
        assert (result.outcome, result.votes_for, result.calls) == ("no_consensus", 1, 3)
        assert result.notes[0] == "r1 approved a draft that fails its check: that does not count"
        assert result.findings[0].status == "open"

    def test_is_reason_enough_for_changes_and_nobody_can_settle_it_by_saying_so(self) -> None:
        replies = reviews(changes("Second.", settled=("check",)), approves(settled=("check",)))
        result, script = play(replies, check=self.fails("First draft.", "Second."))
        assert (result.repairs, result.outcome, result.document) == (0, "no_consensus", "Second.")
        assert [finding["id"] for finding in script.asked[2].view["findings"]] == ["check"]

    def test_that_passes_is_preferred_to_all_else(self) -> None:
        replies = reviews(changes("Second.", "very wrong", severity="critical"), approves(settled=("f1",)))
        result, _ = play(replies, check=self.fails("Second."))
        assert result.document == "First draft."

    def test_that_says_much_is_shown_by_its_end(self) -> None:
        output = "x" * 5000 + "2 tests failed"
        _, script = play(reviews(approves(), approves()), check=lambda draft: output)
        assert script.asked[1].view["findings"][0]["evidence"] == output[-4000:]

    def test_is_run_once_for_each_version(self) -> None:
        checked: list[str] = []
        play(reviews(changes("Second.", "a gap"), approves(settled=("f1",))), check=checked.append)
        assert checked == ["First draft.", "Second."]
