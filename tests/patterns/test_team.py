"""Team collaboration with voting: the protocol, who sees what, its counts, and what it decides."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from cowork.patterns.protocol import Question
from cowork.patterns.results import Dissent, PatternResult, Vote
from cowork.patterns.team import PATTERN, price, team
from tests.models.prompts import NOTES
from tests.patterns.rehearsed import rehearse
from tests.patterns.seats import Said, Script, for_the_statement, lost, says, setup

SEATS = {"member": ["ann", "bob", "cid"], "writer": ["wil"]}
ANSWERS = [letter * 3 for letter in "abcdefghijklmnop"]


def prefers(*texts: str) -> Callable[[Question], str]:
    """A ballot that ranks the candidates saying these texts, in this order, whatever their labels; others stay unranked."""

    def rank(question: Question) -> str:
        labels = {text: said["label"] for text in texts for said in question.view["candidates"] if text in said["text"]}
        return json.dumps({"ranking": [labels[text] for text in texts if text in labels], "confidence": 0.7, "reason": "so"})

    return rank


def writes(text: str, answer: str) -> str:
    """A text, and the answer it comes with."""
    return says(answer).replace("Some thoughts.", text)


DIFFER: dict[tuple[object, ...], Said] = {
    ("ann", "team_proposal"): says("red", 0.7, "ann's reason"),
    ("bob", "team_proposal"): says("green", 0.7, "bob's reason"),
    ("cid", "team_proposal"): says("blue", 0.7, "cid's reason"),
    ("ann", "team_ranking"): prefers("green", "blue"),
    ("bob", "team_ranking"): prefers("red", "blue"),
    ("cid", "team_ranking"): prefers("green", "red"),
    ("wil", "team_writing"): writes("The merged text.", "green"),
}


def play(
    replies: Mapping[tuple[object, ...], Said],
    *,
    seats: Mapping[str, Sequence[str]] = SEATS,
    names: tuple[str, ...] = (),
    accuracies: Mapping[str, float] | None = None,
    seed: str = "s",
    room: int = 10_000,
    **options: int | bool,
) -> tuple[PatternResult, Script]:
    script = Script(replies, room=room)
    told = replace(setup(PATTERN, seats, seed=seed, **options), names=names, accuracies=accuracies or {})
    return asyncio.run(team(script, told)), script


def proposals(*answers: str | None, confidence: float = 0.7) -> tuple[dict[tuple[object, ...], Said], dict[str, list[str]]]:
    """Members whose blind answers these are, None for one that is lost, and their seats."""
    seats = [f"m{number}" for number in range(1, len(answers) + 1)]
    said = {
        (seat, "team_proposal"): says(answer, confidence) if answer else lost(seat)
        for seat, answer in zip(seats, answers, strict=True)
    }
    return said, {"member": seats, "writer": ["wil"]}


# The blind round


def test_one_answer_of_all_ends_it_with_a_call_each() -> None:
    replies, seats = proposals("Red.", "the red", "red")
    result, script = play(replies, seats=seats)
    assert (result.outcome, result.decided_by, result.answer) == ("unanimous", "agreement", "Red.")
    assert (result.calls, result.depth, len(script.asked), result.votes_for) == (3, 1, 3, 3)


def test_one_answer_of_more_than_half_ends_it_as_a_majority() -> None:
    replies, seats = proposals("red", "blue", "red")
    result, script = play(replies, seats=seats)
    assert (result.outcome, result.decided_by, result.answer) == ("majority", "vote", "red")
    assert (result.votes_for, result.votes_of, result.calls) == (2, 3, 3)
    assert script.steps("wil") == []
    assert result.round0 == (Vote("red", ("m1", "m3")), Vote("blue", ("m2",)))
    assert result.dissent == (Dissent("m2", "blue", "because"),)


def test_half_is_no_majority() -> None:
    replies, seats = proposals("red", "red", "blue", "green")
    rankings = {(seat, "team_ranking"): prefers("red") for seat in seats["member"]}
    _, script = play({**replies, **rankings, ("wil", "team_writing"): says("red")}, seats=seats)
    assert script.steps("m1") == ["team_proposal", "team_ranking"]


def test_the_blind_round_is_blind() -> None:
    _, script = play(DIFFER)
    assert [question.view for question in script.asked if question.step == "team_proposal"] == [{}, {}, {}]


def test_members_asked_in_turn_stop_when_a_majority_stands() -> None:
    replies, seats = proposals("red", "red", "blue")
    result, script = play(replies, seats=seats, sequential=True)
    assert (result.outcome, result.answer, result.votes_for, result.votes_of) == ("majority", "red", 2, 3)
    assert (result.calls, result.depth, len(script.asked)) == (2, 2, 2)
    assert result.states["m3"] == "not_needed"


def test_members_asked_in_turn_all_speak_while_a_majority_is_open() -> None:
    result, script = play(DIFFER, sequential=True)
    assert (result.calls, result.depth) == (7, 5)
    assert script.steps("cid") == ["team_proposal", "team_ranking"]


def test_a_leader_that_is_no_majority_does_not_end_it() -> None:
    replies, seats = proposals("red", "red", "blue", "green", "pink")
    rankings = {(seat, "team_ranking"): prefers("red") for seat in seats["member"]}
    result, _ = play({**replies, **rankings, ("wil", "team_writing"): says("red")}, seats=seats, sequential=True)
    assert result.calls == 11  # plurality was certain after four; a ranking can still overturn it


def test_an_early_stop_lets_go_of_whoever_cannot_change_the_majority() -> None:
    class Slow(Script):
        async def ask(self, question: Question):  # type: ignore[no-untyped-def]
            if question.seat == "m3":
                await asyncio.Event().wait()  # never answers
            return await super().ask(question)

    replies, seats = proposals("red", "red", "blue")
    told = setup(PATTERN, seats, early_stop=True)
    result = asyncio.run(team(Slow(replies), told))
    assert (result.outcome, result.answer, result.states["m3"]) == ("majority", "red", "not_needed")


# The rankings


def test_everyone_ranks_the_proposals_of_the_others_and_never_its_own() -> None:
    _, script = play(DIFFER)
    for question in script.asked:
        if question.step == "team_ranking":
            texts = [candidate["text"] for candidate in question.view["candidates"]]
            own = {"ann": "red", "bob": "green", "cid": "blue"}[question.seat]
            assert len(texts) == 2
            assert not any(f"Answer: {own}" in text for text in texts)
            assert [candidate["label"] for candidate in question.view["candidates"]] == ["A", "B"]


def test_the_winner_by_copeland_is_merged_by_the_writer() -> None:
    result, script = play(DIFFER)
    assert (result.outcome, result.decided_by, result.answer) == ("majority", "vote", "green")
    assert (result.votes_for, result.votes_of) == (3, 3)  # its own seat, and two that ranked it first
    assert (result.calls, result.depth) == (7, 3)
    assert result.document == "The merged text."
    assert result.reason == "bob's reason"
    (written,) = (question for question in script.asked if question.seat == "wil")
    assert (written.view["chosen"], len(written.view["candidates"])) == ("green", 2)


def test_a_winner_that_less_than_half_stand_behind_is_no_consensus() -> None:
    answers = ("red", "green", "blue", "pink", "grey")
    replies, seats = proposals(*answers)
    first = {"m1": "green", "m2": "red", "m3": "pink", "m4": "grey", "m5": "blue"}
    rankings = {(seat, "team_ranking"): prefers(text, *({"red"} - {text})) for seat, text in first.items()}
    result, _ = play({**replies, **rankings, ("wil", "team_writing"): says("red")}, seats=seats)
    assert (result.outcome, result.answer, result.votes_for, result.votes_of) == ("no_consensus", "red", 2, 5)
    assert [line.seat for line in result.dissent] == ["m3", "m4", "m5"]  # who neither gave it nor ranked it first


def test_a_ballot_is_on_record_with_labels_translated_back() -> None:
    result, _ = play(DIFFER)
    ballot = next(ballot for ballot in result.ballots if ballot.judge == "ann")
    assert (sorted(ballot.order), ballot.ranking, ballot.winner) == (["bob", "cid"], ("bob", "cid"), "bob")


def test_labels_are_drawn_for_each_voter() -> None:
    orders = {play(DIFFER, seed=str(seed))[0].ballots[0].order for seed in range(20)}
    assert orders == {("bob", "cid"), ("cid", "bob")}
    replies, seats = proposals("red", "green", "blue", "pink", "grey")
    rankings = {(seat, "team_ranking"): prefers("red", "green") for seat in seats["member"]}
    result, _ = play({**replies, **rankings, ("wil", "team_writing"): says("red")}, seats=seats)
    positions = {ballot.order.index("m1") for ballot in result.ballots if ballot.judge != "m1"}
    assert len(positions) > 1


def test_candidates_show_nothing_of_who_how_sure_or_how_laid_out() -> None:
    replies = {**DIFFER, ("ann", "team_proposal"): "# Title\n\nAs Claude, I say **red**. " + says("red", 0.71)}
    _, script = play(replies, names=("anthropic", "claude-sonnet-5"))
    shown = " ".join(str(question.view) for question in script.asked if question.step == "team_ranking")
    assert "As Claude" not in str([question.view for question in script.asked])
    for hidden in ("As Claude", "#", "**", "0.71", "ann", "bob", "cid", "m1"):
        assert hidden not in shown.replace("ann's", "").replace("bob's", "").replace("cid's", "")


def test_writers_and_layers_see_the_layout_that_voters_do_not() -> None:
    replies = {**DIFFER, ("bob", "team_proposal"): says("green").replace("Some thoughts.", "# Title\n\n**Text**.")}
    _, script = play(replies)
    (asked,) = (question for question in script.asked if question.seat == "wil")
    assert asked.view["draft"] == "# Title\n\n**Text**."


def test_a_tie_goes_down_the_ladder_by_confidence_first() -> None:
    cycle = {("ann", "team_ranking"): prefers("green"), ("bob", "team_ranking"): prefers("blue")}
    replies = {**DIFFER, **cycle, ("cid", "team_ranking"): prefers("red"), ("ann", "team_proposal"): says("red", 0.8)}
    result, _ = play({**replies, ("wil", "team_writing"): says("red")})
    assert (result.answer, result.tie_broken_by, result.outcome) == ("red", "confidence", "majority")


def ranked_by(*orders: str, accuracies: Mapping[str, float] | None = None) -> PatternResult:
    """Four that propose aaa, bbb, ccc and ddd, equally sure, and rank the others' by these letters."""
    replies, seats = proposals(*ANSWERS[:4])
    for seat, order in zip(seats["member"], orders, strict=True):
        replies[seat, "team_ranking"] = prefers(*(letter * 3 for letter in order))
    return play(replies, seats=seats, accuracies=accuracies, verbatim=True)[0]


