"""The shape of a plugin's hooks file."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from cowork.formats.hooks_json import problems
from cowork.formats.problem import RULES
from tests.formats.fuzz import broken
from tests.formats.samples import changed

FULL: dict[str, Any] = {
    "description": "d",
    "hooks": {
        "PreToolUse": [
            {"matcher": "Edit|Write", "hooks": [{"type": "command", "command": "x", "timeout": 10, "async": True}]},
            {"hooks": [{"type": "prompt", "prompt": "Is $ARGUMENTS fine?"}, {"type": "agent", "prompt": "x"}]},
        ],
        "Stop": [{"hooks": [{"type": "http", "url": "https://x"}, {"type": "mcp_tool", "server": "s", "tool": "t"}]}],
    },
}
GROUP, HANDLER = "hooks.PreToolUse.0", "hooks.PreToolUse.0.hooks.0"


def read(document: Any) -> list[tuple[str, str, str]]:
    found = problems(document, file="hooks.json")
    assert all(problem.rule in RULES and problem.fix for problem in found)
    return [(problem.where, problem.rule, problem.severity) for problem in found]


def test_every_kind_of_handler_is_known() -> None:
    assert read(FULL) == []


def test_an_unknown_event_is_warned_about() -> None:
    assert read({"hooks": {"PreTool": []}}) == [("$.hooks.PreTool", "hooks.event", "warning")]


@pytest.mark.parametrize("document", [None, [], {}, {"PreToolUse": []}, {"hooks": []}])
def test_events_stand_under_hooks(document: Any) -> None:
    assert read(document) == [("$.hooks", "hooks.type", "error")]


@pytest.mark.parametrize(
    ("path", "value", "place", "rule"),
    [
        ("hooks.PreToolUse", {}, "$.hooks.PreToolUse", "hooks.type"),
        (GROUP, "x", "$.hooks.PreToolUse[0].hooks", "hooks.type"),
        (f"{GROUP}.hooks", {}, "$.hooks.PreToolUse[0].hooks", "hooks.type"),
        (f"{GROUP}.matcher", ["Edit"], "$.hooks.PreToolUse[0].matcher", "hooks.type"),
        (HANDLER, "x", "$.hooks.PreToolUse[0].hooks[0]", "hooks.type"),
        (f"{HANDLER}.type", "mcptool", "$.hooks.PreToolUse[0].hooks[0].type", "hooks.value"),
        (f"{HANDLER}.type", ["command"], "$.hooks.PreToolUse[0].hooks[0].type", "hooks.value"),
        (f"{HANDLER}.command", " ", "$.hooks.PreToolUse[0].hooks[0].command", "hooks.value"),
        (f"{HANDLER}.timeout", "10", "$.hooks.PreToolUse[0].hooks[0].timeout", "hooks.value"),
        (f"{HANDLER}.timeout", True, "$.hooks.PreToolUse[0].hooks[0].timeout", "hooks.value"),
        (f"{HANDLER}.timeout", 0, "$.hooks.PreToolUse[0].hooks[0].timeout", "hooks.value"),
    ],
)
def test_a_wrong_shape_is_an_error_with_its_place(path: str, value: Any, place: str, rule: str) -> None:
    assert read(changed(FULL, path, value)) == [(place, rule, "error")]


@given(broken(FULL))
@settings(deadline=None, max_examples=150)
def test_whatever_the_document_there_are_problems_or_none(document: Any) -> None:
    read(document)
