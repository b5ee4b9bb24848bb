"""`SECTION.FIELD=VALUE`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.errors import UsageError
from cowork.formats.policies import BY_PATH
from cowork.policy.assignments import read


@pytest.mark.parametrize(
    ("word", "change"),
    [
        ("packs.blocked=a", {"packs": {"blocked": ["a"]}}),
        ("packs.allowed=a, b,,c ", {"packs": {"allowed": ["a", "b", "c"]}}),
        ("packs.required=", {"packs": {"required": []}}),
        ("connectors.blocked=p:c,Lexis+ x", {"connectors": {"blocked": ["p:c", "Lexis+ x"]}}),
        ("agents.maxHeartbeatFrequencySec=900", {"agents": {"maxHeartbeatFrequencySec": 900}}),
        ("general.allowGitInstall=false", {"general": {"allowGitInstall": False}}),
        ("general.allowUrlInstall=ON", {"general": {"allowUrlInstall": True}}),
        ("general.orgName=a=b", {"general": {"orgName": "a=b"}}),
        ("general.orgPluginDir=", {"general": {"orgPluginDir": None}}),
        (" general.orgName = x ", {"general": {"orgName": "x"}}),
    ],
)
def test_a_value_has_the_kind_of_its_field(word: str, change: dict[str, Any]) -> None:
    assert read([word]) == change


def test_fields_of_one_section_come_together() -> None:
    assert read(["packs.blocked=a", "general.orgName=x", "packs.allowed=b"]) == {
        "packs": {"blocked": ["a"], "allowed": ["b"]},
        "general": {"orgName": "x"},
    }
    assert read([]) == {}


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (["packs.blocked"], "policy.bad_assignment", "--set packs.blocked=a,b"),
        (["packs.bloked=a"], "policy.unknown_field", "packs.blocked"),
        (["packs=a"], "policy.unknown_field", "as JSON"),
        (["=a"], "policy.unknown_field", "as JSON"),
        (["agents.maxConcurrentAgents=-1"], "policy.bad_assignment", "--set"),
        (["agents.maxConcurrentAgents=1e3"], "policy.bad_assignment", "--set"),
        (["agents.maxConcurrentAgents=²"], "policy.bad_assignment", "--set"),
        (["agents.maxConcurrentAgents=" + "9" * 5000], "policy.bad_assignment", "--set"),
        (["general.allowGitInstall="], "policy.bad_assignment", "--set"),
        (["packs.blocked=a", "packs.blocked=b"], "policy.bad_assignment", "once"),
    ],
)
def test_what_is_no_assignment_is_refused_with_what_to_write(words: list[str], code: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(words)
    assert caught.value.code == code
    assert hint in (caught.value.hint or "")


@given(st.lists(st.text(max_size=20) | st.builds("{}={}".format, st.sampled_from(sorted(BY_PATH)), st.text(max_size=8))))
def test_any_words_are_a_change_of_core_fields_or_a_usage_error(words: list[str]) -> None:
    try:
        change = read(words)
    except UsageError as error:
        assert error.code in ("policy.bad_assignment", "policy.unknown_field")
        return
    assert {f"{section}.{key}" for section, fields in change.items() for key in fields} <= set(BY_PATH)
