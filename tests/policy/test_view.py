"""`admin policy get`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import NotFound
from cowork.policy.view import PolicyView, view
from tests.policy.conftest import Write
from tests.support import run_here

DEFAULTS: dict[str, Any] = {
    "version": 2,
    "packs": {"allowed": [], "blocked": [], "required": []},
    "connectors": {"blocked": []},
    "agents": {"maxHeartbeatFrequencySec": 60, "maxConcurrentAgents": 10},
    "general": {"allowCustomPacks": True, "allowGitInstall": True, "allowUrlInstall": True},
}


def test_without_a_file_the_defaults_are_shown(home: Path) -> None:
    assert view() == PolicyView("default", str(home / "policies.json"), DEFAULTS, None, None)
    assert not home.exists()


def test_the_file_is_shown_over_the_defaults_and_keeps_what_nobody_knows(write: Write) -> None:
    runtime = {"network": {"defaultAction": "deny", "note": None}}
    path = write({"packs": {"blocked": ["x"], "pinned": 1}, "general": {"orgName": "Org"}, "runtime": runtime, "x": None})

    shown = view()

    assert (shown.source, shown.path) == ("file", str(path))
    assert shown.policies == {
        **DEFAULTS,
        "packs": {"allowed": [], "blocked": ["x"], "required": [], "pinned": 1},
        "general": {**DEFAULTS["general"], "orgName": "Org"},
        "runtime": runtime,
        "x": None,
    }


@pytest.mark.parametrize(
    ("asked", "part", "value"),
    [
        ("packs", {"packs": {"allowed": [], "blocked": ["x"], "required": []}}, None),
        ("packs.blocked", {"packs": {"blocked": ["x"]}}, ["x"]),
        ("agents.maxConcurrentAgents", {"agents": {"maxConcurrentAgents": 10}}, 10),
        ("general.orgName", {"general": {"orgName": None}}, None),
        ("runtime.mode", {"runtime": {"mode": "a"}}, "a"),
        ("runtime", {"runtime": {"mode": "a"}}, {"mode": "a"}),
        ("version", {"version": 2}, 2),
    ],
)
def test_a_section_or_a_field_is_shown_alone(write: Write, asked: str, part: dict[str, Any], value: Any) -> None:
    write({"packs": {"blocked": ["x"]}, "runtime": {"mode": "a"}})
    shown = view(asked)
    assert (shown.policies, shown.selected) == (part, asked)
    assert shown.value == (part[asked] if asked == "packs" else value)


@pytest.mark.parametrize(("asked", "hint"), [("pakcs", "packs"), ("packs.bloked", "packs.blocked"), ("", "core fields")])
def test_a_part_that_there_is_not_gets_a_suggestion(asked: str, hint: str) -> None:
    with pytest.raises(NotFound) as caught:
        view(asked)
    assert caught.value.code == "policy.unknown_field"
    assert hint in (caught.value.hint or "")


def test_a_field_alone_is_printed_as_its_value(write: Write) -> None:
    write({"general": {"orgName": "Müller & Co"}, "packs": {"blocked": ["x"]}})
    assert run_here("admin", "policy", "get", "general.orgName").out == "Müller & Co\n"
    assert run_here("admin", "policy", "get", "packs.blocked").out == '[\n  "x"\n]\n'
    assert run_here("admin", "policy", "get", "agents.maxConcurrentAgents").out == "10\n"
