"""What a critic says, whatever it really sends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.models.rehearsal.scoring import LINES
from cowork.patterns.answers import ContractError
from cowork.patterns.scoring import CRITIQUE, RUBRIC
from tests.patterns.drafting import point, scores

FOUND: dict[str, Any] = {"scores": dict.fromkeys(RUBRIC, 5), "findings": [point("a gap")], "satisfied": False}


def test_the_score_is_the_mean_of_the_lines() -> None:
    said = CRITIQUE.parse(scores(31, "a gap"))
    assert (said.lines, said.score) == ({"correct": 8, "complete": 8, "supported": 8, "usable": 7}, 0.775)


def test_whole_numbers_may_be_written_with_a_point() -> None:
    assert CRITIQUE.parse(json.dumps({**FOUND, "scores": dict.fromkeys(RUBRIC, 5.0)})).score == 0.5


def test_rehearsal_scores_the_lines_of_the_rubric() -> None:
    assert tuple(RUBRIC) == LINES


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"scores": 7}, '"scores" must be an object with correct, complete, supported, usable'),
        ({"scores": {"correct": 5}}, '"complete" must be a whole number from 0 to 10'),
        ({"scores": dict.fromkeys(RUBRIC, 11)}, "from 0 to 10, not 11"),
        ({"scores": dict.fromkeys(RUBRIC, -1)}, "from 0 to 10, not -1"),
        ({"scores": dict.fromkeys(RUBRIC, 7.5)}, "not 7.5"),
        ({"scores": dict.fromkeys(RUBRIC, float("inf"))}, "not inf"),
        ({"scores": dict.fromkeys(RUBRIC, True)}, "not True"),
        ({"scores": dict.fromkeys(RUBRIC, "9")}, "not '9'"),
        ({"satisfied": "yes"}, '"satisfied" must be true or false'),
        ({"satisfied": None}, '"satisfied" must be true or false'),
        ({"satisfied": True}, '"satisfied" is true, but a finding is major'),
        ({"findings": []}, '"satisfied" is false, but nothing is named'),
    ],
)
def test_what_is_wrong_is_said_exactly(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(ContractError) as refusal:
        CRITIQUE.parse(json.dumps({**FOUND, **change}))
    assert problem in str(refusal.value)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*RUBRIC, "claim", "severity"]), inner),
    max_leaves=12,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(FOUND, _JSON)))
def test_hostile_replies_keep_the_contract_or_are_refused(found: dict[str, Any]) -> None:
    try:
        said = CRITIQUE.parse(json.dumps(found))
    except ContractError:
        return
    assert 0 <= said.score <= 1
