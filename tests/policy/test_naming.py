"""What the names in the policies mean among what there is."""

from __future__ import annotations

import pytest

from cowork.formats.policies import Policies
from cowork.policy.naming import Known, clashes, unknown

HERE = Known(
    (("devops", "devops"), ("engineering-pack", "engineering"), ("sales", "s-dir"), ("offered", None)), frozenset({"crm"})
)


@pytest.mark.parametrize("name", ["devops", "devops-pack", "engineering", "engineering-pack", "s-dir", "sales-pack", "offered"])
def test_a_pack_may_be_named_in_any_way(name: str) -> None:
    assert unknown(Policies({"packs": {"blocked": [name]}}), HERE, "f") == []


def test_a_name_of_nothing_is_a_warning_with_what_was_likely_meant() -> None:
    found = unknown(
        Policies({"packs": {"allowed": ["Devops"], "required": ["zzz"]}, "connectors": {"blocked": ["cr"]}}), HERE, "f"
    )

    assert [(item.where, item.rule, item.fix) for item in found] == [
        ("$.packs.allowed[0]", "policy.unknown_pack", "did you mean 'devops'?"),
        ("$.packs.required[0]", "policy.unknown_pack", "see what there is with: cowork pack list"),
        ("$.connectors.blocked[0]", "policy.unknown_connector", "did you mean 'crm'?"),
    ]
    assert {item.severity for item in found} == {"warning"}


def test_a_long_list_of_strangers_is_cut() -> None:
    found = unknown(Policies({"packs": {"blocked": [f"p{number}" for number in range(5000)]}}), HERE, "f")
    assert (len(found), found[-1].message) == (21, "4980 more names fit no pack here")


def test_two_names_of_one_pack_may_not_contradict_each_other() -> None:
    [problem] = clashes(Policies({"packs": {"required": ["x", "s-dir"], "blocked": ["sales-pack"]}}), HERE, "f")
    assert (problem.where, problem.rule, problem.severity) == ("$.packs.required[1]", "policy.conflict", "error")
    assert "'s-dir' and 'sales-pack' are one pack" in problem.message
    assert clashes(Policies({"packs": {"required": ["s-dir"], "blocked": ["devops"]}}), HERE, "f") == []
    assert clashes(Policies({"packs": {"blocked": ["devops"]}}), HERE, "f") == []
