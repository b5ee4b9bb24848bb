"""What is wrong with a policy document: one field at a time, all at once, and what merely has no effect."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given

from cowork.formats.policies import SECTIONS
from cowork.formats.policies_check import errors, unknown_keys
from cowork.formats.problem import MOST_PROBLEMS, RULES
from tests.formats.fuzz import JUNK, broken
from tests.formats.test_policies import FULL

VALID: dict[str, Any] = {
    "everything": FULL,
    "nothing": {},
    "empty sections": {section: {} for section in SECTIONS},
    "unset texts": {"general": {"orgName": None, "orgPluginDir": None}},
    "a directory from home": {"general": {"orgPluginDir": "~/packs"}},
    "home itself": {"general": {"orgPluginDir": "~"}},
    "the floors": {"agents": {"maxHeartbeatFrequencySec": 60, "maxConcurrentAgents": 1}},
    "required without an allow list": {"packs": {"required": ["a"]}},
    "required under another of its names": {"packs": {"required": ["a-pack"], "allowed": ["a"]}},
    "required and allowed the other way round": {"packs": {"required": ["a"], "allowed": ["a-pack"]}},
    "a part of a blocked name": {"packs": {"required": ["a"], "blocked": ["ab", "a-b"]}},
    "blocked and allowed": {"packs": {"allowed": ["a"], "blocked": ["a"]}},
    "a name with a blank inside": {"connectors": {"blocked": ["Lexis+ Protégé"]}},
    "sections of other programs": {"runtime": {"network": {}}, "everydayAgent": None, "x": [1]},
}


@pytest.mark.parametrize("document", VALID.values(), ids=VALID)
def test_a_document_that_can_be_used_has_no_errors(document: Any) -> None:
    assert errors(document, "f") == []


BROKEN: dict[str, tuple[Any, str, str, str]] = {
    "a list": ([], "$", "policy.type", "must be an object, not a list"),
    "null": (None, "$", "policy.type", "must be an object, not null"),
    "packs as a list": ({"packs": []}, "$.packs", "policy.type", "must be an object, not a list"),
    "agents as null": ({"agents": None}, "$.agents", "policy.type", "must be an object, not null"),
    "blocked as a text": ({"packs": {"blocked": "x"}}, "$.packs.blocked", "policy.type", "must be a list, not a text"),
    "allowed as null": ({"packs": {"allowed": None}}, "$.packs.allowed", "policy.type", "must be a list, not null"),
    "a number among the blocked": ({"packs": {"blocked": ["x", 1]}}, "$.packs.blocked[1]", "policy.type", "must be a text"),
    "a list among the required": ({"packs": {"required": [["x"]]}}, "$.packs.required[0]", "policy.type", "must be a text"),
    "no name": ({"packs": {"blocked": [""]}}, "$.packs.blocked[0]", "policy.value", "is no name"),
    "a name of blanks": ({"packs": {"blocked": ["  "]}}, "$.packs.blocked[0]", "policy.value", "is no name"),
    "a name with a blank before it": ({"packs": {"allowed": [" x"]}}, "$.packs.allowed[0]", "policy.value", "is no name"),
    "a name with a line's end": ({"packs": {"blocked": ["x\ny"]}}, "$.packs.blocked[0]", "policy.value", "is no name"),
    "a name with a hidden character": (
        {"packs": {"blocked": ["x\u200by"]}},
        "$.packs.blocked[0]",
        "policy.value",
        "is no name",
    ),
    "half a character": ({"packs": {"blocked": ["\ud800"]}}, "$.packs.blocked[0]", "policy.value", "is no name"),
    "a connector that is a number": ({"connectors": {"blocked": [1]}}, "$.connectors.blocked[0]", "policy.type", "a text"),
    "required and blocked": (
        {"packs": {"required": ["b", "a"], "blocked": ["a"]}},
        "$.packs.required[1]",
        "policy.conflict",
        "'a' is both required and blocked",
    ),
    "required and blocked under another name": (
        {"packs": {"required": ["a"], "blocked": ["a-pack"]}},
        "$.packs.required[0]",
        "policy.conflict",
        "'a' is both required and blocked (there as 'a-pack')",
    ),
    "required with pack and blocked without": (
        {"packs": {"required": ["a-pack"], "blocked": ["a"]}},
        "$.packs.required[0]",
        "policy.conflict",
        "(there as 'a')",
    ),
    "required but not allowed": (
        {"packs": {"required": ["a"], "allowed": ["b"]}},
        "$.packs.required[0]",
        "policy.conflict",
        "'a' is required but not in allowed",
    ),
    "a heartbeat below the floor": (
        {"agents": {"maxHeartbeatFrequencySec": 59}},
        "$.agents.maxHeartbeatFrequencySec",
        "policy.value",
        "must be 60 or more",
    ),
    "a heartbeat in text": (
        {"agents": {"maxHeartbeatFrequencySec": "60"}},
        "$.agents.maxHeartbeatFrequencySec",
        "policy.type",
        "must be a whole number, not a text",
    ),
    "a heartbeat of true": (
        {"agents": {"maxHeartbeatFrequencySec": True}},
        "$.agents.maxHeartbeatFrequencySec",
        "policy.type",
        "must be a whole number, not true",
    ),
    "half an agent": (
        {"agents": {"maxConcurrentAgents": 1.5}},
        "$.agents.maxConcurrentAgents",
        "policy.type",
        "a whole number",
    ),
    "nobody at work": ({"agents": {"maxConcurrentAgents": 0}}, "$.agents.maxConcurrentAgents", "policy.value", "1 or more"),
    "a permission in text": (
        {"general": {"allowGitInstall": "no"}},
        "$.general.allowGitInstall",
        "policy.type",
        "true or false",
    ),
    "a permission of null": ({"general": {"allowUrlInstall": None}}, "$.general.allowUrlInstall", "policy.type", "not null"),
    "a permission of 0": ({"general": {"allowCustomPacks": 0}}, "$.general.allowCustomPacks", "policy.type", "not a number"),
    "a nameless organization": ({"general": {"orgName": " "}}, "$.general.orgName", "policy.value", "is empty"),
    "an organization of 5": ({"general": {"orgName": 5}}, "$.general.orgName", "policy.type", "must be a text"),
    "a name that drives the terminal": ({"general": {"orgName": "\x1b[2J"}}, "$.general.orgName", "policy.value", "be seen"),
    "a relative directory": ({"general": {"orgPluginDir": "packs"}}, "$.general.orgPluginDir", "policy.value", "absolute"),
    "a climbing directory": ({"general": {"orgPluginDir": "../x"}}, "$.general.orgPluginDir", "policy.value", "absolute"),
    "another user's home": ({"general": {"orgPluginDir": "~x/packs"}}, "$.general.orgPluginDir", "policy.value", "absolute"),
    "a directory with a NUL": ({"general": {"orgPluginDir": "/a\0b"}}, "$.general.orgPluginDir", "policy.value", "be seen"),
    "a version in text": ({"version": "2"}, "$.version", "policy.type", "must be a whole number"),
    "a version of true": ({"version": True}, "$.version", "policy.type", "must be a whole number"),
    "a version to come": ({"version": 3}, "$.version", "policy.value", "must be 1 or 2"),
}


@pytest.mark.parametrize(("document", "place", "rule", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_names_the_place_the_rule_and_what_to_do(document: Any, place: str, rule: str, message: str) -> None:
    [problem] = errors(document, "f")

    assert (problem.file, problem.where, problem.rule, problem.severity) == ("f", place, rule, "error")
    assert message in problem.message
    assert problem.fix


def test_every_broken_rule_is_reported_at_once() -> None:
    document = {
        "version": 9,
        "connectors": [],
        "packs": {"blocked": ["a", 1], "required": ["a", "b"], "allowed": ["a"]},
        "agents": {"maxHeartbeatFrequencySec": 1, "maxConcurrentAgents": 0},
        "general": {"allowGitInstall": 1, "orgPluginDir": "x"},
    }
    assert [(problem.where, problem.rule) for problem in errors(document, "f")] == [
        ("$.version", "policy.value"),
        ("$.connectors", "policy.type"),
        ("$.packs.blocked[1]", "policy.type"),
        ("$.agents.maxHeartbeatFrequencySec", "policy.value"),
        ("$.agents.maxConcurrentAgents", "policy.value"),
        ("$.general.allowGitInstall", "policy.type"),
        ("$.general.orgPluginDir", "policy.value"),
        ("$.packs.required[0]", "policy.conflict"),
        ("$.packs.required[1]", "policy.conflict"),
    ]


def test_a_document_of_nothing_but_mistakes_is_judged_quickly_and_reported_in_bounds() -> None:
    names = [f"p{number}" for number in range(20_000)]
    started = time.process_time()
    found = errors({"packs": {"required": names, "blocked": names, "allowed": ["x"]}}, "f")
    assert time.process_time() - started < 4
    assert len(found) == MOST_PROBLEMS + 1


def test_a_document_that_nests_without_end_is_refused() -> None:
    deep: Any = []
    for _ in range(500):
        deep = [deep]
    [problem] = errors({"runtime": deep}, "f")
    assert (problem.where, problem.rule) == ("$", "file.too_deep")


def test_keys_without_effect_are_warnings_with_what_was_likely_meant() -> None:
    found = unknown_keys({"packs": {"bloked": [], "pinned": 1}, "genral": {}, "runtime": {}, "acme": 1, "version": 2}, "f")

    assert [(problem.where, problem.fix) for problem in found] == [
        ("$.genral", "did you mean 'general'?"),
        ("$.packs.bloked", "did you mean 'blocked'?"),
        ("$.packs.pinned", "remove it"),
    ]
    assert {(problem.rule, problem.severity) for problem in found} == {("policy.unknown_key", "warning")}
    assert unknown_keys(FULL, "f")[0].where == "$.packs.pinned"


@given(JUNK | broken(FULL))
def test_judging_raises_nothing_and_uses_described_rules_only(document: Any) -> None:
    found = errors(document, "f")
    assert {problem.rule for problem in found} <= set(RULES)
    json.dumps([problem.as_dict() for problem in found])
    if not found:
        unknown_keys(document, "f")