def test_after_confidence_the_ladder_takes_pairs_won_and_then_the_fewest_last_places() -> None:
    more_pairs = ranked_by("bcd", "cad", "adb", "bca")
    assert (more_pairs.answer, more_pairs.tie_broken_by) == ("ccc", "pairwise")
    never_last = ranked_by("bcd", "acd", "adb", "cba")
    assert (never_last.answer, never_last.tie_broken_by) == ("ccc", "last_places")


def test_rankings_count_with_the_weight_of_their_voters() -> None:
    orders = ("dcb", "cda", "abd", "abc")
    assert ranked_by(*orders).answer == "aaa"
    weighted = ranked_by(*orders, accuracies={"m1": 0.9, "m2": 0.85, "m3": 0.8, "m4": 0.75})
    assert weighted.answer == "ddd"  # wherever two disagree, the better of them has been right more often


def test_proposals_with_one_answer_do_not_tie_with_each_other() -> None:
    replies, seats = proposals("red", "Red.", "blue", "green")
    rankings = {(seat, "team_ranking"): prefers("red", "Red.") for seat in ("m3", "m4")}
    own = {("m1", "team_ranking"): prefers("Red."), ("m2", "team_ranking"): prefers("red")}
    result, _ = play({**replies, **rankings, **own, ("wil", "team_writing"): says("red")}, seats=seats)
    assert (result.outcome, result.votes_for, result.votes_of, result.tie_broken_by) == ("majority", 4, 4, None)


