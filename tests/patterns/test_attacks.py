"""The contracts of red and blue: what is read, and what is refused with which words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.patterns.answers import ContractError
from cowork.patterns.attacks import ATTACKS, checks_contract, patch_contract
from tests.patterns.attacking import attacks, builds


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        ("{}", '"findings" is missing'),
        (attacks(*map(str, range(9))), "holds 9 items; 8 are the most"),
        (attacks("x", severity="blocker"), '"minor" or "major" or "critical", not '),
        ('{"findings": [{"claim": "x", "severity": "minor"}]}', '"repro" of "x"'),
        ('{"findings": [{"claim": "", "severity": "minor", "repro": "x"}]}', '"claim" of a finding'),
    ],
)
def test_a_finding_has_a_claim_a_severity_and_a_way_to_see_it(reply: str, problem: str) -> None:
    with pytest.raises(ContractError, match=problem):
        ATTACKS.parse(reply)


@pytest.mark.parametrize(
    ("names", "verdict", "problem"),
    [
        (["F1"], "rejected", "holds 1 items; 2 are the fewest"),
        (["F1", "F3"], "rejected", "names 'F3'; there is F1, F2"),
        (["F1", "F1"], "rejected", "two verdicts on F1"),
        (["F1", "F2"], "yes", '"reproduced" or "rejected" or "unclear", not'),
    ],
)
def test_there_is_one_verdict_on_every_claim(names: list[str], verdict: str, problem: str) -> None:
    reply = json.dumps({"verdicts": [{"id": name, "verdict": verdict, "why": ""} for name in names]})
    with pytest.raises(ContractError, match=problem):
        checks_contract(["F1", "F2"]).parse(reply)


def test_a_patch_names_only_findings_that_exist() -> None:
    with pytest.raises(ContractError, match="names 'F9'"):
        patch_contract(["F1", "F2"]).parse(builds("x", patches=["F9"]))


VALUES = (
    st.none()
    | st.integers()
    | st.text(max_size=4)
    | st.lists(st.dictionaries(st.sampled_from(["id", "claim", "why"]), st.text()))
)


@given(st.dictionaries(st.sampled_from(["findings", "verdicts", "patches", "answer", "confidence"]), VALUES))
def test_whatever_comes_back_is_read_or_refused(found: dict[str, Any]) -> None:
    for contract in (ATTACKS, checks_contract(["F1"]), patch_contract(["F1"])):
        try:
            contract.parse(json.dumps(found))
        except ContractError as problem:
            assert str(problem)
