"""Permissions from settings files: what narrows is never lost, and what cannot be read lets nothing run."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.errors import Denied
from cowork.formats.problem import RULES
from cowork.formats.settings_json import parse
from cowork.registry.settings_files import read, read_or_refuse
from tests.formats.fuzz import broken
from tests.registry.places import write


def settings(directory: Path, name: str = "settings.json", **permissions: Any) -> Path:
    return write(directory / name, json.dumps({"model": "opus", "permissions": permissions}, indent=1))


def test_every_layers_file_is_read_the_strongest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COWORK_ENTERPRISE_CONFIG", str(tmp_path / "managed"))
    settings(tmp_path / "managed", deny=["WebFetch"])
    settings(tmp_path / "user" / ".claude", allow=["Read"])
    settings(tmp_path / "work" / ".claude", ask=["Bash(git push *)"])
    settings(tmp_path / "work" / ".claude", "settings.local.json", allow=["Bash(ls *)"], additionalDirectories=["../x"])
    found = read_or_refuse()
    assert [(item.scope, item.needs_trust) for item in found] == [
        ("enterprise", False),
        ("local", True),
        ("project", True),
        ("user", False),
    ]
    assert [item.permissions.deny for item in found] == [("WebFetch",), (), (), ()]
    assert found[1].permissions.additional_directories == ("../x",)
    assert found[2].root == tmp_path / "work"


def test_a_file_without_permissions_says_nothing(tmp_path: Path) -> None:
    write(tmp_path / "work" / ".claude" / "settings.json", '{"hooks": {}}')
    write(tmp_path / "user" / ".claude" / "settings.json", "")
    assert [(item.permissions.complete, item.problems) for item in read_or_refuse()] == [(True, ()), (True, ())]


def test_deny_rules_that_can_be_read_count_and_the_bad_one_is_placed(tmp_path: Path) -> None:
    path = settings(tmp_path / "work" / ".claude", deny=["Bash(rm *)", 3, "Read(.env)"], allow=[None, "Read"])
    (item,) = read()
    assert item.permissions.deny == ("Bash(rm *)", "Read(.env)")
    assert item.permissions.allow == ("Read",)
    lines = path.read_text().splitlines()
    assert {(problem.rule, problem.severity, lines[(problem.line or 0) - 1].strip(" ,")) for problem in item.problems} == {
        ("settings.rule", "error", "3"),
        ("settings.rule", "warning", "null"),
    }
    with pytest.raises(Denied) as refused:
        read_or_refuse()
    assert refused.value.code == "settings.unreadable"
    assert str(path) in refused.value.message


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"permissions": []}', '{"permissions": {"deny": {}}}', '{"permissions": {"ask": 1}}']
)
def test_under_a_file_that_cannot_be_read_nothing_runs(text: str, tmp_path: Path) -> None:
    write(tmp_path / "work" / ".claude" / "settings.json", text)
    with pytest.raises(Denied):
        read_or_refuse()


def test_a_file_that_is_no_file_refuses_too(tmp_path: Path) -> None:
    (tmp_path / "work" / ".claude").mkdir()
    os.mkfifo(tmp_path / "work" / ".claude" / "settings.json")
    assert [item.readable for item in read()] == [False]
    with pytest.raises(Denied):
        read_or_refuse()


def test_a_bad_allow_list_or_mode_only_loses_itself(tmp_path: Path) -> None:
    settings(tmp_path / "work" / ".claude", allow={}, defaultMode="yolo", deny="Bash", disableBypassPermissionsMode="disable")
    (item,) = read_or_refuse()
    permissions = item.permissions
    assert (permissions.allow, permissions.deny, permissions.default_mode, permissions.disable_bypass) == (
        (),
        ("Bash",),
        None,
        True,
    )


FULL = {
    "permissions": {
        "allow": ["Read"],
        "ask": ["Bash"],
        "deny": ["Write"],
        "defaultMode": "plan",
        "additionalDirectories": ["x"],
    }
}


@given(document=st.deferred(lambda: broken(FULL)))
def test_any_json_is_read_and_every_problem_is_a_known_rule(document: Any) -> None:
    permissions, problems = parse(document, file="f")
    assert {problem.rule for problem in problems} <= set(RULES)
    assert all(isinstance(rule, str) for rule in (*permissions.allow, *permissions.ask, *permissions.deny))
