"""The permission gate: rules, hooks, policies and modes decide in this order, and nobody being there means no."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.agent.runs import results, verdicts, work
from tests.agent.scripted_model import call, turn


def settings(where: Path, **permissions: object) -> None:
    (where / ".claude").mkdir(parents=True, exist_ok=True)
    (where / ".claude" / "settings.json").write_text(json.dumps({"permissions": permissions}))


def one(monkeypatch: pytest.MonkeyPatch, name: str, *argv: str, **arguments: object) -> tuple[str, str, str]:
    """The verdict on one call, who gave it, and what the model is told."""
    ran, model = work(monkeypatch, [turn("", call(name, **arguments)), turn("Done.")], "Go", *argv)
    assert ran.code == 0, ran
    ((_, verdict, by),) = verdicts(ran)
    return verdict, by, results(model)[0]


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("Read", {"file_path": "a.txt"}, ("allowed", "mode")),
        ("Glob", {"pattern": "*"}, ("allowed", "mode")),
        ("Grep", {"pattern": "a"}, ("allowed", "mode")),
        ("TodoWrite", {"todos": []}, ("allowed", "mode")),
        ("Bash", {"command": "git status"}, ("allowed", "mode")),
        ("Bash", {"command": "ls | wc -l"}, ("allowed", "mode")),
        ("Bash", {"command": "git push"}, ("denied", "mode")),
        ("Bash", {"command": "cat ../secret"}, ("denied", "mode")),
        ("Bash", {"command": "ls > out"}, ("denied", "mode")),
        ("Write", {"file_path": "b.txt", "content": "x"}, ("denied", "mode")),
        ("Edit", {"file_path": "a.txt", "old_string": "a", "new_string": "b"}, ("denied", "mode")),
        ("WebFetch", {"url": "https://example.com", "prompt": "what"}, ("denied", "mode")),
        ("Read", {"file_path": "/etc/passwd"}, ("denied", "mode")),
        ("Read", {"file_path": "../x"}, ("denied", "mode")),
        ("Read", {"file_path": "~/x"}, ("denied", "mode")),
        ("Read", {"file_path": "link"}, ("denied", "mode")),
        ("Glob", {"pattern": "*", "path": "/etc"}, ("denied", "mode")),
    ],
    ids=str,
)
def test_without_rules_an_agent_looks_around_in_its_workspace_and_no_more(
    monkeypatch: pytest.MonkeyPatch, name: str, arguments: dict[str, object], expected: tuple[str, str]
) -> None:
    Path("a.txt").write_text("a\n")
    Path("link").symlink_to("/etc/passwd")
    verdict, by, _ = one(monkeypatch, name, **arguments)
    assert (verdict, by) == expected


def test_a_denial_where_nobody_can_be_asked_names_the_rule_that_would_allow_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Bash(npm test)" in one(monkeypatch, "Bash", command="npm test")[2]
    assert "Edit(./src/a.py)" in one(monkeypatch, "Write", file_path="src/a.py", content="")[2]
    assert "Read(//etc/passwd)" in one(monkeypatch, "Read", file_path="/etc/passwd")[2]
    assert "WebFetch(domain:example.com)" in one(monkeypatch, "WebFetch", url="https://example.com/x", prompt="p")[2]


def test_the_rule_that_was_named_allows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert one(monkeypatch, "Bash", "--allow", "Bash(touch made)", command="touch made")[:2] == ("allowed", "rule")
    assert Path("made").exists()
    assert one(monkeypatch, "Write", "--allow", "Edit(./b.txt)", file_path="b.txt", content="x")[:2] == ("allowed", "rule")
    assert one(monkeypatch, "Read", "--allow", "Read(//etc/hostname)", file_path="/etc/hostname")[:2] == ("allowed", "rule")


def test_a_bare_rule_does_not_lead_out_of_the_workspace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert one(monkeypatch, "Read", "--allow", "Read", file_path="/etc/hostname")[0] == "denied"
    out = tmp_path / "out.txt"
    assert one(monkeypatch, "Write", "--allow", "Write", file_path=str(out), content="x")[0] == "denied"
    assert not out.exists()


@pytest.mark.parametrize("mode", ["default", "acceptEdits", "plan", "bypass"])
def test_denials_hold_in_every_mode_and_against_every_allow_rule(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    settings(Path.home(), deny=["Bash(touch *)", "Read(./secret.txt)"])
    Path("secret.txt").write_text("s\n")
    more = ["--permission-mode", mode, "--allow", "Bash(touch *)", "--allow", "Read(./secret.txt)"]
    assert one(monkeypatch, "Bash", *more, command="touch x")[:2] == ("denied", "rule")
    assert one(monkeypatch, "Bash", *more, command="timeout 5 touch x")[:2] == ("denied", "rule")
    assert one(monkeypatch, "Read", *more, file_path="./secret.txt")[:2] == ("denied", "rule")
    assert not Path("x").exists()


def test_what_may_not_be_read_is_not_found_by_a_search_either(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("secret.txt").write_text("needle\n")
    Path("open.txt").write_text("needle\n")
    told = one(monkeypatch, "Grep", "--deny", "Read(./secret.txt)", pattern="needle")[2]
    assert "open.txt" in told
    assert "secret.txt" not in told


def test_an_ask_rule_is_a_denial_where_nobody_can_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    settings(Path.home(), ask=["Bash(git status)"], allow=["Bash(git *)"])
    assert one(monkeypatch, "Bash", command="git status")[:2] == ("denied", "rule")
    assert one(monkeypatch, "Bash", command="git diff")[:2] == ("allowed", "rule")


def test_modes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert one(monkeypatch, "Write", "--permission-mode", "acceptEdits", file_path="a", content="x")[:2] == ("allowed", "mode")
    assert one(monkeypatch, "Bash", "--permission-mode", "acceptEdits", command="touch b")[0] == "denied"
    assert one(monkeypatch, "Write", "--permission-mode", "plan", file_path="c", content="x")[0] == "denied"
    assert one(monkeypatch, "Read", "--permission-mode", "plan", file_path="a")[0] == "allowed"
    assert one(monkeypatch, "Bash", "--permission-mode", "bypass", command="touch d")[:2] == ("allowed", "mode")
    assert [Path(name).exists() for name in "abcd"] == [True, False, False, True]


@pytest.mark.parametrize(
    "path",
    [
        ".git/hooks/pre-commit", ".claude/settings.json", ".mcp.json", "sub/.git/config", ".envrc", ".GIT/config",
        ".Claude/agents/x.md", ".vscode/tasks.json",
    ],
)  # fmt: skip
def test_accepting_edits_does_not_mean_writing_what_runs_later(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    verdict, by, _ = one(monkeypatch, "Write", "--permission-mode", "acceptEdits", file_path=path, content="x")
    assert (verdict, by) == ("denied", "mode")
    assert not Path(path).exists()


def test_a_link_swapped_after_the_verdict_leads_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two calls side by side cannot do it; a link into the outside is refused whenever it is looked at."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("s\n")
    Path("door").symlink_to(outside)
    assert one(monkeypatch, "Read", file_path="door/secret")[0] == "denied"
    assert one(monkeypatch, "Write", "--permission-mode", "acceptEdits", file_path="door/new", content="x")[0] == "denied"
    assert not (outside / "new").exists()


def test_a_settings_file_that_cannot_be_read_lets_nothing_run(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    (Path.home() / ".claude").mkdir()
    for text in ("{", "[]", '{"permissions": []}', '{"permissions": {"deny": 1}}', '{"permissions": {"deny": [1]}}'):
        (Path.home() / ".claude" / "settings.json").write_text(text)
        ran, model = work(monkeypatch, [], "Go")
        assert (ran.code, ran.document["error"]["code"]) == (6, "settings.unreadable"), text
        assert model.requests == []
    assert not (home / "sessions").exists()


def test_a_project_that_is_not_trusted_denies_and_does_not_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    settings(Path(), allow=["Bash(touch *)"], deny=["Bash(ls *)"], defaultMode="bypassPermissions")
    assert one(monkeypatch, "Bash", command="touch x")[:2] == ("denied", "mode")
    assert one(monkeypatch, "Bash", command="ls -l")[:2] == ("denied", "rule")


def test_a_rule_that_denies_a_whole_tool_takes_it_out_of_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    ran, model = work(monkeypatch, [turn("", call("Bash", command="ls")), turn("Done.")], "Go", "--deny", "Bash")
    assert "Bash" not in model.requests[0].offered
    assert verdicts(ran) == [("Bash", "invalid", "schema")]


def test_a_rule_that_is_none_is_refused_before_anything_begins(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    ran, _ = work(monkeypatch, [], "Go", "--allow", "Bash(")
    assert (ran.code, ran.document["error"]["code"]) == (4, "tool.bad_rule")
    assert not (home / "sessions").exists()


def test_where_somebody_can_be_asked_the_word_counts_and_hooks_hear_of_the_question(home: Path, tmp_path: Path) -> None:
    """The gate with a person's answers in place of the terminal's, which is what the command line hands in."""
    from tests.agent.gates import gate_with

    heard: list[str] = []
    asked: list[str] = []

    async def ask(tool: str, _arguments: object, why: str) -> bool:
        asked.append(f"{tool}: {why}")
        return len(asked) == 1

    judge = gate_with(tmp_path / "work", ask, heard.append)
    assert judge("Bash", command="touch a").by == "user"
    assert not judge("Bash", command="touch b").allowed
    assert judge("Read", file_path="x").by == "mode"
    assert len(asked) == 2
    assert heard == ["PreToolUse", "Notification", "PreToolUse", "Notification", "PreToolUse"]


def test_plan_mode_forbids_what_rules_and_hooks_allow(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    more = ["--permission-mode", "plan", "--allow", "Bash(touch x)", "--allow", "Edit(./y)"]
    assert one(monkeypatch, "Bash", *more, command="touch x")[:2] == ("denied", "mode")
    assert one(monkeypatch, "Write", *more, file_path="y", content="")[:2] == ("denied", "mode")
    home.mkdir(exist_ok=True)
    decision = {"hookSpecificOutput": {"hookEventName": "PreToolUse", "permissionDecision": "allow"}}
    handler = {"type": "command", "command": f"echo '{json.dumps(decision)}'"}
    (home / "hooks.json").write_text(json.dumps({"hooks": {"PreToolUse": [{"hooks": [handler]}]}}))
    assert one(monkeypatch, "Bash", *more, command="touch x")[:2] == ("denied", "mode")
    assert not Path("x").exists()
