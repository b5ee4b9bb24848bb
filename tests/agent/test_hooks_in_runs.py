"""Hooks of a run: they see every event, may forbid, change and add, and what they change is judged again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.agent.runs import journal, results, verdicts, work
from tests.agent.scripted_model import call, turn


def hooks(home: Path, **events: object) -> None:
    """The user's own hooks: event -> command, or -> (matcher, command)."""
    home.mkdir(exist_ok=True)
    document = {}
    for event, said in events.items():
        matcher, command = said if isinstance(said, tuple) else (None, said)
        document[event] = [{"matcher": matcher or "", "hooks": [{"type": "command", "command": command}]}]
    (home / "hooks.json").write_text(json.dumps({"hooks": document}))


def answer(event: str, **specific: object) -> str:
    """A command that prints a decision in Claude Code's form."""
    text = json.dumps({"hookSpecificOutput": {"hookEventName": event, **specific}})
    return f"cat <<'END'\n{text}\nEND"


TOUCH = [turn("", call("Bash", command="touch made")), turn("Done.")]


def test_every_event_of_a_run_reaches_its_hooks_with_what_it_is_about(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    log = Path("events.jsonl").absolute()
    names = ("SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "Stop", "SessionEnd")
    hooks(home, **dict.fromkeys(names, f"cat >> {log}; echo >> {log}"))
    Path("a.txt").write_text("hello\n")
    work(monkeypatch, [turn("", call("Read", file_path="a.txt")), turn("It says hello.")], "Read", "it")
    seen = [json.loads(line) for line in log.read_text().splitlines() if line]
    assert [item["hook_event_name"] for item in seen] == list(names)
    start, prompt, before, after, stop, end = seen
    assert {item["session_id"] for item in seen} == {journal(home)[0]["data"]["session"]}
    assert (start["source"], end["reason"]) == ("startup", "other")
    assert prompt["prompt"] == "Read it"
    assert (before["tool_name"], before["tool_input"]) == ("Read", {"file_path": "a.txt"})
    assert after["tool_response"]["numLines"] == 1
    assert (stop["stop_hook_active"], stop["last_assistant_message"]) == (False, "It says hello.")
    assert Path(start["transcript_path"]).name == "journal.jsonl"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("echo no >&2; exit 2", "no"),
        (answer("PreToolUse", permissionDecision="deny", permissionDecisionReason="not here"), "not here"),
        ('echo \'{"decision": "block", "reason": "old style"}\'', "old style"),
        (answer("PostToolUse", permissionDecision="deny"), "PreToolUse"),
        (answer("PreToolUse", permissionDecision="perhaps"), "perhaps"),
        ("echo '{not json'", ""),
    ],
)
def test_a_hook_forbids_a_call_that_everything_else_allows(
    monkeypatch: pytest.MonkeyPatch, home: Path, command: str, reason: str
) -> None:
    hooks(home, PreToolUse=("Bash", command))
    ran, model = work(monkeypatch, TOUCH, "Go", "--permission-mode", "bypass")
    assert verdicts(ran) == [("Bash", "denied", "hook")]
    assert reason in results(model)[0]
    assert not Path("made").exists()


