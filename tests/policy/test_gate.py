"""The one gate: what passes, how a refusal reads, that everything is logged, and that it closes when it cannot read or log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import Denied
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.policy.checking import PackVerdict, answer_pack, check_pack
from cowork.policy.packs import pack_judge
from tests.policy.conftest import Write

VERDICTS: dict[str, tuple[dict[str, Any] | None, bool, bool, str]] = {
    "no file": (None, True, False, "default"),
    "an empty file": ({}, True, False, "default"),
    "others are blocked": ({"blocked": ["other"]}, True, False, "default"),
    "it is blocked": ({"blocked": ["it"]}, False, False, "packs.blocked"),
    "it is blocked and allowed": ({"blocked": ["it"], "allowed": ["it"]}, False, False, "packs.blocked"),
    "it is allowed": ({"allowed": ["it"]}, True, False, "packs.allowed"),
    "others are allowed": ({"allowed": ["other"]}, False, False, "packs.allowed"),
    "an empty allow list": ({"allowed": []}, True, False, "default"),
    "it is required": ({"required": ["it"]}, True, True, "packs.required"),
    "it is required and allowed": ({"required": ["it"], "allowed": ["it", "other"]}, True, True, "packs.required"),
    "others are required": ({"required": ["other"]}, True, False, "default"),
    "its name in capitals is blocked": ({"blocked": ["IT"]}, False, False, "packs.blocked"),
    "a part of its name is blocked": ({"blocked": ["i"]}, True, False, "default"),
}
DENYING = {name: case for name, case in VERDICTS.items() if not case[1]}


def log(home: Path) -> list[dict[str, Any]]:
    path = home / "audit.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.mark.parametrize(("packs", "allowed", "required", "rule"), VERDICTS.values(), ids=VERDICTS)
def test_a_verdict_names_the_rule_that_gives_it(
    write: Write, home: Path, packs: dict[str, Any] | None, allowed: bool, required: bool, rule: str
) -> None:
    if packs is not None:
        write({"packs": packs})

    verdict = check_pack("it")

    assert verdict == PackVerdict("it", allowed, required, rule, verdict.reason)
    assert verdict.reason
    assert pack_judge()("it", None) == (allowed, required, rule, verdict.reason)
    asked = gate.ask(Action("pack enable", pack="it"))
    assert (asked.allowed, asked.required, asked.rule, asked.reason) == (allowed, required, rule, verdict.reason)
    assert log(home) == []  # to ask is not to act


@pytest.mark.parametrize(("packs", "allowed", "required", "rule"), DENYING.values(), ids=DENYING)
def test_a_denied_pack_is_refused_with_its_rule(
    write: Write, home: Path, packs: dict[str, Any], allowed: bool, required: bool, rule: str
) -> None:
    write({"packs": packs})

    with pytest.raises(Denied, match="does not allow the pack 'it'") as caught:
        answer_pack("it")
    assert (caught.value.code, caught.value.exit_code) == ("policy.pack_denied", 6)
    assert caught.value.details["rule"] == rule
    assert (caught.value.cause or "").startswith(f"{rule}: ")
    assert caught.value.data == check_pack("it")  # the answer to the question
    assert log(home) == []

    with pytest.raises(Denied) as caught:
        gate.require(Action("skill run", pack="it", what="a"))
    assert caught.value.details == {"verb": "skill run", "pack": "it", "rule": rule}
    assert caught.value.data is None  # the refusal of something else
    [line] = log(home)
    assert (line["verdict"], line["rule"], line["pack"], line["what"]) == ("denied", rule, "it", "a")


REFUSALS: dict[str, tuple[dict[str, Any], Action, str, str]] = {
    "a blocked pack": ({"packs": {"blocked": ["x"]}}, Action("v", pack="x"), "policy.pack_denied", "the pack 'x'"),
    "a pack not allowed": ({"packs": {"allowed": ["y"]}}, Action("v", pack="x"), "policy.pack_denied", "the pack 'x'"),
    "a required pack": (
        {"packs": {"required": ["x"]}},
        Action("v", pack="x", removes=True),
        "policy.pack_required",
        "requires the pack 'x': it cannot be turned off",
    ),
    "git": ({"general": {"allowGitInstall": False}}, Action("v", via="git"), "policy.git_install_denied", "git repositories"),
    "an address": ({"general": {"allowUrlInstall": False}}, Action("v", via="url"), "policy.url_install_denied", "addresses"),
    "a local pack": ({"general": {"allowCustomPacks": False}}, Action("v", via="local"), "policy.custom_packs_denied", "local"),
    "a new pack": (
        {"general": {"allowCustomPacks": False}},
        Action("v", via="created"),
        "policy.custom_packs_denied",
        "create",
    ),
    "a connector": ({"connectors": {"blocked": ["c"]}}, Action("v", connector="c"), "policy.connector_denied", "connector 'c'"),
    "a heartbeat": (
        {"agents": {"maxHeartbeatFrequencySec": 61}},
        Action("v", heartbeat_s=60),
        "policy.heartbeat_too_frequent",
        "a heartbeat every 61 s at the most, not every 60 s",
    ),
    "one twin more": (
        {"agents": {"maxConcurrentAgents": 2}},
        Action("v", twins=3),
        "policy.too_many_twins",
        "lets 2 twins work at once",
    ),
}


def test_who_is_told_to_wait_is_told_what_to_type_instead(write: Write) -> None:
    write({"agents": {"maxHeartbeatFrequencySec": 60}})

    with pytest.raises(Denied) as caught:
        gate.require(Action("twin beat", what="twin-a", heartbeat_s=5))

    assert 'cowork twin ask @twin-a "..."' in (caught.value.hint or "")


@pytest.mark.parametrize(("policies", "action", "code", "message"), REFUSALS.values(), ids=REFUSALS)
def test_every_refusal_has_its_own_code_names_its_rule_and_is_logged(
    write: Write, home: Path, policies: dict[str, Any], action: Action, code: str, message: str
) -> None:
    write(policies)

    with pytest.raises(Denied) as caught:
        gate.require(action)

    error = caught.value
    assert (error.code, error.exit_code) == (code, 6)
    assert message in error.message
    assert error.hint
    [line] = log(home)
    assert (line["verdict"], line["rule"]) == ("denied", error.details["rule"])
    assert (error.cause or "").startswith(f"{line['rule']}: ")


def test_a_heartbeat_that_is_too_frequent_is_told_what_would_do(write: Write) -> None:
    write({"agents": {"maxHeartbeatFrequencySec": 3601}})
    with pytest.raises(Denied) as caught:
        gate.require(Action("twin activate", heartbeat_s=3600))
    assert caught.value.hint == "use --interval 61 or more"


def test_what_passes_is_logged_with_all_that_it_is_about(home: Path) -> None:
    action = Action("connector call", pack="p", directory="d", source="github:o/r@v1", connector="c", what="w", via="git")

    assert gate.require(action).allowed

    [line] = log(home)
    assert line.pop("at").endswith("Z")
    assert line.pop("who")
    assert line == {
        "uid": os.getuid(),
        "pid": os.getpid(),
        "verb": "connector call",
        "pack": "p",
        "connector": "c",
        "source": "github:o/r@v1",
        "what": "w",
        "verdict": "allowed",
        "rule": "default",
        "reason": "nothing forbids it",
    }


def test_a_dry_run_passes_and_refuses_alike_and_writes_nothing(write: Write, home: Path) -> None:
    gate.require(Action("pack enable", pack="x"), dry_run=True)
    assert not home.exists()

    write({"packs": {"blocked": ["x"]}})
    with pytest.raises(Denied):
        gate.require(Action("pack enable", pack="x"), dry_run=True)
    assert [path.name for path in home.iterdir()] == ["policies.json"]


def test_a_first_look_refuses_and_logs_what_would_not_pass_and_nothing_else(write: Write, home: Path) -> None:
    write({"general": {"allowGitInstall": False}})
    gate.refuse(Action("pack install", via="url"))
    assert log(home) == []
    for dry_run in (True, False):
        with pytest.raises(Denied) as caught:
            gate.refuse(Action("pack install", via="git"), dry_run=dry_run)
        assert caught.value.code == "policy.git_install_denied"
        assert len(log(home)) == (not dry_run)


ANYTHING = Action("loop start")
GATES: dict[str, Callable[[], object]] = {
    "ask": lambda: gate.ask(ANYTHING),
    "require": lambda: gate.require(ANYTHING),
    "require, dry": lambda: gate.require(ANYTHING, dry_run=True),
    "require to remove": lambda: gate.require(Action("pack uninstall", pack="it", removes=True)),
    "refuse": lambda: gate.refuse(ANYTHING),
    "policies_or_refuse": gate.policies_or_refuse,
    "check_pack": lambda: check_pack("it"),
    "answer_pack": lambda: answer_pack("it"),
    "pack_judge": pack_judge,
}
UNREADABLE: dict[str, Any] = {
    "no JSON": "{",
    "empty": "",
    "null": "null",
    "invalid UTF-8": b'{"packs": {"blocked": ["\xff"]}}',
    "a list": [],
    "a broken rule": {"packs": {"blocked": "it"}},
    "required and blocked": {"packs": {"blocked": ["a"], "required": ["a"]}},
    "a version to come": {"version": 3},
}


@pytest.mark.parametrize("ask", GATES.values(), ids=GATES)
@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_every_gate_is_closed_while_the_policies_cannot_be_read(write: Write, content: Any, ask: Callable[[], object]) -> None:
    path = write(content)

    with pytest.raises(Denied) as caught:
        ask()

    assert (caught.value.code, caught.value.exit_code) == ("policy.unreadable", 6)
    assert str(path) in (caught.value.cause or "")
    assert "cowork admin policy validate" in (caught.value.hint or "")
    assert "cowork admin policy reset --yes" in (caught.value.hint or "")


def test_a_refusal_for_want_of_readable_policies_is_logged(write: Write, home: Path) -> None:
    write("{")
    with pytest.raises(Denied):
        gate.require(ANYTHING)
    [line] = log(home)
    assert (line["verdict"], line["rule"]) == ("denied", "policy.unreadable")


def test_only_what_mends_the_policies_passes_while_they_cannot_be_read(write: Write, home: Path) -> None:
    write("{")
    assert gate.require(Action("admin policy reset", mends=True)).allowed
    assert log(home)[0]["verdict"] == "allowed"


@pytest.mark.parametrize("ask", GATES.values(), ids=GATES)
def test_every_gate_is_closed_while_the_policy_file_is_something_else(home: Path, ask: Callable[[], object]) -> None:
    path = home / "policies.json"
    path.mkdir(parents=True)
    with pytest.raises(Denied):
        ask()

    path.rmdir()
    os.mkfifo(path)
    with pytest.raises(Denied):
        ask()

    path.unlink()
    path.symlink_to("/unmounted/policies.json")
    with pytest.raises(Denied):
        ask()


def test_what_cannot_be_logged_is_refused(home: Path) -> None:
    (home / "audit.jsonl").mkdir(parents=True)

    with pytest.raises(Denied) as caught:
        gate.require(ANYTHING)

    assert (caught.value.code, caught.value.exit_code) == ("audit.not_writable", 6)
    assert caught.value.details == {"path": str(home / "audit.jsonl")}
    assert gate.require(ANYTHING, dry_run=True).allowed  # nothing to log


def test_what_is_denied_is_refused_for_that_reason_also_when_it_cannot_be_logged(write: Write, home: Path) -> None:
    write({"packs": {"blocked": ["x"]}})
    (home / "audit.jsonl").mkdir()
    with pytest.raises(Denied) as caught:
        gate.require(Action("pack enable", pack="x"))
    assert caught.value.code == "policy.pack_denied"


@pytest.mark.parametrize("policies", [None, {"packs": {"blocked": ["x"]}}])
def test_asking_loads_nothing_heavy_with_and_without_policies(write: Write, policies: Any) -> None:
    if policies is not None:
        write(policies)
    script = """
import sys
from cowork.policy import gate
from cowork.policy.actions import Action
gate.require(Action("pack enable", pack="y"))
heavy = {"pydantic", "yaml", "filelock", "tempfile", "asyncio", "requests"}
print(sorted({name.split(".")[0] for name in sys.modules} & heavy))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
