"""Copeland's rule, partial ballots, and the contracts that ballots keep."""

from __future__ import annotations

import json
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.patterns.answers import ContractError
from cowork.patterns.ballots import STANCE, Ranking, merged, ranking
from cowork.patterns.labels import labelled
from cowork.patterns.rankings import Standing, ranks, standings
from cowork.patterns.results import Ballot
from cowork.patterns.solo import PATTERN
from tests.patterns.seats import says, setup

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8) | st.sampled_from("ABCabc"),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def ballot(voter: str, shown: str, ranked: str) -> Ballot:
    return Ballot(voter, tuple(shown), ranked[0], 0.5, "", tuple(ranked))


def test_whoever_wins_more_pairs_stands_higher() -> None:
    held = standings("abc", [ballot("1", "abc", "abc"), ballot("2", "abc", "bac"), ballot("3", "abc", "acb")])
    assert held == {"a": Standing(2, 2, 0), "b": Standing(1, 1, 1), "c": Standing(0, 0, 2)}


def test_a_beat_all_beats_the_most_first_places() -> None:
    ballots = [*(ballot(str(n), "abc", "abc") for n in range(4)), *(ballot(str(n), "abc", "cba") for n in range(4, 7))]
    ballots += [ballot("7", "abc", "bca"), ballot("8", "abc", "bca")]
    held = standings("abc", ballots)
    assert max(held, key=lambda name: held[name].score) == "b"  # first on two of nine ballots


def test_a_cycle_ties() -> None:
    held = standings("abc", [ballot("1", "abc", "abc"), ballot("2", "abc", "bca"), ballot("3", "abc", "cab")])
    assert {standing.score for standing in held.values()} == {1.0}


def test_the_unranked_share_the_mean_of_the_ranks_that_remain() -> None:
    assert ranks(ballot("1", "abcd", "c")) == {"c": 1, "a": 3, "b": 3, "d": 3}
    assert ranks(ballot("1", "abcd", "cab")) == {"c": 1, "a": 2, "b": 3, "d": 4}


def test_the_unranked_lose_to_the_ranked_tie_with_each_other_and_share_the_last_place() -> None:
    held = standings("abc", [ballot("1", "abc", "b")])
    assert held == {"b": Standing(2, 2, 0), "a": Standing(0.5, 0, 0.5), "c": Standing(0.5, 0, 0.5)}


def test_a_ballot_says_nothing_about_what_was_not_on_it() -> None:
    assert standings("abc", [ballot("c", "ab", "ab")])["c"] == Standing(1.0, 0, 0)


def test_ballots_count_with_the_weight_of_their_voter() -> None:
    ballots = [ballot("1", "ab", "ab"), ballot("2", "ab", "ba"), ballot("3", "ab", "ba")]
    held = standings("ab", ballots, {"1": 3.0, "2": 1.0, "3": 1.0}.__getitem__)
    assert (held["a"].wins, held["b"].wins) == (1, 0)


@given(st.lists(st.sampled_from(["".join(order) for order in permutations("abcd")]), min_size=1, max_size=9))
def test_standings_do_not_depend_on_who_is_named_first(orders: list[str]) -> None:
    ballots = [ballot(str(number), "abcd", order) for number, order in enumerate(orders)]
    forward = standings("abcd", ballots)
    assert forward == standings("dcba", ballots[::-1])
    assert sum(standing.score for standing in forward.values()) == 6  # one point a pair
    assert sum(standing.last_places for standing in forward.values()) == pytest.approx(len(ballots))


# Labels


def test_labels_differ_by_voter_and_round_and_are_the_same_again() -> None:
    told = setup(PATTERN, {"solo": ["s"]})
    names = [f"seat-{number}" for number in range(6)]
    drawn = {voter: labelled(told, voter, 1, names) for voter in "xyz"}
    assert all(sorted(labels) == list("ABCDEF") and sorted(labels.values()) == names for labels in drawn.values())
    assert len({tuple(labels.values()) for labels in drawn.values()}) == 3
    assert labelled(told, "x", 2, names) != drawn["x"] == labelled(told, "x", 1, names[::-1])


def test_every_label_falls_on_every_name_about_as_often() -> None:
    firsts = [labelled(setup(PATTERN, {}, seed=str(seed)), "v", 1, ["p", "q", "r"])["A"] for seed in range(600)]
    for name in "pqr":
        assert 150 < firsts.count(name) < 250  # 200 expected, standard deviation 11.5


# Contracts


def test_a_ranking_is_read() -> None:
    said = 'B is best.\n{"ranking": ["b", " A"], "confidence": 0.4, "reason": "so"}'
    assert ranking("ABC").parse(said) == Ranking(("B", "A"), 0.4, "so")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("none", "there is no JSON"),
        ("{}", '"ranking" must be a list of labels, the best first: "A", "B", "C"'),
        ('{"ranking": []}', '"ranking" must be a list'),
        ('{"ranking": "A"}', '"ranking" must be a list'),
        ('{"ranking": {"A": 1}}', '"ranking" must be a list'),
        ('{"ranking": ["A", "D"]}', """"ranking" may hold "A", "B", "C" only, not 'D'"""),
        ('{"ranking": ["A", 2]}', "only, not '2'"),
        ('{"ranking": ["A", ["B"]]}', "only, not"),
        ('{"ranking": ["A", "a"]}', "each label once"),
        ('{"ranking": ["A", "B", "C", "A"]}', "each label once"),
        ('{"ranking": ["A"], "confidence": true}', '"confidence"'),
        ('{"ranking": ["A"], "confidence": 0.4, "reason": []}', '"reason"'),
    ],
)
def test_a_ranking_that_is_none_says_why(given: str, problem: str) -> None:
    with pytest.raises(ContractError) as raised:
        ranking("ABC").parse(given)
    assert problem in str(raised.value)


def test_a_huge_ranking_is_refused_without_reading_it_all() -> None:
    with pytest.raises(ContractError, match="each label once"):
        ranking("AB").parse(json.dumps({"ranking": ["A"] * 40_000, "confidence": 1, "reason": ""}))


@given(ANYTHING, ANYTHING, ANYTHING)
def test_whatever_a_ballot_holds_is_a_ranking_of_its_labels_or_a_contract_error(
    order: object, sure: object, why: object
) -> None:
    try:
        found = ranking("ABC").parse(json.dumps({"ranking": order, "confidence": sure, "reason": why}))
    except ContractError:
        return
    assert set(found.labels) <= set("ABC")
    assert 1 <= len(found.labels) == len(set(found.labels))
    assert 0 <= found.confidence <= 1


@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING)
def test_whatever_a_stance_holds_is_read_or_a_contract_error(
    answer: object, sure: object, why: object, dissent: object
) -> None:
    try:
        found = STANCE.parse(json.dumps({"answer": answer, "confidence": sure, "reason": why, "dissent": dissent}))
    except ContractError:
        return
    assert found.answer.strip()
    assert isinstance(found.dissent, str)


def test_a_merged_text_keeps_the_answer_in_any_notation() -> None:
    assert merged("The red one").parse(says("red one.")).answer == "red one."
    with pytest.raises(ContractError, match="word for word: The red one"):
        merged("The red one").parse(says("blue"))
