"""`admin policy explain`: the verdict on a command line that is not run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cowork.policy.actions import Action
from cowork.policy.explaining import SHAPES, Shape, action_of, explain
from cowork.policy.rules import RULES
from tests.policy.conftest import Write
from tests.registry.places import pack, skill
from tests.support import Ran, run_here


def ask(*words: str) -> Ran:
    return run_here("admin", "policy", "explain", *words, "--json")


def verdict(*words: str) -> tuple[bool, str]:
    ran = ask(*words)
    assert ran.code == 0, ran
    return ran.data["allowed"], ran.data["rule"]


@pytest.mark.parametrize(
    ("verb", "words", "action"),
    [
        ("pack enable", ["x"], Action("pack enable", pack="x")),
        ("pack uninstall", ["x", "y"], Action("pack uninstall", pack="x", removes=True)),
        ("skill disable", ["x", "y"], Action("skill disable", pack="x", what="y", removes=True)),
        ("pack scaffold", ["x"], Action("pack scaffold", pack="x", via="created")),
        ("pack install", ["github:o/r"], Action("pack install", source="github:o/r")),
        ("connector call", ["p:c"], Action("connector call", connector="p:c")),
        ("twin activate", ["p"], Action("twin activate", what="p")),
        ("loop start", ["a task"], Action("loop start")),
        ("pack enable", [], Action("pack enable")),
    ],
)
def test_words_become_what_the_gate_is_asked(verb: str, words: list[str], action: Action) -> None:
    assert action_of(verb, words) == action


def test_every_verb_that_takes_something_away_says_so() -> None:
    removing = {verb for verb, shape in SHAPES.items() if shape.removes}
    assert removing == {"pack disable", "skill disable", "pack uninstall"}
    assert all(isinstance(shape, Shape) for shape in SHAPES.values())


def test_an_unlisted_pack_is_allowed_because_nothing_forbids_it(home: Path) -> None:
    data = ask("pack", "enable", "devops").data

    assert (data["question"], data["verb"], data["pack"]) == ("pack enable devops", "pack enable", "devops")
    assert (data["allowed"], data["rule"], data["code"], data["origin"]) == (True, "default", None, "default")
    assert [item["rule"] for item in data["items"]] == [*RULES, "default"]
    assert all(item["reason"] and item["says"] in ("denies", "allows", "passes", "skipped") for item in data["items"])
    assert not home.exists()  # to ask is not to act


def test_an_unlisted_pack_is_denied_where_there_is_an_allow_list(write: Write) -> None:
    write({"packs": {"allowed": ["engineering"]}})
    data = ask("pack", "enable", "devops").data
    assert (data["allowed"], data["rule"], data["code"]) == (False, "packs.allowed", "policy.pack_denied")
    assert data["items"][1] == {
        "rule": "packs.allowed",
        "says": "denies",
        "reason": "there is an allow list and the pack is not on it",
        "value": ["engineering"],
        "origin": "file",
    }


def test_a_blocked_pack_is_denied_and_says_by_which_name(write: Write, home: Path) -> None:
    write({"packs": {"blocked": ["folder"]}})
    pack(home / "extensions", "mine-pack", skill("x"), directory="folder")

    data = ask("pack", "enable", "mine-pack").data
    assert (data["rule"], data["reason"]) == ("packs.blocked", "the pack is on the blocked list (as 'folder')")
    assert ask("pack", "enable", "folder").data["pack"] == "mine-pack"  # by its directory
    assert verdict("skill", "run", "x") == (False, "packs.blocked")
    assert verdict("run", "/x") == (False, "packs.blocked")
    assert verdict("pack", "disable", "mine-pack") == (True, "default")  # taking it away is what the list wants


def test_a_required_pack_may_be_used_and_not_taken_away(write: Write) -> None:
    write({"packs": {"required": ["devops-pack"]}})
    assert verdict("pack", "enable", "devops") == (True, "packs.required")
    assert verdict("pack", "disable", "devops") == (False, "packs.required")
    assert verdict("skill", "disable", "devops", "incident-response") == (False, "packs.required")
    assert verdict("skill", "run", "incident-response", "--param", "a=b") == (True, "packs.required")


def test_a_twin_is_judged_by_its_heartbeat(write: Write) -> None:
    write({"agents": {"maxHeartbeatFrequencySec": 1800}})
    assert verdict("twin", "activate", "software-engineer") == (True, "default")
    assert verdict("twin", "activate", "software-engineer", "--interval", "29") == (False, "agents.maxHeartbeatFrequencySec")


def test_what_no_policy_is_about_is_allowed_and_the_word_cowork_may_lead(write: Write) -> None:
    write({"packs": {"blocked": ["devops"]}})
    assert verdict("loop", "start", "Is it so?", "--rounds", "1") == (True, "default")
    assert verdict("cowork", "loop", "start", "Is it so?") == (True, "default")
    assert verdict("pack", "list") == (True, "default")


def test_policies_that_cannot_be_read_deny_everything_and_asking_still_answers(write: Write, home: Path) -> None:
    write("{")
    data = ask("pack", "enable", "devops").data
    assert (data["allowed"], data["rule"], data["code"], data["count"]) == (False, "policy.unreadable", "policy.unreadable", 0)
    assert not (home / "audit.jsonl").exists()


def test_a_name_of_nothing_is_judged_and_warned_about(home: Path) -> None:
    ran = ask("pack", "enable", "devop")
    assert (ran.code, ran.data["allowed"]) == (0, True)
    [warning] = ran.document["warnings"]
    assert warning["code"] == "policy.unknown_pack"
    assert "did you mean 'devops'?" in warning["message"]


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (["pack", "enabel", "devops"], 2, "usage.unknown_verb"),
        (["pack"], 2, "usage.unknown_verb"),
        (["cowork"], 2, "usage.unknown_verb"),
        (["pack", "enable"], 2, "usage.invalid"),
        (["pack", "enable", "a", "b"], 2, "usage.invalid"),
        (["pack", "enable", "devops", "--nope"], 2, "usage.invalid"),
        (["--nope"], 2, "usage.invalid"),
        (["skill", "run", "incident-respons"], 3, "skill.not_found"),
        (["run", "/nope"], 3, "command.not_found"),
        (["twin", "activate", "nobody"], 3, "persona.not_found"),
    ],
)
def test_what_is_no_question_is_refused(words: list[str], exit_code: int, code: str) -> None:
    ran = ask(*words)
    assert (ran.code, ran.document["error"]["code"]) == (exit_code, code)


SOURCES: dict[str, tuple[str, str | None]] = {
    "github:acme/evil-pack": ("general.allowGitInstall", "git"),
    "https://github.com/acme/evil-pack/tree/main": ("general.allowGitInstall", "git"),
    "git+https://example.com/acme/evil-pack.git@v1": ("general.allowGitInstall", "git"),
    "https://example.com/evil-pack.zip": ("general.allowUrlInstall", "url"),
    "https://example.com/evil/cowork.plugin.json": ("general.allowUrlInstall", "url"),
    "./evil-pack": ("general.allowCustomPacks", "local"),
}


@pytest.mark.parametrize("source", SOURCES)
def test_an_installation_is_judged_by_the_way_its_content_comes(write: Write, home: Path, source: str) -> None:
    rule, via = SOURCES[source]
    data = ask("pack", "install", source).data
    assert (data["allowed"], data["via"]) == (True, via)
    assert data["source"]

    write({"general": {rule.partition(".")[2]: False}})
    assert verdict("pack", "install", source) == (False, rule)


def test_what_is_installed_is_judged_by_the_name_it_is_likely_to_have(write: Write) -> None:
    write({"packs": {"blocked": ["evil"]}})
    ran = ask("pack", "install", "github:acme/evil-pack")
    assert (ran.data["allowed"], ran.data["rule"]) == (False, "packs.blocked")
    assert [item["code"] for item in ran.document["warnings"]] == ["policy.name_guessed"]


def test_an_entry_of_the_catalogue_is_judged_by_its_name_and_by_both_ways(write: Write) -> None:
    write({"general": {"allowGitInstall": False, "allowUrlInstall": False}})
    assert verdict("pack", "install", "some-pack")[0] is False
    write({"packs": {"blocked": ["some-pack"]}})
    assert verdict("pack", "install", "some-pack") == (False, "packs.blocked")


def connectors(home: Path) -> None:
    call = {"name": "crm", "description": "d", "type": "shell", "shell": {"command": "true"}, "inputSchema": {"type": "object"}}
    pack(home / "extensions", "sales-pack", skill("x"), connectors=[call])


@pytest.mark.parametrize("listed", ["crm", "sales:crm", "sales-pack:crm"])
@pytest.mark.parametrize("asked", ["crm", "sales-pack:crm"])
def test_a_connector_is_judged_by_its_name_and_its_pack(write: Write, home: Path, listed: str, asked: str) -> None:
    connectors(home)
    assert verdict("connector", "call", asked, "--input", "{}") == (True, "default")
    write({"connectors": {"blocked": [listed]}})
    assert verdict("connector", "call", asked, "--input", "{}") == (False, "connectors.blocked")
    write({"packs": {"blocked": ["sales"]}})
    assert verdict("connector", "call", asked) == (False, "packs.blocked")


def test_a_person_sees_the_verdict_first_and_every_rule_below(write: Write) -> None:
    write({"packs": {"blocked": ["devops"]}})
    page = run_here("admin", "policy", "explain", "pack", "enable", "devops").out
    assert page.startswith("✗ denied: cowork pack enable devops\n")
    rows = [line for line in page.splitlines() if any(rule in line for rule in RULES)]
    assert len(rows) >= len(RULES)
    assert any(line.startswith("✗ denies   packs.blocked") and '["devops"] (file)' in line for line in rows)


def test_the_error_code_is_the_one_the_verb_fails_with(write: Write) -> None:
    write({"packs": {"required": ["devops"]}})
    data: Any = ask("pack", "disable", "devops").data
    failed = run_here("pack", "disable", "devops", "--json").document["error"]
    assert (data["code"], data["rule"]) == (failed["code"], failed["details"]["rule"])
    assert json.dumps(data["items"])
    assert explain(Action("pack disable", pack="devops", removes=True), "q").code == failed["code"]