def test_a_hook_that_fails_or_says_nothing_lets_the_call_pass(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    hooks(home, PreToolUse="exit 1")
    ran, _ = work(monkeypatch, TOUCH, "Go", "--permission-mode", "bypass")
    assert verdicts(ran) == [("Bash", "allowed", "mode")]


def test_a_hook_that_allows_stands_in_for_a_rule_but_not_against_one(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    hooks(home, PreToolUse=answer("PreToolUse", permissionDecision="allow"))
    ran, _ = work(monkeypatch, TOUCH, "Go")
    assert verdicts(ran) == [("Bash", "allowed", "hook")]
    Path("made").unlink()
    ran, _ = work(monkeypatch, TOUCH, "Go", "--deny", "Bash(touch *)")
    assert verdicts(ran) == [("Bash", "denied", "rule")]
    assert not Path("made").exists()


def test_what_a_hook_puts_in_is_judged_like_what_a_model_wrote(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    harmless = [turn("", call("Bash", command="git status")), turn("Done.")]
    changed = answer("PreToolUse", permissionDecision="allow", updatedInput={"command": "touch made"})
    hooks(home, PreToolUse=changed)
    ran, _ = work(monkeypatch, harmless, "Go", "--deny", "Bash(touch *)")
    assert verdicts(ran) == [("Bash", "denied", "rule")]
    assert not Path("made").exists()

    hooks(home, PreToolUse=answer("PreToolUse", updatedInput={"command": "touch made"}))
    ran, _ = work(monkeypatch, harmless, "Go")
    assert verdicts(ran) == [("Bash", "denied", "mode")]
    ran, _ = work(monkeypatch, harmless, "Go", "--allow", "Bash(touch made)")
    assert verdicts(ran) == [("Bash", "allowed", "rule")]
    assert Path("made").exists()

    hooks(home, PreToolUse=answer("PreToolUse", updatedInput={"cmd": "x"}))
    ran, _ = work(monkeypatch, harmless, "Go")
    assert verdicts(ran) == [("Bash", "invalid", "schema")]


def test_continue_false_before_a_tool_stops_the_tool_and_the_run(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    hooks(home, PreToolUse='echo \'{"continue": false, "stopReason": "enough"}\'')
    ran, model = work(monkeypatch, TOUCH, "Go", "--permission-mode", "bypass")
    assert (ran.code, ran.document["error"]["code"], ran.data["status"]) == (1, "agent.stopped", "stopped")
    assert "enough" in ran.data["problems"][0]
    assert not Path("made").exists()
    assert len(model.requests) == 1


def test_a_prompt_that_is_blocked_is_not_sent(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    hooks(home, UserPromptSubmit="echo 'no such tasks' >&2; exit 2")
    ran, model = work(monkeypatch, [], "Go")
    assert (ran.code, ran.document["error"]["code"]) == (1, "agent.stopped")
    assert "no such tasks" in ran.document["error"]["message"] + str(ran.data["problems"])
    assert model.requests == []


def test_context_of_hooks_is_told_to_the_model(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    hooks(
        home,
        SessionStart="echo from the start",
        UserPromptSubmit=answer("UserPromptSubmit", additionalContext="from the prompt"),
        PostToolUse=answer("PostToolUse", additionalContext="after the tool"),
    )
    _, model = work(monkeypatch, [turn("", call("Glob", pattern="*")), turn("Done.")], "Go")
    said = "\n".join(text for _, text in model.requests[1].said)
    assert "SessionStart hook additional context: from the start" in said
    assert "UserPromptSubmit hook additional context: from the prompt" in said
    assert "PostToolUse:Glob hook additional context: after the tool" in said


def test_a_stop_hook_sends_the_agent_back_and_its_cap_is_reported(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    hooks(home, Stop="echo 'tests are missing' >&2; exit 2")
    ran, model = work(monkeypatch, lambda _: turn("Done."), "Go")
    assert (ran.code, ran.data["status"]) == (8, "limit")
    assert len(model.requests) == 9
    assert "8 times in a row" in ran.data["problems"][0]
    assert "tests are missing" in model.requests[1].said[-1][1]


def test_work_between_two_blocks_begins_the_count_anew(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    hooks(home, Stop='[ "$(wc -l < count 2>/dev/null || echo 0)" -ge 12 ] && exit 0; echo x >> count; echo more >&2; exit 2')
    script = [answer for _ in range(12) for answer in (turn("Done."), turn("", call("Glob", pattern="*")))]
    ran, _ = work(monkeypatch, [*script, turn("Really done.")], "Go")
    assert (ran.code, ran.data["output"]) == (0, "Really done.")


def test_hooks_of_a_project_run_once_it_is_trusted(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    from tests.support import run_here

    Path(".claude").mkdir()
    handler = {"type": "command", "command": "echo no >&2; exit 2"}
    Path(".claude/settings.json").write_text(json.dumps({"hooks": {"PreToolUse": [{"hooks": [handler]}]}}))
    look = [turn("", call("Glob", pattern="*")), turn("Done.")]
    ran, _ = work(monkeypatch, look, "Go")
    assert verdicts(ran) == [("Glob", "allowed", "mode")]
    assert run_here("config", "trust", "--yes").code == 0
    ran, _ = work(monkeypatch, look, "Go")
    assert verdicts(ran) == [("Glob", "denied", "hook")]
    Path(".claude/settings.json").write_text(Path(".claude/settings.json").read_text().replace("no >&2", "nope >&2"))
    ran, _ = work(monkeypatch, look, "Go")
    assert verdicts(ran) == [("Glob", "allowed", "mode")]


def test_a_file_of_hooks_that_cannot_be_read_is_no_secret(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """A guard that does not stand there must not be taken for one that had nothing to say."""
    home.mkdir()
    (home / "hooks.json").write_text("{ not json")
    ran, _ = work(monkeypatch, [turn("Done.")], "Go")
    assert [problem for problem in ran.data["problems"] if "hooks.json" in problem and "left out" in problem]


SECRET = "canary-0123456789abcdef"


@pytest.mark.parametrize(
    ("event", "command"),
    [
        ("PreToolUse", 'echo "no: $ACME_TOKEN" >&2; exit 2'),
        ("PreToolUse", answer("PreToolUse", additionalContext=SECRET)),
        ("PostToolUse", 'echo "no: $ACME_TOKEN" >&2; exit 2'),
        ("PostToolUse", answer("PostToolUse", additionalContext=SECRET)),
        ("PostToolUse", answer("PostToolUse", updatedToolOutput=SECRET)),
        ("Stop", '[ -e stopped ] || { touch stopped; echo "go on: $ACME_TOKEN" >&2; exit 2; }'),
    ],
)
def test_a_model_is_not_told_the_secrets_that_a_hook_says(
    monkeypatch: pytest.MonkeyPatch, home: Path, event: str, command: str
) -> None:
    monkeypatch.setenv("ACME_TOKEN", SECRET)
    hooks(home, **{event: command})
    script = [turn("", call("Bash", command="ls")), turn("Done."), turn("Done.")]
    ran, model = work(monkeypatch, script, "Go")
    assert ran.code == 0
    told = json.dumps([request["messages"] for request in model.requests])
    assert "[redacted:ACME_TOKEN]" in told
    assert SECRET not in told
    assert SECRET not in ran.out