def test_two_that_tie_to_the_last_go_to_the_tie_break_seat_in_both_orders() -> None:
    replies, seats = proposals("red", "blue")
    replies |= {("tia", "judge"): for_the_statement("blue"), ("wil", "team_writing"): says("blue")}
    seats = {**seats, "tie-break": ["tia"]}
    result, script = play(replies, seats=seats)
    assert (result.answer, result.tie_broken_by, result.outcome) == ("blue", "tie_break_seat", "no_consensus")
    assert (result.decided_by, result.votes_for, result.rounds) == ("tie_break", 1, 0)
    assert script.steps("tia") == ["judge", "judge"]
    priced = price(setup(PATTERN, seats))
    assert (result.calls, result.depth) == (priced.most_calls, priced.depth) == (5, 3)


def test_a_tie_that_nothing_breaks_is_drawn_by_a_hash_that_is_named() -> None:
    replies, seats = proposals("red", "blue")
    drawn = {play(replies, seats=seats, seed=str(seed), verbatim=True)[0].answer for seed in range(20)}
    assert drawn == {"red", "blue"}
    assert play(replies, seats=seats, verbatim=True)[0].tie_broken_by == "hash"


def test_a_tie_break_seat_that_proposed_is_not_asked() -> None:
    replies, seats = proposals("red", "blue")
    result, script = play(replies, seats={**seats, "tie-break": ["m1"]}, verbatim=True)
    assert (result.tie_broken_by, script.steps("m1")) == ("hash", ["team_proposal"])


