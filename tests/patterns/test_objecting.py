"""What advocates object and proposers reply, whatever they really send."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.patterns.answers import ContractError
from cowork.patterns.contracts import Contract
from cowork.patterns.objecting import OBJECTIONS, replied
from tests.patterns.drafting import objects, replies

REPLIED = replied(["f1", "f2"])


def refused(contract: Contract[Any], text: str) -> str:
    with pytest.raises(ContractError) as problem:
        contract.parse(text)
    return str(problem.value)


def test_no_objection_is_a_reply_and_a_missing_list_is_not() -> None:
    assert OBJECTIONS.parse(objects()) == ()
    assert '"objections" is missing' in refused(OBJECTIONS, "{}")


@pytest.mark.parametrize(
    ("objections", "problem"),
    [
        ("none", "must be a list"),
        ([{"severity": "major", "claim": "x"}], '"test" must be a text'),
        ([{"severity": "huge", "claim": "x", "test": "y"}], '"severity" must be'),
        ([{"severity": "major", "claim": "The x", "test": "y"}, {"severity": "minor", "claim": "x.", "test": "z"}], "twice"),
        ([{"severity": "minor", "claim": f"x{number}", "test": "y"} for number in range(6)], "5 are the most"),
    ],
)
def test_what_is_wrong_with_objections_is_said(objections: object, problem: str) -> None:
    assert problem in refused(OBJECTIONS, json.dumps({"objections": objections}))


def test_every_objection_is_accepted_or_rejected_with_a_reason() -> None:
    found = REPLIED.parse(replies("New.", "x", f2="it is not so", f1="accept"))
    assert (found.accepted, found.rejected, found.answer.answer) == (("f1",), {"f2": "it is not so"}, "x")


def test_a_rejection_without_a_reason_is_refused() -> None:
    assert '"reason" must be a text' in refused(REPLIED, replies("New.", f1="accept", f2=""))


def test_two_replies_to_one_objection_are_refused() -> None:
    twice = replies("New.", f1="accept", f2="accept").replace('"f2"', '"f1"')
    assert "'f1' twice" in refused(REPLIED, twice)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.sampled_from(["f1", "f2", "accept", "major"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_NAMES = ["objections", "replies", "answer", "confidence", "reason", "id", "verdict", "severity", "claim", "test"]


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(_NAMES, _JSON)))
def test_hostile_replies_keep_the_contract_or_are_refused(found: dict[str, Any]) -> None:
    for contract in (OBJECTIONS, REPLIED):
        try:
            contract.parse(json.dumps(found))
        except ContractError as problem:
            assert str(problem)
