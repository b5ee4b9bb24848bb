"""Devil's advocate: the protocol, its counts, and what it decides."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from cowork.patterns.devil import PATTERN, devil, price
from cowork.patterns.protocol import Question
from cowork.patterns.results import PatternResult
from tests.patterns.drafting import drafted, objects, replies
from tests.patterns.seats import Said, Script, for_the_statement, lost, rules, setup

Replies = dict[tuple[object, ...], Said]
RUN: Replies = {
    ("ann", "devil_proposal"): drafted("Plan one.", "one"),
    ("a1", "devil_attack"): objects("no backup"),
    ("a2", "devil_attack"): objects(),
    ("ann", "devil_reply"): replies("Plan two.", "two", f1="accept"),
    ("jay", "judge"): for_the_statement("Plan two."),
}


HALF = replies("Plan two.", f1="accept", f2="no")


def seated(advocates: int = 2, judges: int = 1, **options: int | bool):
    names = [f"a{number}" for number in range(1, advocates + 1)]
    return setup(PATTERN, {"proposer": ["ann"], "advocate": names, "judge": ["jay", "joe", "jim"][:judges]}, **options)


def play(
    said: Mapping[tuple[object, ...], Said],
    *,
    advocates: int = 2,
    judges: int = 1,
    names: tuple[str, ...] = (),
    seed: str = "s",
    **options: int | bool,
) -> tuple[PatternResult, Script]:
    script = Script(said)
    return asyncio.run(devil(script, replace(seated(advocates, judges, **options), names=names, seed=seed))), script


def rejects_all(question: Question) -> str:
    """A proposer that stays where it is, whatever is objected."""
    return replies("Plan one.", "one", **{finding["id"]: "it is not so" for finding in question.view["findings"]})


def rewrites(question: Question) -> str:
    """A proposer that accepts everything and revises in every round."""
    return replies(f"Plan {question.round + 1}.", "more", **{finding["id"]: "accept" for finding in question.view["findings"]})


class TestObjecting:
    def test_is_parallel_blind_and_without_names(self) -> None:
        _, script = play(RUN)
        attacks = [question for question in script.asked if question.step == "devil_attack"]
        assert [question.seat for question in attacks] == ["a1", "a2"]
        assert [question.view for question in attacks] == [{"draft": "Plan one.", "summary": "one", "findings": []}] * 2

    def test_may_find_nothing_and_then_the_answer_stands_by_all_without_a_judge(self) -> None:
        result, script = play({**RUN, ("a1", "devil_attack"): objects()})
        assert (result.outcome, result.decided_by, result.document) == ("unanimous", "review", "Plan one.")
        assert (result.votes_for, result.votes_of, result.calls, result.depth) == (3, 3, 3, 2)
        assert (script.steps("jay"), result.states["jay"]) == ([], "not_needed")

    def test_of_a_minor_kind_does_not_stop_the_answer(self) -> None:
        result, _ = play({**RUN, ("a1", "devil_attack"): objects("a comma", severity="minor")})
        assert (result.outcome, result.calls) == ("unanimous", 3)
        assert [(finding.claim, finding.status) for finding in result.findings] == [("a comma", "open")]

    def test_again_is_told_what_became_of_the_earlier_objections(self) -> None:
        said = {**RUN, ("ann", "devil_reply", 1): rejects_all, ("a1", "devil_attack", 2): objects()}
        _, script = play(said, rounds=2)
        (shown,) = script.asked[4].view["findings"]
        assert (shown["claim"], shown["status"], shown["note"]) == ("no backup", "rejected", "it is not so")


class TestReplying:
    def test_takes_up_every_objection_with_its_test(self) -> None:
        said = {**RUN, ("a2", "devil_attack"): objects("slow"), ("ann", "devil_reply"): HALF}
        result, script = play(said)
        shown = [(finding["id"], finding["claim"], finding["evidence"]) for finding in script.asked[3].view["findings"]]
        assert shown == [("f1", "no backup", "look up no backup"), ("f2", "slow", "look up slow")]
        assert [(finding.status, finding.note) for finding in result.findings] == [("accepted", ""), ("rejected", "no")]

    def test_is_asked_for_what_is_new_only(self) -> None:
        said = {**RUN, ("ann", "devil_reply"): rewrites, ("a1", "devil_attack"): lambda question: objects(f"x{question.round}")}
        _, script = play(said, rounds=3)
        asked = [question.view["findings"] for question in script.asked if question.step == "devil_reply"]
        assert [[finding["claim"] for finding in findings] for findings in asked] == [["x1"], ["x2"], ["x3"]]

    @pytest.mark.parametrize(
        ("reply", "problem"),
        [
            (replies("New."), '"replies": there is no reply to f1'),
            (replies("New.", f1="accept", f2="accept"), "2 items; 1 are the most"),
            (replies("New.", f7="accept"), "there is no objection 'f7'"),
            (replies("New.", f1="accept").replace('"accept"', '"maybe"'), '"verdict" must be "accept" or "reject"'),
        ],
    )
    def test_that_leaves_one_out_is_asked_for_again(self, reply: str, problem: str) -> None:
        result, script = play({**RUN, ("ann", "devil_reply"): reply, ("ann", "repair"): replies("", "two", f1="accept")})
        assert problem in next(question for question in script.asked if question.repair).view["problem"]
        assert (result.versions[-1].text, result.repairs) == ("New.", 1)  # its text was kept

    def test_with_nothing_changed_leaves_no_consensus_and_nothing_for_a_judge(self) -> None:
        result, script = play({**RUN, ("ann", "devil_reply"): rejects_all})
        assert (result.outcome, result.decided_by, result.document) == ("no_consensus", "nobody", "Plan one.")
        assert (result.votes_for, result.votes_of) == (2, 3)
        assert "no backup" in result.reason
        assert [(finding.status, finding.note) for finding in result.findings] == [("rejected", "it is not so")]
        assert [(dissent.seat, dissent.reason) for dissent in result.dissent] == [("a1", "no backup")]
        assert script.steps("jay") == []

    def test_that_accepts_and_changes_nothing_meets_nothing(self) -> None:
        result, _ = play({**RUN, ("ann", "devil_reply"): replies("Plan one.", "one", f1="accept")})
        assert result.outcome == "no_consensus"
        assert [(finding.status, finding.note) for finding in result.findings] == [
            ("open", "accepted, but the answer was not changed")
        ]

    def test_that_convinces_the_advocate_in_the_next_round_leaves_the_answer_standing(self) -> None:
        said = {**RUN, ("ann", "devil_reply"): rejects_all, ("a1", "devil_attack", 2): objects()}
        result, _ = play(said, rounds=2)
        assert (result.outcome, result.votes_for, result.dissent) == ("unanimous", 3, ())


class TestTheJudge:
    def test_sees_both_versions_unlabelled_in_both_orders(self) -> None:
        _, script = play(RUN)
        first, second = (question.view["sides"] for question in script.asked if question.step == "judge")
        assert [side["statements"] for side in first] == [side["statements"] for side in second][::-1]
        assert sorted(side["statements"][0] for side in first) == ["Plan one.", "Plan two."]
        assert [side["label"] for side in first] == ["A", "B"]
        assert not {"original", "revised", "no backup"} & set(str(first).replace("'", " ").split())

    def test_that_prefers_the_revision_makes_a_majority_when_nothing_is_left(self) -> None:
        result, _ = play(RUN)
        assert (result.outcome, result.decided_by, result.document) == ("majority", "judge", "Plan two.")
        assert (result.votes_for, result.votes_of) == (4, 4)  # and yet not unanimous:
        assert result.notes == ("objections count as met because they were accepted; the advocates were not asked again",)
        assert [ballot.winner for ballot in result.ballots] == ["revised", "revised"]
        assert result.ballots[0].order == result.ballots[1].order[::-1]

    def test_that_prefers_it_while_an_objection_is_left_makes_no_consensus(self) -> None:
        said = {
            **RUN,
            ("a2", "devil_attack"): objects("slow"),
            ("ann", "devil_reply"): replies("Plan two.", f1="accept", f2="no"),
        }
        result, _ = play(said)
        assert (result.outcome, result.decided_by, result.document) == ("no_consensus", "judge", "Plan two.")
        assert (result.votes_for, result.votes_of) == (3, 4)
        assert [(dissent.seat, dissent.reason) for dissent in result.dissent] == [("a2", "slow")]

    def test_can_keep_the_original(self) -> None:
        result, _ = play({**RUN, ("jay", "judge"): for_the_statement("Plan one.")})
        assert (result.outcome, result.decided_by, result.document) == ("no_consensus", "judge", "Plan one.")
        assert [finding.status for finding in result.findings] == ["open"]  # it was met by the revision only
        assert result.dissent[0].seat == "ann"
        assert [version.chosen for version in result.versions] == [True, False]

    @pytest.mark.parametrize("always", ["A", "B", "tie"])
    def test_that_is_swayed_or_torn_leaves_it_undecided_with_the_original_kept_and_both_shown(self, always: str) -> None:
        result, _ = play({**RUN, ("jay", "judge"): rules(always)})
        assert (result.outcome, result.decided_by, result.document) == ("undecided", "nobody", "Plan one.")
        assert "the original is kept" in result.reason
        assert [(version.text, version.chosen) for version in result.versions] == [("Plan one.", True), ("Plan two.", False)]

    def test_compares_the_original_with_the_last_revision(self) -> None:
        said = {**RUN, ("ann", "devil_reply"): rewrites, ("a1", "devil_attack"): lambda question: objects(f"x{question.round}")}
        _, script = play(said, rounds=3)
        shown = next(question.view["sides"] for question in script.asked if question.step == "judge")
        assert sorted(side["statements"][0] for side in shown) == ["Plan 4.", "Plan one."]


@pytest.mark.parametrize("rounds", [1, 2, 3])
@pytest.mark.parametrize("advocates", [1, 2, 5])
def test_a_full_run_makes_the_calls_and_depth_of_the_formula(advocates: int, rounds: int) -> None:
    attacks: Replies = {
        (f"a{number}", "devil_attack"): lambda question: objects(f"{question.seat} {question.round}")
        for number in range(1, advocates + 1)
    }
    result, script = play({**RUN, **attacks, ("ann", "devil_reply"): rewrites}, advocates=advocates, rounds=rounds)
    priced = price(seated(advocates, rounds=rounds))
    assert result.calls == len(script.asked) == priced.most_calls == 1 + rounds * (advocates + 1) + 2
    assert result.depth == priced.depth == 2 + 2 * rounds
    assert priced.fewest_calls == 1 + advocates


def test_the_best_case_makes_the_fewest_calls() -> None:
    result, _ = play({**RUN, ("a1", "devil_attack"): objects()}, rounds=3)
    assert result.calls == price(seated(rounds=3)).fewest_calls == 3


def test_no_round_at_all_is_one_call_that_nobody_challenged() -> None:
    result, _ = play(RUN, rounds=0)
    assert (result.calls, result.depth, result.outcome) == (1, 1, "degraded")
    assert price(seated(rounds=0)).most_calls == 1


def test_no_check_is_run_on_arguments() -> None:
    checked: list[str] = []
    asyncio.run(devil(Script(RUN, check=checked.append), seated()))
    assert checked == []


# Faults


def test_a_lost_proposer_is_a_failure() -> None:
    result, script = play({**RUN, ("ann", "devil_proposal"): lost("ann")})
    assert (result.outcome, result.answer, len(script.asked)) == ("failed", None, 1)


@pytest.mark.parametrize("advocates", [1, 2])
def test_an_answer_that_no_advocate_spoke_on_is_unchallenged(advocates: int) -> None:
    said = {**RUN, **{(f"a{number}", "devil_attack"): lost(f"a{number}") for number in range(1, advocates + 1)}}
    result, script = play(said, advocates=advocates)
    assert (result.outcome, result.decided_by, result.document) == ("degraded", "nobody", "Plan one.")
    assert result.notes == ("unchallenged",)
    assert result.votes_for == 1
    assert script.steps("jay") == []


def test_one_advocate_of_two_goes_on_and_the_result_says_so() -> None:
    result, _ = play({**RUN, ("a2", "devil_attack"): lost("a2")})
    assert (result.outcome, result.decided_by, result.document) == ("degraded", "judge", "Plan two.")
    assert "challenged_by 1 of 2" in result.notes
    assert (result.votes_for, result.votes_of) == (3, 4)


def test_advocates_lost_later_leave_their_last_word() -> None:
    said = {**RUN, ("a1", "devil_attack", 1): objects("no backup"), ("a1", "devil_attack", 2): lost("a1")}
    said |= {("a2", "devil_attack", 2): lost("a2"), ("ann", "devil_reply"): rejects_all}
    result, _ = play(said, rounds=2)
    assert (result.outcome, [dissent.seat for dissent in result.dissent]) == ("degraded", ["a1"])


def test_a_proposer_lost_at_its_reply_leaves_its_answer_and_the_objections_open() -> None:
    result, script = play({**RUN, ("ann", "devil_reply"): lost("ann")})
    assert (result.outcome, result.document) == ("degraded", "Plan one.")
    assert [finding.status for finding in result.findings] == ["open"]
    assert script.steps("jay") == []


def test_a_proposer_lost_in_the_second_round_leaves_its_first_revision_to_the_judge() -> None:
    said = {**RUN, ("ann", "devil_reply", 2): lost("ann")}
    result, _ = play(said, rounds=2)
    assert (result.outcome, result.decided_by, result.document) == ("degraded", "judge", "Plan two.")


def test_a_lost_judge_leaves_the_original() -> None:
    result, _ = play({**RUN, ("jay", "judge"): lost("jay")})
    assert (result.outcome, result.decided_by, result.document) == ("degraded", "nobody", "Plan one.")


def test_a_second_judge_takes_over_beside_the_formula() -> None:
    said = {**RUN, ("jay", "judge"): lost("jay"), ("joe", "judge"): for_the_statement("Plan two.")}
    result, _ = play(said, judges=2)
    assert (result.outcome, result.decided_by, result.document) == ("degraded", "judge", "Plan two.")
    assert (result.calls, result.extra_calls) == (6, 2)


def test_an_advocate_that_breaks_the_contract_twice_is_lost() -> None:
    result, _ = play({**RUN, ("a1", "devil_attack"): "no", ("a1", "repair"): '{"objections": "none"}'})
    assert (result.outcome, result.states["a1"]) == ("degraded", "invalid")


def test_seats_learn_nothing_about_who_the_others_are() -> None:
    said = {
        **RUN,
        ("ann", "devil_proposal"): drafted("As Claude, I plan. claude-sonnet-5 agrees.", "I am Claude"),
        ("a1", "devil_attack"): objects("I am GPT-5.5 and claude-sonnet-5 errs"),
        ("ann", "devil_reply"): rewrites,
    }
    _, script = play(said, names=("anthropic", "claude-sonnet-5", "gpt-5.5"), rounds=2)
    shown = " ".join(str(question.view) for question in script.asked)
    assert not [name for name in ("Claude", "claude-sonnet-5", "GPT") if name in shown]
    assert not {"ann", "a1", "a2"} & set(shown.replace("'", " ").split())