# The writer


def test_verbatim_returns_the_winner_as_it_was() -> None:
    result, script = play(DIFFER, verbatim=True)
    assert (result.answer, result.document, result.calls, result.depth) == ("green", "Some thoughts.", 6, 2)
    assert script.steps("wil") == []


def test_a_writer_that_changes_the_answer_is_asked_to_keep_it_and_its_text_stays() -> None:
    replies = {
        **DIFFER,
        ("wil", "team_writing"): writes("The merged text.", "blue"),
        ("wil", "repair"): says("green").split("\n")[1],
    }
    result, script = play(replies)
    assert (result.answer, result.outcome, result.repairs) == ("green", "majority", 1)
    assert result.document == "The merged text."
    assert "green" in next(question for question in script.asked if question.repair).view["problem"]


def test_a_writer_that_insists_on_another_answer_is_lost_and_the_winner_stands() -> None:
    replies = {**DIFFER, ("wil", "team_writing"): says("blue"), ("wil", "repair"): says("blue")}
    result, _ = play(replies)
    assert (result.outcome, result.answer, result.document) == ("degraded", "green", "Some thoughts.")
    assert "no writer was left: the winner's text stands as it was" in result.notes


def test_the_next_writer_takes_over_and_counts_beside_the_formula() -> None:
    replies = {**DIFFER, ("wil", "team_writing"): lost("wil"), ("wes", "team_writing"): writes("Wes wrote.", "green")}
    result, _ = play(replies, seats={**SEATS, "writer": ["wil", "wes"]})
    assert (result.outcome, result.document, result.calls, result.extra_calls) == ("degraded", "Wes wrote.", 7, 1)


def test_a_seat_that_proposed_does_not_write() -> None:
    result, script = play(DIFFER, seats={**SEATS, "writer": ["ann"]})
    assert "team_writing" not in script.steps("ann")
    assert "a seat that proposed was not asked to write as well" in result.notes


# Weights


