"""`policies.json`: what its fields mean, where defaults stand in, and how a change is laid over it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.errors import InvalidInput
from cowork.formats.policies import BY_PATH, FIELDS, SECTIONS, Policies, known_as, merge, parse
from tests.formats.fuzz import JUNK, broken

WHERE = Path("/etc/policies.json")
FULL: dict[str, Any] = {
    "version": 2,
    "packs": {"allowed": ["a", "b"], "blocked": ["c"], "required": ["a"], "pinned": {"a": "1.0.0"}},
    "connectors": {"blocked": ["d", "pack:e"]},
    "agents": {"maxHeartbeatFrequencySec": 900, "maxConcurrentAgents": 1},
    "general": {
        "allowCustomPacks": False,
        "allowGitInstall": False,
        "allowUrlInstall": False,
        "orgName": "Org",
        "orgPluginDir": "/srv/packs",
    },
    "runtime": {"network": {"defaultAction": "deny", "x": None}},
}
DEFAULTS = {
    "packs.allowed": [],
    "packs.blocked": [],
    "packs.required": [],
    "connectors.blocked": [],
    "agents.maxHeartbeatFrequencySec": 60,
    "agents.maxConcurrentAgents": 10,
    "general.allowCustomPacks": True,
    "general.allowGitInstall": True,
    "general.allowUrlInstall": True,
    "general.orgName": None,
    "general.orgPluginDir": None,
}


def test_an_empty_document_means_the_defaults() -> None:
    policies = parse({}, path=WHERE)

    assert policies == Policies()
    assert {field.path: policies.value(field.path) for field in FIELDS} == DEFAULTS
    assert not any(policies.is_given(path) for path in BY_PATH)


def test_every_field_is_read() -> None:
    policies = parse(FULL, path=WHERE)

    for field in FIELDS:
        assert policies.value(field.path) == FULL[field.section][field.key]
        assert policies.is_given(field.path)
    assert policies.names("packs.allowed") == {"a", "b"}


def test_a_list_that_is_handed_out_is_nobody_elses() -> None:
    policies = parse(FULL, path=WHERE)
    policies.value("packs.blocked").append("x")
    Policies().value("packs.blocked").append("x")
    assert (policies.value("packs.blocked"), Policies().value("packs.blocked")) == (["c"], [])


@pytest.mark.parametrize("version", [1, 2])
def test_files_of_both_versions_are_read(version: int) -> None:
    assert parse({"version": version, "packs": {"blocked": ["x"]}}, path=WHERE).names("packs.blocked") == {"x"}


def test_the_policies_in_force_are_the_document_over_the_defaults_with_unknown_keys_as_they_stand() -> None:
    shown = parse({"runtime": {"x": None}, "packs": {"blocked": ["x"], "pinned": 1}}, path=WHERE).effective()

    assert shown == {
        "version": 2,
        "packs": {"allowed": [], "blocked": ["x"], "required": [], "pinned": 1},
        "connectors": {"blocked": []},
        "agents": {"maxHeartbeatFrequencySec": 60, "maxConcurrentAgents": 10},
        "general": {"allowCustomPacks": True, "allowGitInstall": True, "allowUrlInstall": True},
        "runtime": {"x": None},
    }


def test_a_broken_file_is_one_error_that_holds_every_problem() -> None:
    document = {"packs": {"blocked": "x", "required": [1]}, "agents": {"maxConcurrentAgents": 0}}
    with pytest.raises(InvalidInput) as caught:
        parse(document, path=WHERE)

    error = caught.value
    assert (error.code, error.exit_code) == ("policy.invalid", 4)
    assert error.message == f"{WHERE}: packs.blocked: must be a list, not a text (and 2 more)"
    assert error.hint == "write a list here"
    assert (error.details["path"], error.details["field"]) == (str(WHERE), "packs.blocked")
    places = [problem["where"] for problem in error.details["problems"]]
    assert places == ["$.packs.blocked", "$.packs.required[0]", "$.agents.maxConcurrentAgents"]


def test_what_is_no_object_is_refused_as_a_whole() -> None:
    with pytest.raises(InvalidInput, match="the document: must be an object, not a list"):
        parse([], path=WHERE)


@pytest.mark.parametrize(
    ("name", "directory", "names"),
    [
        ("devops", None, {"devops", "devops-pack"}),
        ("devops-pack", None, {"devops", "devops-pack"}),
        ("devops-pack", "ops", {"devops", "devops-pack", "ops", "ops-pack"}),
        ("devops", "", {"devops", "devops-pack"}),
    ],
)
def test_a_pack_is_known_by_its_name_and_its_directory_with_and_without_pack(
    name: str, directory: str | None, names: set[str]
) -> None:
    assert known_as(name, directory) == names


# Changes


def test_a_change_merges_sections_and_replaces_lists() -> None:
    after = merge(FULL, {"packs": {"blocked": ["x"]}, "runtime": {"y": 1}, "new": [1]})

    assert after["packs"] == {**FULL["packs"], "blocked": ["x"]}
    assert after["runtime"] == {"network": {"defaultAction": "deny", "x": None}, "y": 1}
    assert (after["new"], after["general"]) == ([1], FULL["general"])
    assert FULL["packs"]["blocked"] == ["c"]


def test_what_is_no_section_is_replaced() -> None:
    assert merge({"runtime": 1}, {"runtime": {"a": 1}}) == {"runtime": {"a": 1}}
    assert merge({"runtime": {"a": 1}}, {"runtime": None}) == {"runtime": None}


OBJECTS = st.dictionaries(st.sampled_from([*SECTIONS, "runtime", "x"]), JUNK | st.dictionaries(st.text(max_size=3), JUNK))


@given(OBJECTS)
def test_an_empty_change_changes_nothing(document: dict[str, Any]) -> None:
    assert merge(document, {}) == document


@given(OBJECTS, OBJECTS)
def test_a_change_loses_nothing_that_it_does_not_name(document: dict[str, Any], change: dict[str, Any]) -> None:
    after = merge(document, change)

    assert set(after) == {*document, *change}
    for section, value in document.items():
        if section not in change:
            assert after[section] == value
        elif isinstance(value, dict) and isinstance(change[section], dict):
            assert {key: after[section][key] for key in value.keys() - change[section].keys()} == {
                key: value[key] for key in value.keys() - change[section].keys()
            }
    for section, value in change.items():
        assert after[section] == value or value.items() <= after[section].items()


@given(OBJECTS, OBJECTS)
def test_the_same_change_twice_is_the_change_once(document: dict[str, Any], change: dict[str, Any]) -> None:
    once = merge(document, change)
    assert merge(once, change) == once


@given(broken(FULL))
def test_whatever_the_document_it_is_refused_as_invalid_or_answers_every_question(document: Any) -> None:
    try:
        policies = parse(document, path=WHERE)
    except InvalidInput as error:
        assert error.code == "policy.invalid"
        assert error.details["problems"]
        return
    assert {field.path for field in FIELDS if policies.value(field.path) is not None} >= set(DEFAULTS) - {
        "general.orgName",
        "general.orgPluginDir",
    }
    assert parse(policies.effective(), path=WHERE).effective() == policies.effective()
