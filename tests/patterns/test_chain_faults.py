"""Chain review with seats that are lost, broken, or give themselves away."""

from __future__ import annotations

import pytest

from tests.patterns.drafting import approves, changes, drafted
from tests.patterns.seats import lost
from tests.patterns.test_chain import Replies, play, reviews


def test_a_lost_author_is_a_failure() -> None:
    result, script = play({("ann", "chain_draft"): lost("ann")})
    assert (result.outcome, result.answer, len(script.asked)) == ("failed", None, 1)


@pytest.mark.parametrize("gone", ["r1", "r2"])
def test_a_lost_reviewer_is_skipped_and_the_result_says_how_many_reviewed(gone: str) -> None:
    result, _ = play({**reviews(approves(), approves()), (gone, "chain_review"): lost(gone)})
    assert (result.outcome, result.document) == ("degraded", "First draft.")
    assert (result.votes_for, result.votes_of) == (2, 3)
    assert "reviewed_by 1 of 2" in result.notes


def test_the_next_reviewer_gets_what_the_lost_one_got() -> None:
    replies = reviews(changes("Second.", "a gap"), lost("r2"), approves(settled=("f1",)))
    _, script = play(replies, 3)
    assert script.asked[2].view == script.asked[3].view


def test_reviewers_lost_altogether_leave_a_draft_that_nobody_reviewed() -> None:
    result, _ = play(reviews(lost("r1"), lost("r2")))
    assert (result.outcome, result.decided_by, result.document) == ("degraded", "nobody", "First draft.")
    assert result.notes == ("reviewed_by 0 of 2",)


def test_no_room_in_the_budget_ends_reviewing_and_shows() -> None:
    result, script = play(reviews(approves(), approves()), room=2)
    assert (result.outcome, result.states["r2"], len(script.asked)) == ("degraded", "skipped_budget", 2)


def test_a_rewrite_whose_json_had_to_be_asked_for_again_keeps_its_draft() -> None:
    replies = {**reviews("Second draft,\n\nwith two parts.", approves(settled=("f1",))), ("r1", "repair"): changes("", "a gap")}
    result, _script = play(replies)
    assert (result.outcome, result.document) == ("majority", "Second draft,\n\nwith two parts.")
    assert (result.calls, result.repairs, result.states["r1"]) == (3, 1, "repaired")


def test_a_draft_whose_json_had_to_be_asked_for_again_is_kept() -> None:
    replies = {**reviews(approves(), approves()), ("ann", "chain_draft"): "The draft.", ("ann", "repair"): drafted("")}
    assert play(replies)[0].document == "The draft."


def test_an_approval_with_a_grave_finding_loses_the_seat_when_it_insists() -> None:
    torn = approves().replace('"findings": []', '"findings": [{"severity": "critical", "claim": "it is wrong"}]')
    result, script = play({**reviews(torn, approves()), ("r1", "repair"): torn})
    assert (result.outcome, result.states["r1"]) == ("degraded", "invalid")
    assert "a finding is critical" in next(question for question in script.asked if question.repair).view["problem"]


def test_seats_learn_nothing_about_who_the_others_are() -> None:
    names = ("anthropic", "claude-sonnet-5")
    replies = {
        ("ann", "chain_draft"): "As Claude, I plan with claude-sonnet-5. " + drafted("First draft.", "I am Claude"),
        ("r1", "chain_review"): changes("I am Claude: second.", "As Claude, I see claude-sonnet-5 here"),
        ("r2", "chain_review"): approves(settled=("f1",)),
    }
    _, script = play(replies, names=names)
    shown = " ".join(str(question.view) for question in script.asked)
    assert "Claude" not in shown
    assert "claude" not in shown
    assert not {"ann", "r1", "r2"} & set(shown.replace("'", " ").split())


def test_a_draft_about_models_comes_through_its_reviews_as_it_was() -> None:
    text = "# Models\n\nUse claude-sonnet-5.\n\nUse gpt-5.5.\n\nLine two."
    replies: Replies = {
        ("ann", "chain_draft"): drafted(text, "claude-sonnet-5"),
        ("r1", "chain_review"): lambda question: changes(
            question.view["draft"].replace("two", "2"), "a word", answer=question.view["summary"]
        ),
        ("r2", "chain_review"): approves(settled=("f1",)),
    }
    result, script = play(replies, names=("claude-sonnet-5", "gpt-5.5"))
    assert "Use [model]." in script.asked[2].view["draft"]
    assert (result.document, result.answer) == (text.replace("two", "2"), "claude-sonnet-5")


def test_lines_about_models_that_cannot_be_told_apart_any_more_stay_hidden() -> None:
    replies: Replies = {
        ("ann", "chain_draft"): drafted("Use claude-sonnet-5.\nUse gpt-5.5."),
        ("r1", "chain_review"): changes("Use [model].", "one is enough"),
        ("r2", "chain_review"): approves(settled=("f1",)),
    }
    assert play(replies, names=("claude-sonnet-5", "gpt-5.5"))[0].document == "Use [model]."