def test_measured_accuracies_of_all_voters_weigh_their_votes_and_say_so() -> None:
    replies, seats = proposals("red", "blue", "blue")
    result, _ = play(replies, seats=seats, accuracies={"m1": 0.9, "m2": 0.6, "m3": 0.55})
    assert (result.answer, result.outcome, result.votes_for) == ("red", "no_consensus", 1)  # seats are counted, not weights
    assert result.notes == (
        "votes are weighted by the log-odds of the measured accuracies",
        "a plain vote of these seats would be right in 77.1% of cases, less than m1 alone with 90.0%; weighted, it is 90.0%",
    )


def test_accuracies_of_some_weigh_nothing() -> None:
    replies, seats = proposals("red", "blue", "blue")
    result, _ = play(replies, seats=seats, accuracies={"m1": 0.9, "m2": 0.6})
    assert (result.answer, result.outcome, result.notes) == ("blue", "majority", ())


def test_members_asked_in_turn_stop_when_the_weight_of_one_answer_is_more_than_half() -> None:
    replies, seats = proposals("red", "blue", "blue")
    accuracies = {"m1": 0.9, "m2": 0.6, "m3": 0.55}
    result, _ = play(replies, seats=seats, accuracies=accuracies, sequential=True)
    priced = price(replace(setup(PATTERN, seats, sequential=True), accuracies=accuracies))
    assert (result.answer, result.calls) == ("red", 1)
    assert priced.fewest_calls == 1


# Layers


def layered_replies(members: Sequence[str], last: Sequence[str]) -> dict[tuple[object, ...], Said]:
    replies: dict[tuple[object, ...], Said] = {}
    for member, answer in zip(members, last, strict=True):
        replies[member, "team_proposal"] = says(f"first of {member}")
        replies[member, "team_layer"] = says(answer)
    return {**replies, ("wil", "team_synthesis"): writes("All in one.", "red")}


def test_layers_see_all_candidates_of_the_one_before_and_an_aggregator_concludes() -> None:
    result, script = play(layered_replies(["ann", "bob", "cid"], ["red", "red", "blue"]), layers=2)
    assert (result.outcome, result.decided_by, result.answer) == ("majority", "writer", "red")
    assert (result.votes_for, result.votes_of, result.document) == (2, 3, "All in one.")
    second = [question for question in script.asked if question.step == "team_layer"]
    for question in second:
        assert sorted(candidate["text"][-3:] for candidate in question.view["candidates"]) == ["ann", "bob", "cid"]
    (final,) = (question for question in script.asked if question.seat == "wil")
    assert sorted(candidate["text"][-3:] for candidate in final.view["candidates"]) == ["lue", "red", "red"]


def test_an_aggregator_that_few_stand_behind_is_no_consensus() -> None:
    result, _ = play(layered_replies(["ann", "bob", "cid"], ["pink", "red", "blue"]), layers=2)
    assert (result.outcome, result.decided_by, result.votes_for) == ("no_consensus", "writer", 1)


def test_without_an_aggregator_the_last_layer_votes() -> None:
    replies = {**layered_replies(["ann", "bob", "cid"], ["blue", "red", "blue"]), ("wil", "team_synthesis"): lost("wil")}
    result, _ = play(replies, layers=2)
    assert (result.outcome, result.decided_by, result.answer) == ("degraded", "vote", "blue")
    assert "no aggregator was left: the answers of the last layer voted" in result.notes
    assert play(replies, layers=2, verbatim=True)[0].outcome == "majority"


def test_one_blind_answer_of_all_ends_the_layers_too_and_a_majority_does_not() -> None:
    replies, seats = proposals("red", "red", "red")
    assert play(replies, seats=seats, layers=3)[0].calls == 3
    replies, seats = proposals("red", "red", "blue")
    replies |= {(seat, "team_layer"): says("red") for seat in seats["member"]}
    assert play({**replies, ("wil", "team_synthesis"): says("red")}, seats=seats, layers=2)[0].calls == 7


