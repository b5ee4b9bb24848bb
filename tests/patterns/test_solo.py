"""Solo query, and the samples that vote."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from cowork.patterns.protocol import Question, Reply
from cowork.patterns.results import PatternResult
from cowork.patterns.solo import PATTERN, price, solo
from tests.patterns.seats import Said, Script, lost, says, setup


def play(answers: Sequence[Said], **options: int | bool) -> tuple[PatternResult, Script]:
    """A solo seat whose samples say these answers, in their order."""
    script = Script({("sol", "solo"): lambda question: _nth(answers, int(question.item))})
    return asyncio.run(solo(script, setup(PATTERN, {"solo": ["sol"]}, samples=len(answers), **options))), script


def _nth(answers: Sequence[Said], number: int) -> str:
    said = answers[number - 1]
    if not isinstance(said, str):
        raise lost("sol")
    return said


def test_one_call_one_answer() -> None:
    result, _ = play([says("42", 0.7)])
    assert (result.outcome, result.answer, result.confidence, result.calls, result.depth) == ("unanimous", "42", 0.7, 1, 1)
    assert (result.votes_for, result.votes_of) == (1, 1)


def test_a_lost_seat_is_a_failure() -> None:
    result, _ = play([lost("sol")])
    assert (result.outcome, result.answer, result.states["sol"]) == ("failed", None, "unavailable")


def test_samples_vote_in_one_level() -> None:
    result, _ = play([says("Red"), says("blue"), says("the red", 0.6)])
    assert (result.outcome, result.decided_by, result.answer) == ("majority", "vote", "Red")
    assert (result.votes_for, result.votes_of) == (2, 3)
    assert (result.calls, result.depth) == (3, 1)


def test_equal_samples_are_unanimous() -> None:
    assert play([says("A")] * 3)[0].outcome == "unanimous"


def test_the_most_votes_of_less_than_half_are_no_consensus() -> None:
    result, _ = play([says("A"), says("A"), says("B"), says("C"), says("D")])
    assert (result.outcome, result.decided_by, result.answer, result.votes_for) == ("no_consensus", "plurality", "A", 2)


def test_a_tie_goes_to_the_higher_confidence_and_says_so() -> None:
    result, _ = play([says("A", 0.6), says("B", 0.9)])
    assert (result.outcome, result.answer, result.tie_broken_by) == ("no_consensus", "B", "confidence")


def test_a_tie_that_nothing_breaks_is_drawn_by_a_hash_that_is_named() -> None:
    result, _ = play([says("A", 0.6), says("B", 0.6)])
    assert result.tie_broken_by == "hash"
    again, _ = play([says("B", 0.6), says("A", 0.6)])
    assert again.answer == result.answer  # the order of the samples does not matter


def test_samples_in_turn_stop_when_the_decision_cannot_change() -> None:
    result, script = play([says("A"), says("A"), says("A"), says("B"), says("B")], sequential=True)
    assert (result.answer, result.calls, result.depth, len(script.asked)) == ("A", 3, 3, 3)
    assert (result.outcome, result.votes_for, result.votes_of) == ("majority", 3, 5)


def test_samples_in_turn_go_on_while_the_decision_can_change() -> None:
    assert play([says("A"), says("B"), says("A"), says("B"), says("B")], sequential=True)[0].calls == 5


def test_a_lost_sample_degrades_what_the_others_decide() -> None:
    result, _ = play([says("A"), lost("sol"), says("A")])
    assert (result.outcome, result.answer, result.votes_for, result.votes_of) == ("degraded", "A", 2, 3)


def test_below_the_quorum_nothing_is_decided() -> None:
    result, _ = play([says("A"), lost("sol"), lost("sol")])
    assert (result.outcome, result.decided_by, result.votes_for) == ("degraded", "nobody", 1)


@pytest.mark.parametrize(("samples", "sequential"), [(1, False), (5, False), (5, True)])
def test_calls_and_depth_are_those_of_the_formula(samples: int, sequential: bool) -> None:
    answers = [says(str(number % 2)) for number in range(samples)]  # undecided to the last
    result, _ = play(answers, sequential=sequential)
    priced = price(setup(PATTERN, {"solo": ["sol"]}, samples=samples, sequential=sequential))
    assert (result.calls, result.depth) == (priced.most_calls, priced.depth)


def test_calls_that_the_budget_has_no_room_for_are_not_made() -> None:
    script = Script({("sol", "solo"): says("A")}, room=2)
    result = asyncio.run(solo(script, setup(PATTERN, {"solo": ["sol"]}, samples=3)))
    assert (result.outcome, result.calls, len(script.asked)) == ("degraded", 2, 2)
    assert result.states["sol"] == "skipped_budget"


class Held(Script):
    """Samples after the second wait for something that does not come."""

    async def ask(self, question: Question) -> Reply:
        if int(question.item) > 2:
            await asyncio.Event().wait()
        return await super().ask(question)


def test_a_seat_whose_last_samples_are_let_go_of_has_answered() -> None:
    asker = Held({("sol", "solo"): says("42")})
    result = asyncio.run(solo(asker, setup(PATTERN, {"solo": ["sol"]}, samples=3, early_stop=True)))
    assert (result.outcome, result.votes_for, result.votes_of) == ("majority", 2, 3)
    assert result.states["sol"] == "ok"
