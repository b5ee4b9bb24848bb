"""The one gate: what it says about packs and heartbeats, and that it closes when it cannot read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import Denied
from cowork.policy import gate
from cowork.policy.gate import PackVerdict
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
    "its name in capitals is blocked": ({"blocked": ["IT"]}, True, False, "default"),
    "a part of its name is blocked": ({"blocked": ["i"]}, True, False, "default"),
}
DENYING = {name: case for name, case in VERDICTS.items() if not case[1]}


@pytest.mark.parametrize(("packs", "allowed", "required", "rule"), VERDICTS.values(), ids=VERDICTS)
def test_a_verdict_names_the_rule_that_gives_it(
    write: Write, packs: dict[str, Any] | None, allowed: bool, required: bool, rule: str
) -> None:
    if packs is not None:
        write({"packs": packs})

    verdict = gate.check_pack("it")

    assert verdict == PackVerdict("it", allowed, required, rule, verdict.reason)
    assert verdict.reason


@pytest.mark.parametrize(("packs", "allowed", "required", "rule"), DENYING.values(), ids=DENYING)
def test_a_denied_pack_is_refused_with_its_rule(
    write: Write, packs: dict[str, Any], allowed: bool, required: bool, rule: str
) -> None:
    write({"packs": packs})

    with pytest.raises(Denied, match="does not allow the pack 'it'") as caught:
        gate.answer_pack("it")
    assert (caught.value.code, caught.value.exit_code) == ("policy.pack_denied", 6)
    assert caught.value.details == {"pack": "it", "rule": rule}
    assert (caught.value.cause or "").startswith(f"{rule}: ")
    assert caught.value.data == gate.check_pack("it")  # the answer to the question

    with pytest.raises(Denied) as caught:
        gate.require_pack("it")
    assert caught.value.details == {"pack": "it", "rule": rule}
    assert caught.value.data is None  # the refusal of something else


def test_an_allowed_pack_passes(write: Write) -> None:
    write({"packs": {"required": ["it"]}})

    gate.require_pack("it")
    assert gate.answer_pack("it") == gate.check_pack("it")


@pytest.mark.parametrize(("seconds", "minutes"), [(60, 1), (61, 2), (3600, 60), (3601, 61)])
def test_the_shortest_heartbeat_is_a_minimum_in_seconds(write: Write, seconds: int, minutes: int) -> None:
    write({"agents": {"maxHeartbeatFrequencySec": seconds}})

    gate.require_heartbeat_interval(minutes)
    with pytest.raises(Denied, match=f"every {seconds} s at the most, not every {(minutes - 1) * 60} s") as caught:
        gate.require_heartbeat_interval(minutes - 1)

    assert caught.value.code == "policy.heartbeat_too_frequent"
    assert caught.value.cause == "agents.maxHeartbeatFrequencySec"
    assert caught.value.hint == f"use --interval {minutes} or more"


def test_a_change_passes_with_and_without_a_file(write: Write, home: Path) -> None:
    gate.require_mutation()
    assert not home.exists()

    write({"agents": {"maxConcurrentAgents": 3}})
    assert gate.require_mutation().agents.max_concurrent_agents == 3


GATES: dict[str, Callable[[], object]] = {
    "policies_or_refuse": gate.policies_or_refuse,
    "require_mutation": gate.require_mutation,
    "require_heartbeat_interval": lambda: gate.require_heartbeat_interval(240),
    "check_pack": lambda: gate.check_pack("it"),
    "answer_pack": lambda: gate.answer_pack("it"),
    "require_pack": lambda: gate.require_pack("it"),
    "require_switch": lambda: gate.require_switch("it", None, enabled=True),
}
UNREADABLE: dict[str, Any] = {
    "no JSON": "{",
    "empty": "",
    "invalid UTF-8": b'{"packs": {"blocked": ["\xff"]}}',
    "a list": [],
    "a broken rule": {"packs": {"blocked": "it"}},
    "required and blocked": {"packs": {"blocked": ["a"], "required": ["a"]}},
}


@pytest.mark.parametrize("ask", GATES.values(), ids=GATES)
@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_every_gate_is_closed_while_the_policies_cannot_be_read(write: Write, content: Any, ask: Callable[[], object]) -> None:
    path = write(content)

    with pytest.raises(Denied) as caught:
        ask()

    assert (caught.value.code, caught.value.exit_code) == ("policy.unreadable", 6)
    assert str(path) in (caught.value.cause or "")
    assert caught.value.hint == f"mend {path}"


def test_every_function_that_asks_for_permission_is_listed_above() -> None:
    asking = {name for name in vars(gate) if name.startswith(("require_", "check_", "answer_"))}

    assert asking == set(GATES) - {"policies_or_refuse"}


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
