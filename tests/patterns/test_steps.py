"""Steps around a pattern: a plan, notes, a review."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import pytest

from cowork.patterns import debate, refine, solo
from cowork.patterns.results import PatternResult
from cowork.patterns.setup import Pattern, Setup
from cowork.patterns.steps import StepName, play, priced
from tests.patterns.seats import Said, Script, for_the_statement, lost, says, setup

SOLO = {"solo": ["sol"], "planning": ["pat"], "review": ["ray"]}
DEBATE = {"first": ["ann"], "second": ["bob"], "judge": ["jay"], "planning": ["pat"], "review": ["ray"]}
APPROVE = json.dumps({"verdict": "approve", "findings": []})
CHANGES = json.dumps({"verdict": "changes", "findings": ["the unit is missing"]})


def bare(answer: str) -> str:
    """The object of the answer contract, and nothing before it."""
    return says(answer).splitlines()[-1]


REPLIES: dict[tuple[object, ...], Said] = {
    ("pat", "step_planning"): json.dumps({"plan": "count first"}),
    ("sol", "step_thinking"): json.dumps({"notes": "mind the units"}),
    ("sol", "solo"): "The long text.\n" + bare("42"),
    ("ray", "step_review"): APPROVE,
    ("sol", "step_revision"): "The longer text.\n" + bare("42 m"),
}


def run(
    steps: tuple[StepName, ...], replies: Mapping[tuple[object, ...], Said], pattern: Pattern = solo.PATTERN
) -> tuple[PatternResult, Script, Setup]:
    script, table = Script(replies), setup(pattern, SOLO if pattern is solo.PATTERN else DEBATE)
    return asyncio.run(play(script, pattern, table, steps)), script, table


def test_without_steps_the_pattern_is_alone() -> None:
    result, script, _ = run((), REPLIES)
    assert (result.calls, len(script.asked)) == (1, 1)


def test_everybody_sees_the_plan() -> None:
    result, script, _ = run(("planning",), REPLIES)
    assert [(question.seat, question.step) for question in script.asked] == [("pat", "step_planning"), ("sol", "solo")]
    assert script.asked[-1].view["shared_plan"] == "count first"
    assert (result.calls, result.depth, result.states["pat"]) == (2, 2, "ok")


def test_each_seat_sees_its_own_notes_and_nobody_elses() -> None:
    replies: dict[tuple[object, ...], Said] = {
        ("ann", "step_thinking"): json.dumps({"notes": "of ann"}),
        ("bob", "step_thinking"): json.dumps({"notes": "of bob"}),
        ("ann", "opening"): says("a"),
        ("bob", "opening"): says("b"),
        ("ann", "rebuttal"): says("a"),
        ("bob", "rebuttal"): says("b"),
        ("jay", "judge"): for_the_statement('"a"'),
    }
    _, script, _ = run(("thinking",), replies, debate.PATTERN)
    for question in script.asked:
        if question.step != "step_thinking":
            assert question.view.get("own_notes") == {"ann": "of ann", "bob": "of bob"}.get(question.seat)
    assert "step_thinking" not in script.steps("jay")  # who judges makes no notes


def test_an_approved_answer_stays_as_it_is() -> None:
    result, script, _ = run(("review",), REPLIES)
    assert (result.answer, result.notes, result.calls) == ("42", ("the review approved",), 2)
    assert script.asked[1].view == {"answer": "42", "draft": "The long text."}


def test_a_review_that_asks_for_changes_gets_one_revision_and_both_versions_are_kept() -> None:
    result, _, _ = run(("review",), {**REPLIES, ("ray", "step_review"): CHANGES})
    assert (result.answer, result.document, result.calls, result.depth) == ("42 m", "The longer text.", 3, 3)
    assert [(version.answer, version.chosen) for version in result.versions] == [("42", False), ("42 m", True)]
    assert "nobody voted on the revision" in result.notes[0]


def test_the_revision_is_made_by_who_wrote_the_answer() -> None:
    replies: dict[tuple[object, ...], Said] = {
        ("ann", "opening"): says("a"),
        ("bob", "opening"): says("b"),
        ("ann", "rebuttal"): says("a"),
        ("bob", "rebuttal"): says("b"),
        ("jay", "judge"): for_the_statement('"b"'),
        ("ray", "step_review"): CHANGES,
        ("bob", "step_revision"): says("b with a unit"),
    }
    result, script, _ = run(("review",), replies, debate.PATTERN)
    assert (result.answer, script.steps("bob")[-1]) == ("b with a unit", "step_revision")


def test_behind_a_revision_to_another_answer_stands_its_writer_alone() -> None:
    replies: dict[tuple[object, ...], Said] = {
        ("ann", "opening"): says("a", 0.9),
        ("bob", "opening"): says("a", 0.8),
        ("ray", "step_review"): CHANGES,
        ("bob", "step_revision"): says("b", 0.6, "it was wrong"),
    }
    result, _, _ = run(("review",), replies, debate.PATTERN)
    assert (result.answer, result.outcome, result.votes_for, result.votes_of) == ("b", "no_consensus", 1, 2)
    assert (result.confidence, result.reason) == (0.6, "it was wrong")
    same, _, _ = run(("review",), {**replies, ("bob", "step_revision"): says("A.", 0.6)}, debate.PATTERN)
    assert (same.answer, same.outcome, same.votes_for) == ("A.", "unanimous", 2)


def test_of_all_versions_only_the_revision_is_the_one_that_is_returned() -> None:
    replies: dict[tuple[object, ...], Said] = {
        ("ann", "refine_draft"): says("a"),
        ("ray", "step_review"): CHANGES,
        ("ann", "step_revision"): says("b"),
    }
    table = setup(refine.PATTERN, {"author": ["ann"], "critic": ["cid"], "review": ["ray"]}, rounds=0)
    result = asyncio.run(play(Script(replies), refine.PATTERN, table, ("review",)))
    assert [version.answer for version in result.versions if version.chosen] == ["b"]


@pytest.mark.parametrize("steps", [("planning",), ("thinking",), ("review",), ("planning", "thinking", "review")])
def test_calls_and_depth_are_those_of_the_formula(steps: tuple[StepName, ...]) -> None:
    result, script, table = run(steps, {**REPLIES, ("ray", "step_review"): CHANGES})
    price = priced(solo.PATTERN, table, steps)
    assert (result.calls, result.depth) == (len(script.asked), price.depth) == (price.most_calls, price.depth)


@pytest.mark.parametrize("step", ["planning", "thinking", "review"])
def test_a_step_that_is_lost_degrades_the_result_and_stops_nothing(step: StepName) -> None:
    seat = {"planning": "pat", "thinking": "sol", "review": "ray"}[step]
    result, _, _ = run((step,), {**REPLIES, (seat, f"step_{step}"): lost(seat)})
    assert (result.outcome, result.answer) == ("degraded", "42")
    assert any(f"{seat} (step_{step})" in problem for problem in result.problems)


def test_a_revision_that_is_lost_leaves_the_answer_and_says_what_was_asked_for() -> None:
    replies = {**REPLIES, ("ray", "step_review"): CHANGES, ("sol", "step_revision"): lost("sol")}
    result, _, _ = run(("review",), replies)
    assert (result.outcome, result.answer) == ("degraded", "42")
    assert "the unit is missing" in result.notes[0]


@pytest.mark.parametrize("reply", ['{"verdict": "maybe", "findings": []}', '{"verdict": "changes", "findings": []}', "{}"])
def test_a_review_that_breaks_its_contract_is_asked_for_again_once(reply: str) -> None:
    result, _, _ = run(("review",), {**REPLIES, ("ray", "step_review"): reply, ("ray", "repair"): APPROVE})
    assert (result.repairs, result.states["ray"], result.notes) == (1, "repaired", ("the review approved",))