def test_a_member_lost_in_a_layer_stays_away_and_below_the_quorum_it_stops() -> None:
    replies = {**layered_replies(["ann", "bob", "cid"], ["red", "red", "blue"]), ("cid", "team_layer"): lost("cid")}
    result, script = play(replies, layers=3)
    assert (result.outcome, result.answer, result.votes_for) == ("degraded", "red", 2)
    assert script.steps("cid") == ["team_proposal", "team_layer"]
    stopped, script = play({**replies, ("bob", "team_layer"): lost("bob")}, layers=2)
    assert (stopped.outcome, stopped.decided_by, script.steps("wil")) == ("degraded", "nobody", [])
    assert stopped.reason == "only 1 of 3 members were left in layer 2: because"
    nobody, _ = play({**replies, **{(seat, "team_layer"): lost(seat) for seat in SEATS["member"]}}, layers=2)
    assert (nobody.outcome, nobody.answer) == ("degraded", "first of ann")  # what was said before is shown


# Counts


@pytest.mark.parametrize("sequential", [False, True])
@pytest.mark.parametrize("verbatim", [False, True])
@pytest.mark.parametrize("members", [2, 3, 4, 5, 9, 16])
def test_a_full_run_makes_the_calls_and_depth_of_the_formula(members: int, verbatim: bool, sequential: bool) -> None:
    replies, seats = proposals(*ANSWERS[:members])
    replies |= {(seat, "team_ranking"): prefers(*ANSWERS[:2]) for seat in seats["member"]}
    replies["m1", "team_proposal"] = says(ANSWERS[0], 0.9)
    replies["wil", "team_writing"] = says(ANSWERS[0])
    result, script = play(replies, seats=seats, verbatim=verbatim, sequential=sequential)
    priced = price(setup(PATTERN, seats, verbatim=verbatim, sequential=sequential))
    expected = (2 * members if members > 2 else 2) + (not verbatim)
    assert result.calls == len(script.asked) == priced.most_calls == expected
    blind, ranked = members if sequential else 1, members > 2
    assert result.depth == priced.depth == blind + ranked + (not verbatim)


@pytest.mark.parametrize("layers", [1, 2, 3, 4])
@pytest.mark.parametrize("members", [2, 3, 5])
def test_layers_make_the_calls_and_depth_of_their_formula(members: int, layers: int) -> None:
    replies, seats = proposals(*ANSWERS[:members])
    replies |= {(seat, "team_layer"): says(f"later {seat}") for seat in seats["member"]}
    replies["wil", "team_synthesis"] = says("merged")
    result, script = play(replies, seats=seats, layers=layers)
    priced = price(setup(PATTERN, seats, layers=layers))
    assert result.calls == len(script.asked) == priced.most_calls == members * layers + 1
    assert result.depth == priced.depth == layers + 1


@pytest.mark.parametrize("members", [2, 3, 5, 8])
@pytest.mark.parametrize("sequential", [False, True])
def test_the_best_case_is_that_of_the_price(members: int, sequential: bool) -> None:
    replies, seats = proposals(*(["red"] * members))
    result, _ = play(replies, seats=seats, sequential=sequential)
    assert result.calls == price(setup(PATTERN, seats, sequential=sequential)).fewest_calls


# Faults


def test_a_lost_proposer_shrinks_the_team_and_degrades_the_result() -> None:
    replies, seats = proposals("red", "green", "blue", None)
    rankings = {(seat, "team_ranking"): prefers("green", "red") for seat in seats["member"]}
    result, script = play({**replies, **rankings, ("wil", "team_writing"): says("green")}, seats=seats)
    assert (result.outcome, result.answer, result.votes_for, result.votes_of) == ("degraded", "green", 3, 4)
    assert script.steps("m4") == ["team_proposal"]
    assert "ranked by 3 of 4" in result.notes


def test_a_lost_voter_is_one_ballot_less() -> None:
    result, _ = play({**DIFFER, ("ann", "team_ranking"): lost("ann")})
    assert (result.outcome, result.decided_by, len(result.ballots)) == ("degraded", "vote", 2)
    assert "ranked by 2 of 3" in result.notes


