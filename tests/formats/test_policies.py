"""`policies.json`: known fields judged, unknown ones kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import InvalidInput
from cowork.formats.policies import Policies, parse

WHERE = Path("/etc/policies.json")


def test_an_empty_document_means_the_defaults() -> None:
    policies = parse({}, path=WHERE)

    assert policies == Policies()
    assert (policies.agents.max_heartbeat_frequency_sec, policies.agents.max_concurrent_agents) == (60, 10)
    assert (policies.packs.allowed, policies.packs.blocked, policies.packs.required, policies.connectors.blocked) == ([],) * 4
    general = policies.general
    assert general.allow_custom_packs and general.allow_git_install and general.allow_url_install
    assert (general.org_name, general.org_plugin_dir) == (None, None)


def test_every_field_is_read() -> None:
    policies = parse(
        {
            "version": 2,
            "packs": {"allowed": ["a", "b"], "blocked": ["c"], "required": ["a"]},
            "connectors": {"blocked": ["d"]},
            "agents": {"maxHeartbeatFrequencySec": 900, "maxConcurrentAgents": 1},
            "general": {
                "allowCustomPacks": False,
                "allowGitInstall": False,
                "allowUrlInstall": False,
                "orgName": "Org",
                "orgPluginDir": "/srv/packs",
            },
        },
        path=WHERE,
    )

    assert (policies.packs.allowed, policies.packs.blocked, policies.packs.required) == (["a", "b"], ["c"], ["a"])
    assert policies.connectors.blocked == ["d"]
    assert (policies.agents.max_heartbeat_frequency_sec, policies.agents.max_concurrent_agents) == (900, 1)
    general = policies.general
    assert not (general.allow_custom_packs or general.allow_git_install or general.allow_url_install)
    assert (general.org_name, general.org_plugin_dir) == ("Org", "/srv/packs")


def test_version_1_files_are_read() -> None:
    assert parse({"version": 1, "packs": {"blocked": ["x"]}}, path=WHERE).packs.blocked == ["x"]


def test_unknown_sections_and_keys_are_kept() -> None:
    document = {"runtime": {"network": {"defaultAction": "deny", "x": None}}, "packs": {"pinned": ["a"]}}

    kept = parse(document, path=WHERE).model_dump(by_alias=True)

    assert kept["runtime"] == document["runtime"]
    assert kept["packs"]["pinned"] == ["a"]


BROKEN = {
    "no object": ([], "the document", "valid dictionary"),
    "packs as a list": ({"packs": []}, "packs", "valid dictionary"),
    "blocked as a text": ({"packs": {"blocked": "x"}}, "packs.blocked", "valid list"),
    "a number among the blocked": ({"packs": {"blocked": ["x", 1]}}, "packs.blocked.1", "valid string"),
    "required and blocked": (
        {"packs": {"required": ["b", "a"], "blocked": ["a"]}},
        "packs",
        "'a' is both required and blocked",
    ),
    "required but not allowed": (
        {"packs": {"required": ["a"], "allowed": ["b"]}},
        "packs",
        "'a' is required but not in allowed",
    ),
    "a heartbeat below the floor": ({"agents": {"maxHeartbeatFrequencySec": 59}}, "agents.maxHeartbeatFrequencySec", "60"),
    "a heartbeat in text": ({"agents": {"maxHeartbeatFrequencySec": "60"}}, "agents.maxHeartbeatFrequencySec", "valid integer"),
    "a heartbeat of true": ({"agents": {"maxHeartbeatFrequencySec": True}}, "agents.maxHeartbeatFrequencySec", "valid integer"),
    "nobody at work": ({"agents": {"maxConcurrentAgents": 0}}, "agents.maxConcurrentAgents", "1"),
    "a permission in text": ({"general": {"allowGitInstall": "no"}}, "general.allowGitInstall", "valid boolean"),
    "a permission of null": ({"general": {"allowGitInstall": None}}, "general.allowGitInstall", "valid boolean"),
    "a blocked connector that is a number": ({"connectors": {"blocked": [1]}}, "connectors.blocked.0", "valid string"),
    "a version in text": ({"version": "2"}, "version", "valid integer"),
}


@pytest.mark.parametrize(("document", "place", "rule"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_names_file_field_and_rule(document: Any, place: str, rule: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(document, path=WHERE)

    assert caught.value.code == "policy.invalid"
    assert caught.value.message.startswith(f"{WHERE}: {place}: ")
    assert rule in caught.value.message
    assert caught.value.details == {"path": str(WHERE), "field": place}


def test_required_packs_need_no_allow_list() -> None:
    assert parse({"packs": {"required": ["a"]}}, path=WHERE).packs.required == ["a"]
