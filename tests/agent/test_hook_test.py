"""`hook list` and `hook test`: what would run and why not, and what really happens when it does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.hooks.making import command, document, written
from tests.support import Ran, run_here

EVENT = json.dumps({"tool_name": "Bash", "tool_input": {"command": "ls"}})


def install(home: Path, *handlers: Any, event: str = "PreToolUse", matcher: str = "Bash") -> None:
    written(home / "hooks.json", document(event, *handlers, matcher=matcher))


def test(*argv: str, stdin: str = EVENT) -> Ran:
    return run_here("hook", "test", *argv, "--json", stdin=stdin)


test.__test__ = False  # type: ignore[attr-defined]


def test_each_handler_is_run_and_its_end_shown(home: Path, tmp_path: Path) -> None:
    install(home, command("cat; exit 1"), command("echo '\x1b[31mno' >&2; exit 2"), command("sleep 600", timeout=0.2))

    ran = test("PreToolUse", "--input", "-")

    assert ran.code == 0
    ended = [(item["exit_code"], item["timed_out"], item["problem"], item["origin"]) for item in ran.data["items"]]
    assert ended == [(1, False, "", "user"), (2, False, "", "user"), (-9, True, "", "user")]
    assert json.loads(ran.data["items"][0]["stdout"])["hook_event_name"] == "PreToolUse"
    assert (ran.data["blocked"], ran.data["reason"]) == (True, "\x1b[31mno")
    person = run_here("hook", "test", "PreToolUse", "--input", "-", stdin=EVENT)
    assert "\x1b" not in person.out
    assert "\\u001b[31mno" in person.out


def test_the_event_may_be_an_option_and_the_input_a_file(home: Path) -> None:
    install(home, command("exit 2"))
    Path("event.json").write_text(EVENT)

    assert test("--event", "PreToolUse", "--input", "event.json").data["blocked"]
    assert test("--input", "event.json").code == 2
    assert test("Stop", "--event", "Stop", "--input", "event.json").code == 2
    assert test("PreToolUse").code == 2


def test_a_dry_run_names_what_would_run_and_runs_nothing(home: Path, tmp_path: Path) -> None:
    install(home, command(f"touch {tmp_path / 'ran'}"))

    data = test("PreToolUse", "--input", "-", "--dry-run").data

    assert [(step["action"], step["target"]) for step in data["plan"]] == [("run", f"touch {tmp_path / 'ran'}")]
    assert not (tmp_path / "ran").exists()
    assert test("PreToolUse", "--input", "-", "--dry-run", stdin='{"tool_name": "Edit"}').data["plan"][0]["target"] == "nothing"


def test_input_that_is_no_event_is_refused(home: Path) -> None:
    for stdin in ("", "{", "[]", '{"hook_event_name": "Stop"}', "[" * 100_000):
        ran = test("PreToolUse", "--input", "-", stdin=stdin)
        assert (ran.code, ran.document["error"]["code"]) == (4, "hook.bad_input")
    assert test("PreToolUse", "--input", "missing.json").document["error"]["code"] == "hook.no_input"
    assert test("PreToolUse", "--input", ".").document["error"]["code"] == "hook.no_input"
    assert test("PreToolUze", "--input", "-").document["error"]["hint"] == "did you mean 'PreToolUse'?"


def test_the_list_says_where_each_hook_is_from_and_why_one_does_not_run(home: Path, tmp_path: Path) -> None:
    install(home, command("mine", timeout=5, onError="closed", **{"if": "Bash(ls)"}))
    written(tmp_path / "user/.claude/settings.json", document("Elicitation", {"type": "http", "url": "https://x"}))
    written(tmp_path / "work/.claude/settings.json", document("Stop", command("theirs")))
    written(tmp_path / "work/.claude/plugins/p/hooks/hooks.json", document("Stop", command("plugin's", **{"if": "Bash(ls)"})))

    def rows() -> list[tuple[Any, ...]]:
        items = run_here("hook", "list", "--json").data["items"]
        return [(item["event"], item["command"], item["origin"], item["scope"], item["runs"], item["why"]) for item in items]

    untrusted = f"{tmp_path / 'work'} is not trusted: nobody said so yet"
    assert rows() == [
        ("PreToolUse", "mine", "user", "user", True, ""),
        ("Stop", "theirs", "project", "project", False, untrusted),
        ("Stop", "plugin's", "plugin", "project", False, untrusted),
        ("Elicitation", "https://x", "user", "user", False, "cowork does not fire Elicitation"),
    ]
    first = run_here("hook", "list", "--event", "PreToolUse", "--json").data["items"]
    assert [(item["matcher"], item["condition"], item["timeout"], item["on_error"], item["place"]) for item in first] == [
        ("Bash", "Bash(ls)", 5, "closed", "hooks.PreToolUse[0].hooks[0]")
    ]

    assert run_here("hook", "list", "--event", "Elicitation", "--json").data["count"] == 1
    assert run_here("hook", "list", "--event", "PreTool", "--json").code == 3

    assert run_here("config", "trust", "--yes").code == 0
    assert [row[4:] for row in rows()][1:3] == [(True, ""), (False, "it has an 'if', and Stop is about no tool")]


def test_a_malformed_hook_is_a_warning_with_its_line(home: Path) -> None:
    install(home, {"type": "command"}, command("good"))

    document = run_here("hook", "list", "--json").document

    assert document["data"]["count"] == 1
    assert [warning["code"] for warning in document["warnings"]] == ["hook.malformed"]
    assert f"{home / 'hooks.json'}:1: hooks.PreToolUse[0].hooks[0]" in document["warnings"][0]["message"]


def test_all_events_of_the_host_are_listed_those_that_are_fired_first() -> None:
    items = run_here("hook", "events", "--json").data["items"]

    assert len(items) == 31
    assert [item["event"] for item in items if item["fired"]] == [item["event"] for item in items[:9]]
    assert {item["event"] for item in items if item["can_block"]} == {
        "UserPromptSubmit", "PreToolUse", "PostToolUse", "Stop", "SubagentStop", "PreCompact",
    }  # fmt: skip


def test_the_events_are_those_that_plugins_are_checked_against() -> None:
    from cowork.formats.hooks_json import EVENTS as KNOWN
    from cowork.hooks.events import EVENTS, OTHERS

    assert set(EVENTS) | set(OTHERS) == KNOWN
    assert not set(EVENTS) & set(OTHERS)
