"""Debate 2v1: the protocol, its counts, and what it decides."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import replace

import pytest

from cowork.patterns.debate import PATTERN, debate, price
from cowork.patterns.protocol import Question
from cowork.patterns.results import PatternResult, Vote
from tests.patterns.seats import Said, Script, for_the_statement, lost, rules, says, setup

SEATS = {"first": ["ann"], "second": ["bob"], "judge": ["jay"]}
WITH_TIE_BREAK = {**SEATS, "tie-break": ["tia"]}
DISAGREE: dict[tuple[object, ...], Said] = {
    ("ann", "opening"): says("files", 0.7),
    ("bob", "opening"): says("database", 0.9),
    ("ann", "rebuttal"): says("files", 0.7, "still"),
    ("bob", "rebuttal"): says("database", 0.9, "still"),
    ("jay", "judge"): for_the_statement("files"),
}


def play(
    replies: Mapping[tuple[object, ...], Said],
    *,
    seats: Mapping[str, list[str]] = SEATS,
    names: tuple[str, ...] = (),
    seed: str = "s",
    **options: int | bool,
) -> tuple[PatternResult, Script]:
    script = Script(replies)
    return asyncio.run(debate(script, replace(setup(PATTERN, seats, seed=seed, **options), names=names))), script


def test_equal_blind_answers_end_it_with_two_calls() -> None:
    result, script = play({("ann", "opening"): says("Files.", 0.6), ("bob", "opening"): says("the files", 0.9, "mine")})
    assert (result.outcome, result.decided_by) == ("unanimous", "agreement")
    assert (result.calls, result.depth, len(script.asked)) == (2, 1, 2)
    assert (result.votes_for, result.votes_of) == (2, 2)
    assert result.reason == "mine"  # the more confident wording


def test_round_zero_is_blind() -> None:
    _, script = play(DISAGREE)
    assert [question.view for question in script.asked if question.step == "opening"] == [{}, {}]


def test_rebuttals_see_the_previous_round_of_both_sides_only() -> None:
    replies = {**DISAGREE, ("ann", "rebuttal", 1): says("files, on reflection"), ("bob", "rebuttal", 1): says("db two")}
    _, script = play(replies, rounds=2)
    first, second = (
        [question for question in script.asked if question.step == "rebuttal" and question.round == number] for number in (1, 2)
    )
    assert first[0].view == {"own": says("files", 0.7), "other": says("database", 0.9)}
    assert second[0].view == {"own": says("files, on reflection"), "other": says("db two")}


def test_a_side_that_adopts_the_other_answer_ends_it_without_a_judge() -> None:
    result, script = play({**DISAGREE, ("ann", "rebuttal"): says("database", 0.6, "convinced")})
    assert (result.outcome, result.decided_by, result.answer) == ("unanimous", "concession", "database")
    assert (result.calls, result.depth) == (4, 2)
    assert script.steps("jay") == []
    assert result.round0 == (Vote("files", ("ann",)), Vote("database", ("bob",)))  # how it began stays visible


def test_swapping_answers_is_no_concession() -> None:
    replies = {**DISAGREE, ("ann", "rebuttal"): says("database"), ("bob", "rebuttal"): says("files")}
    _, script = play(replies)
    assert script.steps("jay") == ["judge", "judge"]


def test_debaters_that_repeat_themselves_are_not_asked_again() -> None:
    replies = {**DISAGREE, ("ann", "rebuttal"): says("files", 0.7), ("bob", "rebuttal"): says("database", 0.9)}
    result, script = play(replies, rounds=3)
    assert result.rounds == 1
    assert script.steps("ann") == ["opening", "rebuttal"]


def test_the_judge_is_asked_in_both_orders_and_two_equal_verdicts_decide() -> None:
    result, script = play(DISAGREE)
    assert (result.outcome, result.decided_by, result.answer) == ("majority", "judge", "files")
    assert (result.votes_for, result.votes_of) == (2, 3)
    assert [ballot.winner for ballot in result.ballots] == ["ann", "ann"]
    assert result.ballots[0].order == result.ballots[1].order[::-1]
    assert script.steps("jay") == ["judge", "judge"]


@pytest.mark.parametrize("always", ["A", "B"])
def test_a_judge_swayed_by_position_decides_nothing(always: str) -> None:
    result, _ = play({**DISAGREE, ("jay", "judge"): rules(always)})
    assert (result.outcome, result.decided_by, result.answer) == ("undecided", "nobody", None)
    assert "swapped" in result.reason
    assert {statement.answer for statement in result.statements} == {"files", "database"}


def test_two_ties_are_undecided_and_say_why() -> None:
    result, _ = play({**DISAGREE, ("jay", "judge"): rules("tie", "both thin")})
    assert result.outcome == "undecided"
    assert "both thin" in result.reason


def test_the_tie_break_seat_decides_where_the_judge_does_not() -> None:
    replies = {**DISAGREE, ("jay", "judge"): rules("A"), ("tia", "judge"): for_the_statement("database")}
    result, _ = play(replies, seats=WITH_TIE_BREAK)
    assert (result.outcome, result.decided_by, result.answer) == ("majority", "tie_break", "database")
    assert (result.calls, result.depth) == (8, 4)


def test_a_tie_break_that_is_swayed_by_position_decides_nothing_either() -> None:
    result, _ = play({**DISAGREE, ("jay", "judge"): rules("A"), ("tia", "judge"): rules("A")}, seats=WITH_TIE_BREAK)
    assert result.outcome == "undecided"


def test_the_tie_break_is_not_asked_when_the_judge_decides() -> None:
    result, script = play({**DISAGREE, ("tia", "judge"): rules("A")}, seats=WITH_TIE_BREAK)
    assert (result.calls, script.steps("tia")) == (6, [])


@pytest.mark.parametrize("rounds", [0, 1, 2, 3])
def test_a_full_debate_makes_the_calls_and_depth_of_the_formula(rounds: int) -> None:
    words = itertools.count()
    replies: dict[tuple[object, ...], Said] = {
        **DISAGREE,
        ("ann", "rebuttal"): lambda _: says("files", reason=f"point {next(words)} " * 9),
        ("bob", "rebuttal"): lambda _: says("database", reason=f"other {next(words)} " * 9),
    }
    result, script = play(replies, rounds=rounds)
    priced = price(setup(PATTERN, SEATS, rounds=rounds))
    assert result.calls == len(script.asked) == priced.most_calls == 2 * (1 + rounds) + 2
    assert result.depth == priced.depth == rounds + 2


@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_a_judge_that_speaks_costs_a_call_and_a_level_a_round_and_is_heard_by_both(rounds: int) -> None:
    words = itertools.count()
    replies: dict[tuple[object, ...], Said] = {
        **DISAGREE,
        ("ann", "rebuttal"): lambda _: says("files", reason=f"point {next(words)} " * 9),
        ("bob", "rebuttal"): lambda _: says("database", reason=f"other {next(words)} " * 9),
        ("jay", "judge_remark"): '{"remark": "what about backups?"}',
    }
    result, script = play(replies, rounds=rounds, judge_speaks=True)
    priced = price(setup(PATTERN, SEATS, rounds=rounds, judge_speaks=True))
    assert (result.calls, result.depth) == (priced.most_calls, priced.depth) == (2 * (1 + rounds) + 2 + rounds, 2 * rounds + 2)
    heard = [question.view["remark"] for question in script.asked if question.step == "rebuttal"]
    assert heard == ["what about backups?"] * (2 * rounds)


def test_before_a_judge_speaks_it_sees_the_sides_under_labels_that_are_drawn_and_without_style() -> None:
    replies = {
        **DISAGREE,
        ("ann", "opening"): "# Bold **words**\n" + says("files"),
        ("jay", "judge_remark"): '{"remark": "what about backups?"}',
    }
    firsts = set()
    for seed in range(20):
        _, script = play(replies, seed=str(seed), judge_speaks=True)
        (asked,) = [question for question in script.asked if question.step == "judge_remark"]
        sides = {side["label"]: side["statements"] for side in asked.view["sides"]}
        firsts.add("ann" if "files" in sides["A"][0] else "bob")
        assert not any("**" in text for texts in sides.values() for text in texts)
    assert firsts == {"ann", "bob"}


def test_labels_depend_on_the_seed_and_both_labellings_occur() -> None:
    firsts = {play(DISAGREE, seed=str(seed))[0].ballots[0].order[0] for seed in range(20)}
    assert firsts == {"ann", "bob"}


def test_seats_learn_nothing_about_who_the_others_are() -> None:
    names = ("anthropic", "claude-sonnet-5", "openai", "gpt-5.5")
    replies = {
        **DISAGREE,
        ("ann", "opening"): "As Claude, I think. claude-sonnet-5 agrees. " + says("files"),
        ("bob", "opening"): "I am GPT-5.5, and the OpenAI API is the subject. " + says("database"),
    }
    _, script = play(replies, names=names)
    shown = " ".join(str(question.view) for question in script.asked)
    assert "claude-sonnet-5" not in shown
    assert "As Claude" not in shown
    assert "I am GPT" not in shown
    assert "the OpenAI API is the subject" in shown  # a brand as a subject is not a signature
    assert "ann" not in shown.replace("answer", "")


# Faults


def test_a_debater_lost_at_the_start_leaves_a_degraded_answer_of_the_other() -> None:
    result, script = play({**DISAGREE, ("ann", "opening"): lost("ann")})
    assert (result.outcome, result.answer, result.votes_for, result.votes_of) == ("degraded", "database", 1, 2)
    assert result.states["ann"] == "unavailable"
    assert script.steps("jay") == []


def test_both_debaters_lost_is_a_failure() -> None:
    result, _ = play({**DISAGREE, ("ann", "opening"): lost("ann"), ("bob", "opening"): lost("bob")})
    assert (result.outcome, result.answer, result.votes_for) == ("failed", None, 0)


def test_a_debater_lost_later_forfeits_the_round_and_its_last_statement_stands() -> None:
    result, _ = play({**DISAGREE, ("bob", "rebuttal"): lost("bob")})
    assert (result.outcome, result.decided_by, result.answer) == ("degraded", "judge", "files")
    assert any("bob (rebuttal)" in problem for problem in result.problems)


def test_the_forfeited_rounds_are_noted() -> None:
    result, _ = play({**DISAGREE, ("bob", "rebuttal"): lost("bob")})
    assert result.notes == ("bob forfeited 1 round(s): its last statement stood",)


def test_a_lost_judge_leaves_it_undecided_and_degraded() -> None:
    result, _ = play({**DISAGREE, ("jay", "judge"): lost("jay")})
    assert (result.outcome, result.answer) == ("degraded", None)
    assert {statement.answer for statement in result.statements} == {"files", "database"}


def test_a_second_judge_takes_over_and_its_calls_count_beside_the_formula() -> None:
    replies = {**DISAGREE, ("jay", "judge"): lost("jay"), ("joe", "judge"): for_the_statement("files")}
    result, _ = play(replies, seats={**SEATS, "judge": ["jay", "joe"]})
    assert (result.outcome, result.decided_by, result.answer) == ("degraded", "judge", "files")
    assert (result.calls, result.extra_calls) == (6, 2)


def test_one_order_alone_decides_nothing() -> None:
    once = itertools.count()

    def half(question: Question) -> str:
        if next(once):
            raise lost("jay")
        return for_the_statement("files")(question)

    result, _ = play({**DISAGREE, ("jay", "judge"): half})
    assert (result.outcome, result.answer) == ("degraded", None)


def test_the_tie_break_stands_in_for_a_lost_judge() -> None:
    replies = {**DISAGREE, ("jay", "judge"): lost("jay"), ("tia", "judge"): for_the_statement("files")}
    result, _ = play(replies, seats=WITH_TIE_BREAK)
    assert (result.outcome, result.decided_by, result.answer) == ("degraded", "tie_break", "files")


def test_a_malformed_answer_is_repaired_once_and_counted_beside_the_formula() -> None:
    result, script = play({**DISAGREE, ("ann", "opening"): "no json", ("ann", "repair"): says("files")})
    assert (result.outcome, result.states["ann"]) == ("majority", "repaired")
    assert (result.calls, result.repairs) == (6, 1)
    repair = next(question for question in script.asked if question.repair)
    assert (repair.view["previous"], repair.view["problem"]) == ("no json", "there is no JSON object in it")


def test_an_answer_malformed_twice_loses_the_seat() -> None:
    result, _ = play({**DISAGREE, ("ann", "opening"): "no json", ("ann", "repair"): "still none"})
    assert (result.outcome, result.states["ann"], result.answer) == ("degraded", "invalid", "database")


@pytest.mark.parametrize("step", ["opening", "rebuttal", "judge"])
@pytest.mark.parametrize("seat", ["ann", "bob", "jay"])
def test_no_single_loss_passes_for_a_full_result(seat: str, step: str) -> None:
    replies = {**DISAGREE}
    if (seat, step) not in replies:
        return
    replies[seat, step] = lost(seat)
    result, _ = play(replies)
    assert result.outcome in ("degraded", "failed")
    assert result.problems


def test_a_programming_error_in_a_seat_is_not_taken_for_a_lost_seat() -> None:
    def broken(_: Question) -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        play({**DISAGREE, ("ann", "opening"): broken})
