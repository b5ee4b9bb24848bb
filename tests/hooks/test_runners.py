"""Handlers that are no commands: runners answer them, and the session survives whatever those do."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from cowork.hooks.records import Handler, Ran
from tests.hooks.making import BASH, command, hooks

HTTP = {"type": "http", "url": "http://127.0.0.1:1/hook", "headers": {"X-Key": "$KEY"}, "allowedEnvVars": ["KEY"]}
DENY = {"hookSpecificOutput": {"hookEventName": "PreToolUse", "permissionDecision": "deny", "permissionDecisionReason": "no"}}


def saying(text: str, code: int = 0) -> Any:
    def runner(handler: Handler, stdin: str, stopping: threading.Event) -> Ran:
        return Ran(handler.label, code, text, "why")

    return runner


def test_a_runner_gets_the_handler_as_it_was_written_and_the_event(tmp_path: Path) -> None:
    seen: list[Any] = []

    def runner(handler: Handler, stdin: str, stopping: threading.Event) -> Ran:
        seen.append((handler.kind, handler.fields, handler.timeout, json.loads(stdin), stopping.is_set()))
        return Ran(handler.label, 0, "", "")

    hooks(tmp_path, "PreToolUse", HTTP, runners={"http": runner}).fire("PreToolUse", BASH)

    assert seen == [("http", HTTP, 600.0, {**BASH, "hook_event_name": "PreToolUse"}, False)]


def test_what_a_runner_says_counts_as_what_a_command_says(tmp_path: Path) -> None:
    merged = hooks(tmp_path, "PreToolUse", HTTP, command("true"), runners={"http": saying(json.dumps(DENY))}).fire(
        "PreToolUse", BASH
    )

    assert (merged.blocked, merged.decision, merged.decision_reason) == (True, "deny", "no")
    assert [ran.command for ran in merged.ran] == ["http://127.0.0.1:1/hook", "true"]
    assert merged.ran[0].origin == "user"
    assert hooks(tmp_path, "PreToolUse", HTTP, runners={"http": saying("", 2)}).fire("PreToolUse", BASH).reason == "why"


@pytest.mark.parametrize("kind", ["http", "mcp_tool", "prompt", "agent", "novelty"])
def test_a_handler_that_nobody_can_run_blocks_where_that_is_possible(tmp_path: Path, kind: str) -> None:
    handler = {"type": kind, "url": "u", "server": "s", "tool": "t", "prompt": "p"}

    merged = hooks(tmp_path, "PreToolUse", handler).fire("PreToolUse", BASH)
    assert merged.blocked
    assert f"there is nothing here that runs handlers of type '{kind}'" in merged.reason

    told = hooks(tmp_path, "SessionEnd", handler).fire("SessionEnd", {})
    assert (told.blocked, told.exit_code, len(told.errors)) == (False, 0, 1)


def test_an_unknown_handler_for_another_tool_is_nobodys_business(tmp_path: Path) -> None:
    assert not hooks(tmp_path, "PreToolUse", {"type": "novelty"}, matcher="Edit").fire("PreToolUse", BASH).blocked


@pytest.mark.parametrize("on_error", ["open", "closed"])
def test_a_runner_that_raises_is_a_failure_of_its_handler(tmp_path: Path, on_error: str) -> None:
    def runner(handler: Handler, stdin: str, stopping: threading.Event) -> Ran:
        raise ConnectionError("refused")

    merged = hooks(tmp_path, "PreToolUse", {**HTTP, "onError": on_error}, runners={"http": runner}).fire("PreToolUse", BASH)

    assert merged.blocked is (on_error == "closed")
    assert "ConnectionError: refused" in merged.errors[0]


def test_a_runner_that_answers_with_something_else_is_a_failure(tmp_path: Path) -> None:
    runners: Any = {"http": lambda *_: {"decision": "approve"}}

    assert "answered with dict" in hooks(tmp_path, "PreToolUse", HTTP, runners=runners).fire("PreToolUse", BASH).errors[0]


def test_a_runner_that_hangs_is_told_to_end_and_left_behind(tmp_path: Path) -> None:
    told, let_go = threading.Event(), threading.Event()

    def runner(handler: Handler, stdin: str, stopping: threading.Event) -> Ran:
        stopping.wait(60)
        told.set()
        let_go.wait(60)
        return Ran(handler.label, 2, "", "too late")

    merged = hooks(tmp_path, "PreToolUse", {**HTTP, "timeout": 0.2}, runners={"http": runner}).fire("PreToolUse", BASH)

    assert (merged.blocked, merged.ran[0].timed_out) == (False, True)
    assert told.wait(60)
    let_go.set()


def test_a_runner_and_a_command_work_at_the_same_time(tmp_path: Path) -> None:
    def runner(handler: Handler, stdin: str, stopping: threading.Event) -> Ran:
        (tmp_path / "go").write_text("")  # a command waits to read it
        return Ran(handler.label, 0, "", "")

    import os

    os.mkfifo(tmp_path / "go")
    merged = hooks(tmp_path, "Stop", command(f"cat {tmp_path / 'go'}", timeout=30), HTTP, runners={"http": runner}).fire(
        "Stop", {}
    )

    assert [ran.timed_out for ran in merged.ran] == [False, False]