def test_too_few_ballots_decide_nothing() -> None:
    replies = {**DIFFER, ("ann", "team_ranking"): lost("ann"), ("bob", "team_ranking"): lost("bob")}
    result, script = play(replies)
    assert (result.outcome, result.decided_by, result.votes_for) == ("degraded", "nobody", 1)
    assert result.reason.startswith("only 1 of 3 ballots")
    assert script.steps("wil") == []


def test_below_the_quorum_nothing_is_decided() -> None:
    replies, seats = proposals("red", None, None)
    result, script = play(replies, seats=seats)
    assert (result.outcome, result.decided_by, result.answer, result.votes_for) == ("degraded", "nobody", "red", 1)
    assert len(script.asked) == 3


def test_two_proposals_of_three_are_not_ranked() -> None:
    replies, seats = proposals("red", "blue", None)
    replies["m1", "team_proposal"] = says("red", 0.9)
    result, script = play({**replies, ("wil", "team_writing"): says("red")}, seats=seats)
    assert (result.outcome, result.answer, result.tie_broken_by) == ("degraded", "red", "confidence")
    assert script.steps("m1") == ["team_proposal"]


def test_nobody_there_is_a_failure() -> None:
    replies, seats = proposals(None, None, None)
    result, _ = play(replies, seats=seats)
    assert (result.outcome, result.answer, result.votes_of) == ("failed", None, 3)


@pytest.mark.parametrize(("seat", "step"), [key for key in DIFFER if len(key) == 2])
def test_no_single_loss_passes_for_a_full_result(seat: str, step: str) -> None:
    result, _ = play({**DIFFER, (seat, step): lost(seat), **_for_any_winner(seat)})
    assert result.outcome == "degraded"
    assert result.problems
    assert result.answer is not None


def _for_any_winner(lost_seat: str = "") -> dict[tuple[object, ...], Said]:
    return {} if lost_seat == "wil" else {("wil", "team_writing"): lambda question: says(question.view["chosen"])}


@pytest.mark.parametrize("room", range(8))
def test_a_budget_that_runs_out_anywhere_degrades_the_result(room: int) -> None:
    result, script = play({**DIFFER, **_for_any_winner()}, room=room)
    assert len(script.asked) == result.calls <= room
    assert result.outcome == ("failed" if room == 0 else "majority" if room == 7 else "degraded")


def test_a_tie_break_seat_that_is_lost_leaves_it_to_the_hash() -> None:
    replies, seats = proposals("red", "blue")
    replies |= {("tia", "judge"): lost("tia"), **_for_any_winner()}
    result, _ = play(replies, seats={**seats, "tie-break": ["tia"]})
    assert (result.outcome, result.tie_broken_by) == ("degraded", "hash")


# With the real templates


OPEN_TASK = "Say what the notes tell a team about SQLite, PostgreSQL, crashes, backups and history."


def test_a_rehearsal_ranks_and_writes_with_the_real_templates() -> None:
    result, asker = rehearse(PATTERN, SEATS, OPEN_TASK, NOTES)
    assert result.decided_by == "vote"
    assert (result.repairs, result.problems, len(result.ballots), result.calls) == (0, (), 3, 7)
    assert result.document.startswith("[rehearsal:")
    assert "Taken from other candidates:" in result.document
    assert all(NOTES.split("\n")[0] in prompt for prompt in asker.prompts.values())
    ranking = next(prompt for key, prompt in asker.prompts.items() if "/team_ranking/" in key)
    assert '{"ranking": ["A", "B"], "confidence": 0.0, "reason": "..."}' in ranking


def test_a_rehearsal_of_an_agreement_and_of_layers() -> None:
    assert rehearse(PATTERN, SEATS, "Is SQLite better than the weather?", NOTES)[0].calls in (3, 7)
    result, asker = rehearse(PATTERN, SEATS, OPEN_TASK, NOTES, layers=2)
    assert (result.decided_by, result.calls, result.problems) == ("writer", 7, ())
    for key, prompt in asker.prompts.items():
        assert ("Candidates may be wrong" in prompt) == ("team_proposal" not in key)
