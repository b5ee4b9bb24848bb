"""The rules one by one: who denies what, in which order they are asked, and what they say."""

from __future__ import annotations

from typing import Any

import pytest

from cowork.formats.policies import BY_PATH, Policies
from cowork.policy.actions import Action, Via
from cowork.policy.refusals import CODES
from cowork.policy.rules import RULES, Verdict, judge

CLOSED = {"general": {"allowGitInstall": False, "allowUrlInstall": False, "allowCustomPacks": False}}


def verdict(action: Action, **sections: Any) -> Verdict:
    return judge(action, Policies(sections))


def says(found: Verdict) -> dict[str, str]:
    return {answer.rule: answer.says for answer in found.answers}


def test_rules_are_fields_of_the_policies_and_each_has_an_error_code() -> None:
    assert set(RULES) <= set(BY_PATH)
    assert set(RULES) == set(CODES)


def test_every_rule_answers_in_order_and_the_default_comes_last() -> None:
    found = verdict(Action("pack enable", pack="x"))
    assert [answer.rule for answer in found.answers] == [*RULES, "default"]
    assert (found.allowed, found.required, found.rule, found.reason) == (True, False, "default", "nothing forbids it")
    assert says(found) == {
        "packs.blocked": "passes",
        "packs.allowed": "passes",
        "packs.required": "passes",
        "general.allowGitInstall": "skipped",
        "general.allowUrlInstall": "skipped",
        "general.allowCustomPacks": "skipped",
        "connectors.blocked": "skipped",
        "agents.maxHeartbeatFrequencySec": "skipped",
        "agents.maxConcurrentAgents": "skipped",
        "default": "allows",
    }


def test_an_answer_shows_the_value_it_judged_and_where_that_comes_from() -> None:
    answers = {item.rule: item for item in verdict(Action("x"), packs={"blocked": ["a"]}).answers}
    assert (answers["packs.blocked"].value, answers["packs.blocked"].origin) == (["a"], "file")
    assert (answers["packs.allowed"].value, answers["packs.allowed"].origin) == ([], "default")
    assert (answers["agents.maxConcurrentAgents"].value, answers["agents.maxConcurrentAgents"].origin) == (10, "default")


def test_the_first_rule_that_denies_decides() -> None:
    action = Action("pack install", pack="x", via="git", heartbeat_s=1)
    found = verdict(action, packs={"blocked": ["x"], "allowed": ["y"]}, **CLOSED)
    assert (found.allowed, found.rule) == (False, "packs.blocked")
    assert [rule for rule, word in says(found).items() if word == "denies"] == [
        "packs.blocked",
        "packs.allowed",
        "general.allowGitInstall",
        "agents.maxHeartbeatFrequencySec",
    ]


@pytest.mark.parametrize(
    ("pack", "directory", "listed", "reason"),
    [
        ("x", None, "x", "the pack is on the blocked list"),
        ("x", None, "x-pack", "the pack is on the blocked list (as 'x-pack')"),
        ("x-pack", None, "x", "the pack is on the blocked list (as 'x')"),
        ("x", "folder", "folder", "the pack is on the blocked list (as 'folder')"),
        ("x", "folder", "folder-pack", "the pack is on the blocked list (as 'folder-pack')"),
    ],
)
def test_a_pack_is_blocked_by_any_of_its_names(pack: str, directory: str | None, listed: str, reason: str) -> None:
    found = verdict(Action("pack enable", pack=pack, directory=directory), packs={"blocked": ["z", listed]})
    assert (found.allowed, found.rule, found.reason) == (False, "packs.blocked", reason)


def test_a_blocked_pack_and_one_that_is_not_allowed_may_be_taken_away() -> None:
    removal = Action("pack uninstall", pack="x", removes=True)
    assert verdict(removal, packs={"blocked": ["x"]}).allowed
    assert verdict(removal, packs={"allowed": ["y"]}).allowed
    assert says(verdict(removal, packs={"blocked": ["x"], "allowed": ["y"]}))["packs.blocked"] == "passes"


@pytest.mark.parametrize("verb", ["pack disable", "pack uninstall", "skill disable"])
def test_a_required_pack_stays(verb: str) -> None:
    found = verdict(Action(verb, pack="x-pack", removes=True), packs={"required": ["x"]})
    assert (found.allowed, found.required, found.rule) == (False, True, "packs.required")


