"""The contracts of an expert panel: what is read, and what is refused with which words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.patterns.answers import ContractError
from cowork.patterns.lenses import (
    crossing_contract,
    lenses_contract,
    opinion_contract,
    recommendation_contract,
)
from tests.patterns.paneling import LENSES, concludes, crosses, holds


@pytest.mark.parametrize(
    ("lenses", "problem"),
    [
        ("none", "must be a list"),
        (LENSES[:2], "holds 2 items; 3 are the fewest"),
        ([LENSES[0], LENSES[0], LENSES[1]], "overlap: the lens 'Lens 1' is there twice"),
        ([{**LENSES[0], "name": str(n)} for n in range(3)], "overlap: the question 'What of 1\\?' is there twice"),
        ([{"name": str(n), "questions": []} for n in range(3)], "holds 0 items; 1 are the fewest"),
        ([1, 2, 3], "number 1 is"),
    ],
)
def test_lenses_that_are_too_few_or_overlap_are_refused(lenses: object, problem: str) -> None:
    with pytest.raises(ContractError, match=problem):
        lenses_contract(3).parse(json.dumps({"lenses": lenses}))


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (holds("a", settled=(3,)), "no question '3'"),
        (holds("a", settled=(1, 1)), "answered twice"),
        (holds("a", *"abcdef"), "holds 6 items; 5 are the most"),
        ('{"answer": "a", "confidence": 0.5, "questions": [{"number": true, "answer": "x"}]}', "no question 'True'"),
    ],
)
def test_an_opinion_is_about_its_own_questions(reply: str, problem: str) -> None:
    with pytest.raises(ContractError, match=problem):
        opinion_contract(2).parse(reply)


def test_a_question_answered_with_nothing_is_left_open() -> None:
    reply = '{"questions": [{"number": 1, "answer": " "}], "answer": "a", "confidence": 0.5}'
    assert opinion_contract(2).parse(reply).settled == {}


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (crosses("a", {"Z9": "x"}), "names 'Z9'"),
        (crosses("a", {"A1": ""}), '"why" of A1'),
        (crosses("a", withdrawn=(3,)), "no own claim '3'"),
    ],
)
def test_only_what_was_shown_can_be_disputed(reply: str, problem: str) -> None:
    with pytest.raises(ContractError, match=problem):
        crossing_contract(["A1", "B1"], 2).parse(reply)


def test_a_moderator_can_quote_only_experts_that_exist() -> None:
    with pytest.raises(ContractError, match="names 'D'"):
        recommendation_contract("ABC").parse(concludes("a", agreements=[{"point": "x", "who": ["D"]}]))
    with pytest.raises(ContractError, match="holds 1 items; 2 are the fewest"):
        sides = [{"who": ["A"], "says": "x"}]
        recommendation_contract("ABC").parse(concludes("a", disagreements=[{"point": "x", "sides": sides}]))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
KEYS = (
    "lenses",
    "questions",
    "claims",
    "disputes",
    "withdrawn",
    "agreements",
    "disagreements",
    "answer",
    "confidence",
    "reason",
)


@given(st.dictionaries(st.sampled_from(KEYS), JSON))
def test_whatever_comes_back_is_read_or_refused(found: dict[str, Any]) -> None:
    reply = json.dumps(found)
    for contract in (lenses_contract(2), opinion_contract(2), crossing_contract(["A1"], 1), recommendation_contract("AB")):
        try:
            contract.parse(reply)
        except ContractError as problem:
            assert str(problem)
