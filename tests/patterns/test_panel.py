"""Expert panel: lenses, blind opinions, cross-examination, and what the moderator may make of it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from cowork.patterns.lenses import (
    GENERIC,
)
from cowork.patterns.panel import PATTERN, panel, price
from cowork.patterns.protocol import Question
from cowork.patterns.results import Dissent, PatternResult
from tests.models.prompts import ELSEWHERE, NOTES, TASK
from tests.patterns.paneling import EXPERTS, LENSES, Replies, concludes, crosses, disputes_all, holds, replies, seats
from tests.patterns.rehearsed import rehearse
from tests.patterns.seats import Script, lost, setup


def play(said: Replies, table: dict[str, list[str]] | None = None, **options: int | bool) -> tuple[PatternResult, Script]:
    script = Script(said)
    return asyncio.run(panel(script, setup(PATTERN, table or seats(), **options))), script


# The protocol


@pytest.mark.parametrize("rounds", [0, 1, 2, 3])
@pytest.mark.parametrize("experts", [2, 3, 8])
@pytest.mark.parametrize("role_writer", [False, True])
def test_a_full_panel_makes_the_calls_and_depth_of_the_formula(experts: int, rounds: int, role_writer: bool) -> None:
    table = seats(experts, written=role_writer)
    result, script = play(replies(experts), table, rounds=rounds)
    priced = price(setup(PATTERN, table, rounds=rounds))
    assert result.calls == len(script.asked) == priced.most_calls == role_writer + experts * (1 + rounds) + 1
    assert result.depth == priced.depth == role_writer + 1 + rounds + 1


def test_experts_of_one_mind_are_not_cross_examined_and_the_panel_is_at_its_cheapest() -> None:
    table = seats(written=True)
    result, _ = play(replies(ann="files", bob="Files", cat="the files"), table, rounds=3)
    assert result.calls == price(setup(PATTERN, table, rounds=3)).fewest_calls == 1 + 3 + 1
    assert (result.outcome, result.decided_by, result.votes_for, result.votes_of) == ("unanimous", "writer", 3, 3)


def test_experts_are_blind_and_each_has_a_lens_of_its_own() -> None:
    _, script = play(replies())
    views = [question.view for question in script.asked if question.step == "panel_expert"]
    assert [view["lens"]["name"] for view in views] == [lens.name for lens in GENERIC[:3]]
    assert all(set(view) == {"lens"} for view in views)


def test_the_generic_lenses_are_named_and_do_not_overlap() -> None:
    assert len(GENERIC) == PATTERN.role("expert").most
    questions = [question for lens in GENERIC for question in lens.questions]
    assert len({lens.name for lens in GENERIC}) == len(GENERIC)
    assert len(set(questions)) == len(questions)


def test_the_role_writer_gives_each_expert_its_lens_and_questions() -> None:
    _, script = play(replies(), seats(written=True))
    assert script.asked[0].view == {"experts": 3}
    shown = [question.view["lens"] for question in script.asked if question.step == "panel_expert"]
    assert shown == LENSES[:3]


def test_an_expert_is_examined_on_the_claims_of_others_and_then_only_on_those_it_disputes() -> None:
    def once(question: Question) -> str:
        ids = [claim["id"] for other in question.view["others"] for claim in other["claims"]]
        return crosses("own ann", {ids[0]: "because"})

    said = {
        **replies(),
        ("ann", "panel_cross"): once,
        ("bob", "panel_cross"): crosses("own bob"),
        ("cat", "panel_cross"): crosses("own cat"),
    }
    _, script = play(said, rounds=2)
    first, second = (
        {
            question.seat: question.view
            for question in script.asked
            if question.step == "panel_cross" and question.round == number
        }
        for number in (1, 2)
    )
    shown = {claim["text"] for other in first["ann"]["others"] for claim in other["claims"]}
    assert shown == {"bob claims one", "bob claims two", "cat claims one", "cat claims two"}
    assert first["ann"]["own"] == holds("own ann", "ann claims one", "ann claims two")
    (disputed,) = [claim for other in second["ann"]["others"] for claim in other["claims"]]
    assert (disputed["held"], disputed["text"] in shown) == ("because", True)
    assert len(second) == 2  # the third is not concerned
    owner = next(seat for seat in second if seat != "ann")
    assert [claim["held"] for claim in second[owner]["own_claims"] if claim["held"]] == [["because"]]


def test_it_ends_when_nobody_disputes_anything() -> None:
    said = {**replies(), **{(expert, "panel_cross"): crosses(f"own {expert}") for expert in EXPERTS[:3]}}
    result, _ = play(said, rounds=3)
    assert (result.rounds, result.calls) == (1, 7)


def test_a_claim_that_is_withdrawn_is_disputed_no_more() -> None:
    said = {**replies(), **{(e, "panel_cross"): crosses(f"own {e}", withdrawn=(1, 2)) for e in EXPERTS[1:3]}}
    result, script = play(said, rounds=2)
    assert result.rounds == 1
    (moderating,) = [question for question in script.asked if question.step == "panel_moderator"]
    claims = [claim["text"] for expert in moderating.view["experts"] for claim in expert["claims"]]
    assert claims == ["ann claims one", "ann claims two"]
    assert "cross-examination: 4 claim(s) withdrawn, 0 still disputed" in result.notes


def test_the_moderator_sees_everything_under_labels_that_are_drawn() -> None:
    orders = set()
    for seed in range(12):
        script = Script(replies())
        asyncio.run(panel(script, setup(PATTERN, seats(), seed=str(seed), rounds=1)))
        view = script.asked[-1].view
        assert [expert["label"] for expert in view["experts"]] == ["A", "B", "C"]
        assert all(len(expert["disputes"]) == 4 for expert in view["experts"])
        orders.add(tuple(expert["text"][:12] for expert in view["experts"]))
    assert len(orders) > 3


def test_what_is_agreed_and_what_is_not_is_on_record_with_who_said_it() -> None:
    def moderates(question: Question) -> str:
        label = {expert["text"].split(".")[0]: expert["label"] for expert in question.view["experts"]}
        ann, bob, cat = (label[f"Now own {expert}"] for expert in EXPERTS[:3])
        sides = [{"who": [ann], "says": "yes"}, {"who": [bob, cat], "says": "no"}]
        return concludes(
            "own bob",
            agreements=[{"point": "backups matter", "who": [ann, cat]}],
            disagreements=[{"point": "who pays", "sides": sides}],
        )

    result, _ = play({**replies(), ("moe", "panel_moderator"): moderates}, rounds=1)
    assert "- backups matter (Evidence: ann, Cost: cat)" in result.document
    assert "- who pays\n  - yes (Evidence: ann)\n  - no (Failure: bob, Cost: cat)" in result.document
    assert result.document.startswith("On the whole, own bob.")


def test_the_coverage_matrix_has_every_question_and_who_answered_it() -> None:
    said = {**replies(), ("bob", "panel_expert"): holds("own bob", settled=(2,))}
    result, _ = play(said)
    rows = [(row.lens, row.seat, row.covered) for row in result.coverage]
    assert rows == [
        ("Evidence", "ann", True),
        ("Evidence", "ann", True),
        ("Failure", "bob", False),
        ("Failure", "bob", True),
        ("Cost", "cat", True),
        ("Cost", "cat", True),
    ]
    assert "1 of 6 questions are not covered" in result.notes


# Outcomes


def test_more_than_half_behind_the_recommendation_is_a_majority_and_the_rest_dissents() -> None:
    result, _ = play(replies(ann="files", bob="files"))
    assert (result.outcome, result.votes_for, result.votes_of, result.answer) == ("majority", 2, 3, "files")
    assert result.dissent == (Dissent("cat", "own cat", "for own cat"),)


def test_a_recommendation_of_half_the_experts_or_fewer_is_no_consensus() -> None:
    result, _ = play(replies(4, ann="files", bob="files"), seats(4))
    assert (result.outcome, result.decided_by, result.answer) == ("no_consensus", "writer", "files")


def test_equal_answers_at_the_cap_with_claims_still_disputed_are_not_unanimous() -> None:
    said = {**replies(), **{(expert, "panel_cross"): disputes_all("files") for expert in EXPERTS[:3]}}
    result, _ = play(said, rounds=1)
    assert (result.outcome, result.votes_for) == ("majority", 3)


def test_an_expert_that_changes_its_answer_counts_with_the_last_one() -> None:
    said = {**replies(), **{(expert, "panel_cross"): crosses("files") for expert in EXPERTS[:3]}}
    result, _ = play(said, rounds=1)
    assert (result.outcome, result.votes_for) == ("unanimous", 3)
    assert {vote.answer for vote in result.round0} == {"own ann", "own bob", "own cat"}


# Faults


def test_without_the_role_writer_the_lenses_are_generic_and_it_shows() -> None:
    result, script = play(
        {**replies(ann="files", bob="files", cat="files"), ("wil", "panel_lenses"): lost("wil")}, seats(written=True)
    )
    assert result.outcome == "degraded"
    assert "the lenses are generic: the role writer was lost" in result.notes
    assert script.asked[1].view["lens"]["name"] == "Evidence"


def test_a_lost_experts_lens_goes_to_another_seat_beside_the_formula() -> None:
    result, script = play({**replies(), ("bob", "panel_expert"): lost("bob")})
    assert (result.outcome, result.calls, result.extra_calls, result.depth) == ("degraded", 4, 1, 2)
    assert "the lens 'Failure' of bob went to ann" in result.notes
    assert [row.seat for row in result.coverage] == ["ann", "ann", "ann", "ann", "cat", "cat"]
    assert [question.view["lens"]["name"] for question in script.asked if question.seat == "ann"] == ["Evidence", "Failure"]
    assert result.votes_of == 3
    assert [vote.seats for vote in result.round0] == [("ann",), ("cat",)]  # no second voice
    assert [dissent.seat for dissent in result.dissent] == ["ann", "cat"]


def test_a_lens_that_nobody_can_take_over_is_listed_as_not_covered() -> None:
    def only_evidence(question: Question) -> str:
        if question.view["lens"]["name"] != "Evidence":
            raise lost("ann")
        return holds("files")

    result, _ = play({**replies(), ("ann", "panel_expert"): only_evidence, ("bob", "panel_expert"): lost("bob")})
    assert "not covered: the lens 'Failure'" in result.notes
    assert [(row.seat, row.covered) for row in result.coverage[2:4]] == [(None, False), (None, False)]


def test_below_the_quorum_it_stops_with_the_statements_side_by_side() -> None:
    result, script = play({**replies(), ("bob", "panel_expert"): lost("bob"), ("cat", "panel_expert"): lost("cat")}, rounds=2)
    assert (result.outcome, result.decided_by, result.votes_for) == ("degraded", "nobody", 1)
    assert "only 1 of 3 experts" in result.reason
    assert len(script.asked) == 3
    assert "## Evidence (ann)" in result.document


def test_no_expert_at_all_is_a_failure() -> None:
    result, _ = play({**replies(), **{(expert, "panel_expert"): lost(expert) for expert in EXPERTS[:3]}})
    assert (result.outcome, result.answer) == ("failed", None)
    assert not any(row.covered for row in result.coverage)


def test_an_expert_lost_in_a_round_forfeits_it_and_its_last_statement_stands() -> None:
    result, _ = play({**replies(), ("bob", "panel_cross"): lost("bob")}, rounds=1)
    assert result.outcome == "degraded"
    assert "bob forfeited 1 round(s): its last statement stood" in result.notes


def test_the_next_moderator_takes_over() -> None:
    said = {**replies(), ("moe", "panel_moderator"): lost("moe"), ("may", "panel_moderator"): concludes("own ann")}
    result, _ = play(said, seats(moderators=2))
    assert (result.outcome, result.decided_by, result.answer) == ("degraded", "writer", "own ann")
    assert (result.calls, result.extra_calls) == (4, 1)


def test_a_moderator_that_was_not_needed_is_called_that() -> None:
    result, _ = play(replies(), seats(moderators=2))
    assert (result.outcome, result.states["may"]) == ("no_consensus", "not_needed")


def test_without_any_moderator_the_statements_stand_side_by_side_and_nothing_is_decided() -> None:
    said = {**replies(), **{(seat, "panel_moderator"): lost(seat) for seat in ("moe", "may", "max")}}
    result, _ = play(said, seats(moderators=3))
    assert (result.outcome, result.decided_by, result.answer) == ("degraded", "nobody", None)
    for part in ("## Evidence (ann)", "I hold own bob.", "Answer: own cat"):
        assert part in result.document


def test_a_repaired_opinion_keeps_what_was_said_before_the_json() -> None:
    said = {
        **replies(),
        ("ann", "panel_expert"): "A long thought.\n{}",
        ("ann", "repair"): holds("files", "one").split("\n")[1],
    }
    result, script = play(said)
    assert result.states["ann"] == "repaired"
    assert any("A long thought." in expert["text"] for expert in script.asked[-1].view["experts"])


def test_names_of_models_do_not_travel() -> None:
    names = ("acme-7",)
    lenses = json.dumps(
        {"lenses": [{"name": f"acme-7 lens {n}", "focus": "acme-7", "questions": [f"acme-7 {n}?"]} for n in range(3)]}
    )
    said = {**replies(), ("wil", "panel_lenses"): lenses}
    for expert in EXPERTS[:3]:
        said[expert, "panel_expert"] = "As acme-7 " + holds(f"acme-7 {expert}", "acme-7 claims", settled=(1,))
    script = Script(said)
    asyncio.run(panel(script, replace(setup(PATTERN, seats(written=True), rounds=2), names=names)))
    assert "acme-7" not in str([question.view for question in script.asked])


# With the real templates


@pytest.mark.parametrize("rounds", [0, 2])
@pytest.mark.parametrize("experts", [2, 5, 8])
@pytest.mark.parametrize("material", [NOTES, ELSEWHERE])
def test_rehearsal_runs_a_panel_to_its_end(experts: int, rounds: int, material: str) -> None:
    result, asked = rehearse(PATTERN, seats(experts, written=True), TASK, material, rounds=rounds)
    assert result.outcome in ("unanimous", "majority", "no_consensus")
    assert (result.problems, result.repairs) == ((), 0)
    assert len(result.coverage) == experts
    assert all(TASK in prompt for prompt in asked.prompts.values())


def test_rehearsal_gives_another_answer_for_other_material() -> None:
    answers = {
        rehearse(PATTERN, seats(), TASK, text)[0].answer for text in (NOTES, "SQLite is simple and small for a single user.")
    }
    assert answers == {"PostgreSQL", "SQLite"}
