"""What reviewers reply, whatever they really send."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.patterns.answers import ContractError
from cowork.patterns.reviewing import review
from tests.patterns.drafting import approves, changes, point

KNOWN = {"f1": "major", "f2": "minor"}
REWRITES = review(KNOWN, rewrites=True)
FINDS = review(KNOWN, rewrites=False)
CHANGES: dict[str, Any] = {
    "settled": ["f1"],
    "findings": [point("a gap")],
    "verdict": "changes",
    "answer": "a plan",
    "confidence": 0.5,
    "reason": "r",
}


def refused(found: object) -> str:
    with pytest.raises(ContractError) as problem:
        REWRITES.parse(json.dumps(found))
    return str(problem.value)


def test_a_review_has_findings_what_is_settled_a_verdict_and_the_new_draft() -> None:
    found = REWRITES.parse("The draft.\n" + json.dumps(CHANGES))
    assert (found.approves, found.settled, found.points[0].claim) == (False, ("f1",), "a gap")
    assert found.rewrite is not None
    assert found.rewrite.answer == "a plan"


def test_an_approval_brings_no_draft() -> None:
    assert REWRITES.parse(approves(settled=("f1",), text="A draft.")).rewrite is None


def test_who_does_not_rewrite_owes_no_answer() -> None:
    assert (
        FINDS.parse('{"findings": [{"severity": "Major ", "claim": "x"}], "verdict": "CHANGES"}').points[0].severity == "major"
    )


def test_lists_that_are_left_out_are_empty() -> None:
    assert review({}, rewrites=False).parse('{"verdict": "approve", "findings": null}').points == ()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"verdict": "lgtm"}, '"verdict" must be "approve" or "changes", not \'lgtm\''),
        ({"verdict": None}, '"verdict" must be'),
        ({"verdict": ["approve"]}, '"verdict" must be'),
        ({"settled": ["f9"]}, "\"settled\" names 'f9'; there is f1, f2"),
        ({"settled": "f1"}, '"settled" must be a list'),
        ({"settled": [1]}, '"settled" names 1'),
        ({"settled": ["f1", "f1"]}, "holds 'f1' twice"),
        ({"settled": ["f1"] * 3}, "2 are the most"),
        ({"findings": {}}, '"findings" must be a list'),
        ({"findings": ["bad"]}, "number 1 is 'bad'"),
        ({"findings": [point("a gap"), point("A gap.")]}, '"findings" holds'),
        ({"findings": [point("a", "blocker")]}, '"severity" must be "minor" or "major" or "critical"'),
        ({"findings": [point("")]}, '"claim" must be a text'),
        ({"findings": [point("x" * 4001)]}, '"claim" has 4001 characters'),
        ({"findings": [point(f"gap {number}") for number in range(21)]}, "20 are the most"),
        ({"findings": [], "settled": ["f1", "f2"]}, "nothing is named that should change"),
        ({"verdict": "approve"}, 'the verdict is "approve", but a finding is major'),
        ({"verdict": "approve", "findings": [], "settled": []}, "these open findings are not settled: f1"),
        ({"answer": ""}, '"answer" must be a text'),
        ({"confidence": 2}, '"confidence" must be a number between 0 and 1'),
    ],
)
def test_what_is_wrong_is_said_exactly(change: dict[str, Any], problem: str) -> None:
    assert problem in refused({**CHANGES, **change})


def test_the_shape_and_the_schema_name_the_same_fields() -> None:
    for contract in (REWRITES, FINDS):
        assert all(f'"{name}"' in contract.shape for name in contract.form.schema["properties"])
    assert "answer" not in FINDS.form.schema["properties"]


def test_a_reply_of_the_tests_keeps_the_contract() -> None:
    assert not REWRITES.parse(changes("Text.", "a gap")).approves


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["f1", "changes", "major"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_FIELDS = st.fixed_dictionaries({}, optional=dict.fromkeys([*CHANGES, "severity", "claim"], _JSON))


@given(_FIELDS)
def test_hostile_replies_keep_the_contract_or_are_refused(found: dict[str, Any]) -> None:
    for contract in (REWRITES, FINDS):
        try:
            said = contract.parse(json.dumps(found))
        except ContractError:
            continue
        assert set(said.settled) <= set(KNOWN)
        assert len(said.points) <= 20


@given(st.text(max_size=200))
def test_any_text_is_refused_with_a_contract_error_at_most(text: str) -> None:
    with contextlib.suppress(ContractError):
        REWRITES.parse(text)
