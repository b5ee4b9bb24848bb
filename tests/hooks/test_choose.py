"""Which handlers an event concerns: tool rules in matchers and in `if`, and each handler once.

The rules themselves are another room's; here a stand-in says yes to exactly one rule.
"""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import pytest

from cowork.hooks.dispatch import Hooks
from cowork.hooks.events import is_tool_rule
from cowork.hooks.records import Source
from tests.hooks.making import BASH, command, document, hooks

ASKED: list[Any] = []


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """A room of rules in which `Bash(ls)` and `Read(**)` fit and `Bash(((` cannot be judged."""

    class Places:
        def __init__(self, cwd: str, home: str, root: str) -> None:
            self.all = (cwd, home, root)

    def matches(rule_text: str, tool: str, arguments: Any, places: Any) -> bool:
        ASKED.append((rule_text, tool, arguments, places.all))
        if rule_text == "Bash(((":
            raise ValueError("unbalanced")
        return (rule_text, tool) in (("Bash(ls)", "Bash"), ("Read(**)", "Read"))

    import cowork.rules

    ASKED.clear()
    for name, attribute, value in (("places", "Places", Places), ("single", "matches", matches)):
        module = types.ModuleType(f"cowork.rules.{name}")
        setattr(module, attribute, value)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setattr(cowork.rules, name, module, raising=False)


def fired(tmp_path: Path, payload: Any = BASH, *, matcher: str | None = None, **more: Any) -> int:
    return len(hooks(tmp_path, "PreToolUse", command("true", **more), matcher=matcher).fire("PreToolUse", payload).ran)


@pytest.mark.parametrize(
    ("matcher", "yes"),
    [
        ("Bash(ls)", True),
        ("Read(**)", False),  # no expression at all, and a rule for another tool
        ("Bash(git *)", False),
        ("Ba(sh|r)", True),  # an expression that looks like a rule is still an expression
        ("(Bash)", True),
        ("mcp__a__b(x)", False),
    ],
)
def test_a_matcher_of_the_form_tool_and_specifier_is_a_tool_rule(tmp_path: Path, matcher: str, yes: bool) -> None:
    assert fired(tmp_path, matcher=matcher) == int(yes)


def test_the_rules_are_told_where_things_are(tmp_path: Path) -> None:
    source = Source("x", "project", root="/project", document=document("PreToolUse", command("true"), matcher="Bash(git *)"))

    Hooks([source], project=tmp_path).fire("PreToolUse", {**BASH, "cwd": "/elsewhere"})

    assert [("Bash(git *)", "Bash", {"command": "ls"}, ("/elsewhere", str(tmp_path / "user"), "/project"))] == ASKED


def test_what_looks_like_a_rule() -> None:
    for text in ("Bash(git *)", "Read(**)", "mcp__s__t(x)", "Bash()"):
        assert is_tool_rule(text)
    for text in (None, "", "Bash", "Edit|Write", "(Edit|Write)", "Bash(.*)$", "Edit|Bash(x)", "^Bash(x)"):
        assert not is_tool_rule(text)


def test_an_if_lets_a_handler_run_only_where_it_holds(tmp_path: Path) -> None:
    assert fired(tmp_path, matcher="Bash", **{"if": "Bash(ls)"}) == 1
    assert fired(tmp_path, matcher="Bash", **{"if": "Bash(rm *)"}) == 0
    assert fired(tmp_path, matcher="Edit", **{"if": "Bash(ls)"}) == 0


def test_an_if_where_there_is_no_tool_never_holds(tmp_path: Path) -> None:
    for rule in ("Bash(ls)", "Bash((("):
        assert hooks(tmp_path, "Stop", command("exit 2", **{"if": rule})).fire("Stop", {}).ran == []
    assert ASKED == []


def test_a_rule_that_cannot_be_judged_asks_the_guard(tmp_path: Path) -> None:
    merged = hooks(tmp_path, "PreToolUse", command("exit 2", **{"if": "Bash((("})).fire("PreToolUse", BASH)

    assert merged.blocked
    assert any("'Bash(((' cannot be judged" in error for error in merged.errors)


def test_without_arguments_there_is_nothing_to_judge_by_and_nothing_breaks(tmp_path: Path) -> None:
    assert fired(tmp_path, {"tool_name": "Bash", "tool_input": "ls"}, **{"if": "Bash(ls)"}) == 1
    assert ASKED[0][2] == {}


def test_files_that_repeat_each_other_run_a_handler_once_plugins_each_their_own(tmp_path: Path) -> None:
    def sources(*origins: str) -> list[Source]:
        return [Source(f"{n}", origin, document=document("Stop", command("true"))) for n, origin in enumerate(origins)]

    def ran(*origins: str) -> list[str]:
        return [ran.origin for ran in Hooks(sources(*origins), project=tmp_path).fire("Stop", {}).ran]

    assert ran("enterprise", "user", "project", "user") == ["enterprise"]
    assert ran("user", "plugin", "plugin") == ["user", "plugin", "plugin"]
    assert ran("plugin", "user") == ["plugin", "user"]


@pytest.mark.parametrize("more", [{"args": ["x"]}, {"if": "Bash(ls)"}, {"onError": "closed"}, {"shell": "bash"}])
def test_handlers_that_do_not_do_the_same_both_run(tmp_path: Path, more: dict[str, Any]) -> None:
    both = hooks(tmp_path, "PreToolUse", command("true"), command("true", **more)).fire("PreToolUse", BASH)
    once = hooks(tmp_path, "PreToolUse", command("true"), command("true", timeout=5, statusMessage="x")).fire(
        "PreToolUse", BASH
    )

    assert (len(both.ran), len(once.ran)) == (2, 1)
