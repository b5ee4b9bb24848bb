"""`prompt check-tool`: a verdict with its rule and reason, and an exit code to script against."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import Ran, run_here


def check(*options: str, tool: str = "Bash", **arguments: object) -> Ran:
    return run_here("prompt", "check-tool", "--json", "--tool", tool, "--input", json.dumps(arguments), *options)


def test_an_allowed_call_names_its_rule_and_exits_0() -> None:
    ran = check("--allow", "Bash(git *)", command="git status")
    assert ran.code == 0
    assert ran.data["allowed"] is True
    assert (ran.data["outcome"], ran.data["rule"], ran.data["source"]) == ("allow", "Bash(git *)", "allow")
    assert ran.data["reason"]


def test_a_denied_call_exits_6_with_the_verdict_as_data() -> None:
    ran = check("--allow", "Bash", "--deny", "Bash(rm:*)", command="echo $(sudo rm x)")
    assert (ran.code, ran.document["error"]["code"]) == (6, "tool.denied")
    assert (ran.data["allowed"], ran.data["outcome"], ran.data["rule"], ran.data["source"]) == (
        False,
        "deny",
        "Bash(rm:*)",
        "deny",
    )
    assert ran.document["error"]["details"]["rule"] == "Bash(rm:*)"
    assert "sudo rm x" in ran.document["error"]["details"]["cause"]


def test_a_call_that_no_rule_covers_is_denied_without_a_rule() -> None:
    ran = check("--allow", "Bash(git:*)", command="gitk")
    assert (ran.code, ran.data["rule"], ran.data["source"]) == (6, None, "allow")
    assert "gitk" in ran.data["reason"]


def test_without_allow_rules_nothing_is_restricted_but_what_is_denied() -> None:
    assert check(command="anything at all $(x)").code == 0
    assert check("--deny", "Bash(rm:*)", command="ls").code == 0
    assert check("--deny", "Bash(rm:*)", command="rm x").code == 6


def test_nobody_is_asked_so_ask_is_a_denial_after_deny_and_before_allow() -> None:
    ran = check("--allow", "Bash", "--ask", "Bash(git push:*)", command="git -C x push")
    assert (ran.code, ran.data["outcome"], ran.data["rule"]) == (6, "ask", "Bash(git push:*)")
    assert check("--ask", "Bash", "--deny", "Bash", command="ls").data["outcome"] == "deny"
    assert check("--allow", "Bash(ls)", "--ask", "Bash(rm:*)", command="ls").code == 0


def test_harmless_commands_need_a_rule_like_any_other_unless_the_set_is_to_count() -> None:
    assert check("--allow", "Read", command="ls").code == 6
    ran = check("--allow", "Read", "--readonly-set", command="ls | head -3")
    assert (ran.code, ran.data["source"], ran.data["rule"]) == (0, "built-in", None)
    assert check("--allow", "Read", "--readonly-set", command="ls | sh").code == 6
    assert check("--deny", "Bash(ls:*)", "--readonly-set", command="ls").code == 6
    assert check("--allow", "Read", "--readonly-set", tool="Edit", file_path="a").code == 6


def test_the_set_is_listed_without_a_tool() -> None:
    ran = run_here("prompt", "check-tool", "--readonly-set", "--json")
    assert ran.code == 0
    assert "ls" in ran.data["items"]
    assert ran.data["items"] == sorted(ran.data["items"])
    assert "Built-in" in run_here("prompt", "check-tool", "--readonly-set").out


def test_paths_begin_in_the_directory_that_is_given(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    there = ("--cwd", str(tmp_path / "inside"), "--allow", "Read(./**)")
    assert check(*there, tool="Read", file_path=str(tmp_path / "inside" / "a")).code == 0
    assert check(*there, tool="Read", file_path="../a").code == 6
    ran = check("--cwd", str(tmp_path / "none"), command="ls")
    assert (ran.code, ran.document["error"]["code"]) == (4, "tool.bad_cwd")


@pytest.mark.parametrize("text", ["", "{", "[]", '"ls"', "null", "1", "[" * 100_000])
def test_input_that_is_no_object_exits_4(text: str) -> None:
    ran = run_here("prompt", "check-tool", "--tool", "Bash", "--input", text, "--json")
    assert (ran.code, ran.document["error"]["code"]) == (4, "tool.bad_input")


def test_no_tool_is_a_usage_error() -> None:
    ran = run_here("prompt", "check-tool", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, "usage.no_tool")


def test_a_person_reads_the_verdict_and_no_escape_of_a_command() -> None:
    ran = run_here("prompt", "check-tool", "--tool", "Bash", "--allow", "Bash(ls)", "--input", '{"command": "x\\u001b[2J"}')
    assert ran.code == 6
    assert "denied" in ran.out
    assert "\x1b" not in ran.out + ran.err
    ran = run_here(
        "prompt", "check-tool", "--tool", "Bash", "--deny", "Bash(a*)", "--input", '{"command": "a [red]\\u001b]0;x"}'
    )
    assert "\x1b" not in ran.out + ran.err