def test_a_required_pack_may_be_used_and_says_that_it_is_required() -> None:
    found = verdict(Action("pack enable", pack="x"), packs={"required": ["x"], "allowed": ["x"]})
    assert (found.allowed, found.required, found.rule) == (True, True, "packs.required")


def test_a_pack_that_is_not_listed_is_denied_by_an_allow_list_and_by_nothing_else() -> None:
    assert verdict(Action("pack enable", pack="x"), packs={"allowed": ["y"]}).rule == "packs.allowed"
    assert verdict(Action("pack enable", pack="x"), packs={"allowed": []}).rule == "default"
    assert verdict(Action("pack enable", pack="x"), packs={"allowed": ["x-pack"]}).rule == "packs.allowed"
    assert verdict(Action("pack enable", pack="x"), packs={"allowed": ["x-pack"]}).allowed


def test_while_a_packs_name_is_not_known_the_lists_are_not_asked() -> None:
    found = verdict(Action("pack install", via="git"), packs={"allowed": ["y"], "blocked": ["z"], "required": ["y"]})
    assert found.allowed
    assert {says(found)[rule] for rule in ("packs.blocked", "packs.allowed", "packs.required")} == {"skipped"}


WAYS: dict[Via, str] = {
    "git": "allowGitInstall",
    "url": "allowUrlInstall",
    "local": "allowCustomPacks",
    "created": "allowCustomPacks",
}


@pytest.mark.parametrize("via", WAYS)
def test_every_way_in_has_its_own_switch(via: Via) -> None:
    action = Action("pack install", pack="x", via=via)
    assert verdict(action, general={WAYS[via]: False}).rule == f"general.{WAYS[via]}"
    others = {key: False for key in CLOSED["general"] if key != WAYS[via]}
    assert verdict(action, general=others).allowed


def test_an_entry_of_the_catalogue_needs_one_of_the_ways_it_may_come() -> None:
    action = Action("pack install", pack="x", via="catalogue")
    assert verdict(action, general={"allowGitInstall": False}).allowed
    assert verdict(action, general={"allowUrlInstall": False, "allowCustomPacks": False}).allowed
    assert not verdict(action, general={"allowGitInstall": False, "allowUrlInstall": False}).allowed


def test_without_a_way_in_the_switches_are_not_asked() -> None:
    assert verdict(Action("pack enable", pack="x"), **CLOSED).allowed


@pytest.mark.parametrize(
    ("action", "listed"),
    [
        (Action("connector call", connector="crm"), "crm"),
        (Action("connector call", connector="crm", pack="sales-pack"), "crm"),
        (Action("connector call", connector="crm", pack="sales-pack"), "sales-pack:crm"),
        (Action("connector call", connector="crm", pack="sales-pack"), "sales:crm"),
        (Action("connector call", connector="crm", pack="sales-pack", directory="dir"), "dir:crm"),
        (Action("connector call", connector="sales:crm"), "sales:crm"),
        (Action("connector call", connector="sales:crm"), "crm"),
    ],
)
def test_a_connector_is_blocked_by_its_name_or_with_its_packs(action: Action, listed: str) -> None:
    assert verdict(action, connectors={"blocked": [listed]}).rule == "connectors.blocked"


@pytest.mark.parametrize("listed", ["cr", "other:crm", "sales:", "sales"])
def test_another_connector_is_not(listed: str) -> None:
    assert verdict(Action("connector call", connector="crm", pack="sales"), connectors={"blocked": [listed]}).allowed


def test_a_connector_of_a_blocked_pack_is_refused_with_its_pack() -> None:
    found = verdict(Action("connector call", connector="crm", pack="sales"), packs={"blocked": ["sales"]})
    assert found.rule == "packs.blocked"


@pytest.mark.parametrize(("seconds", "allowed"), [(899, False), (900, True), (901, True)])
def test_the_time_between_heartbeats_is_a_minimum(seconds: int, allowed: bool) -> None:
    found = verdict(Action("twin activate", heartbeat_s=seconds), agents={"maxHeartbeatFrequencySec": 900})
    assert (found.allowed, found.rule == "agents.maxHeartbeatFrequencySec") == (allowed, not allowed)


@pytest.mark.parametrize(("twins", "allowed"), [(1, True), (2, True), (3, False)])
def test_the_number_of_active_twins_has_a_cap(twins: int, allowed: bool) -> None:
    found = verdict(Action("twin activate", twins=twins), agents={"maxConcurrentAgents": 2})
    assert (found.allowed, found.rule == "agents.maxConcurrentAgents") == (allowed, not allowed)
