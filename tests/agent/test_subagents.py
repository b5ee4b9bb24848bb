"""Subagents: a conversation of their own, and never more than their parent may."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.agent.runs import journal, verdicts, work
from tests.agent.scripted_model import Request, Turn, call, turn
from tests.support import run_here


def agent_file(name: str, prompt: str = "You help.", **front: str) -> None:
    where = Path.home() / ".claude" / "agents"
    where.mkdir(parents=True, exist_ok=True)
    lines = [f"{key}: {value}" for key, value in {"name": name, "description": "helps", **front}.items()]
    (where / f"{name}.md").write_text("---\n" + "\n".join(lines) + f"\n---\n{prompt}\n")


def spawn(kind: str = "helper", prompt: str = "CHILD TASK") -> Turn:
    return turn("", call("Agent", subagent_type=kind, description="a part of it", prompt=prompt))


def is_child(request: Request) -> bool:
    return "CHILD TASK" in request.prompt


def test_a_subagent_sees_its_task_alone_and_its_answer_is_the_result(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    agent_file("helper")
    ran, model = work(monkeypatch, [spawn(), turn("Found it."), turn("All done.")], "SECRET PLAN")
    assert (ran.code, ran.data["output"]) == (0, "All done.")
    child = model.requests[1]
    assert "SECRET PLAN" not in json.dumps(child)
    assert "You help." in child.system
    assert "Found it." in model.requests[2].results[0][1]
    kinds = [event["type"] for event in journal(home)]
    assert kinds.count("subagent.started") == kinds.count("subagent.completed") == 1


def test_an_agent_that_inherits_the_context_knows_the_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    agent_file("helper", context="inherit")
    _, model = work(monkeypatch, [spawn(), turn("Found it."), turn("All done.")], "THE PLAN")
    assert "THE PLAN" in json.dumps(model.requests[1])


def test_a_subagent_has_the_tools_of_its_file_that_its_parent_has_too(monkeypatch: pytest.MonkeyPatch) -> None:
    agent_file("parent", tools="Read, Bash(git *), Agent")
    agent_file("helper", tools="Read, Write, Bash")
    tries = turn("", call("Bash", command="touch made"), call("Write", file_path="made", content="x"))
    script = [spawn(), tries, turn("I tried."), turn("Done.")]
    ran, model = work(monkeypatch, script, "Go", "--permission-mode", "bypass", verb=("agent", "run", "parent"))
    assert set(model.requests[1].offered) == {"Read", "Bash"}
    assert [item for item in verdicts(ran) if item[0] != "Agent"] == [
        ("Bash", "denied", "restriction"),
        ("Write", "invalid", "schema"),
    ]
    assert not Path("made").exists()


def test_a_file_cannot_give_a_subagent_a_mode_that_allows_more(monkeypatch: pytest.MonkeyPatch) -> None:
    agent_file("helper", permissionMode="bypassPermissions")
    ran, _ = work(monkeypatch, [spawn(), turn("", call("Bash", command="touch made")), turn("I tried."), turn("Done.")], "Go")
    assert ("Bash", "denied", "mode") in verdicts(ran)
    assert not Path("made").exists()


def test_agents_do_not_start_each_other_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    agent_file("helper")
    ran, model = work(
        monkeypatch, lambda request: spawn() if "Agent" in request.offered else turn("Deep enough."), "Go", "--max-turns", "2"
    )
    deepest = [request for request in model.requests if "Agent" not in request.offered]
    assert deepest
    assert ran.code in (0, 8)
    assert max(call["agent"].count("/") for call in ran.data["tool_calls"]) == 2


def test_the_hooks_of_an_agents_file_fire_for_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = json.dumps({"PreToolUse": [{"hooks": [{"type": "command", "command": "exit 2"}]}]})
    agent_file("helper", hooks=handler)
    look = call("Glob", pattern="*")
    ran, _ = work(monkeypatch, [turn("", look), spawn(), turn("", look), turn("Hm."), turn("Done.")], "Go")
    assert [item for item in verdicts(ran) if item[0] == "Glob"] == [("Glob", "allowed", "mode"), ("Glob", "denied", "hook")]


def test_several_subagents_work_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    agent_file("helper")
    both = turn("", *(call("Agent", subagent_type="helper", description="x", prompt=f"CHILD TASK {n}") for n in (1, 2)))
    parent = iter([both, turn("Done.")])
    ran, model = work(monkeypatch, lambda request: turn("Yes.") if is_child(request) else next(parent), "Go")
    assert (ran.code, len(model.requests)) == (0, 4)
    assert len(model.requests[-1].results) == 2


def test_a_subagent_of_no_known_name_is_a_result_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    agent_file("helper")
    _, model = work(monkeypatch, [spawn("helpr"), turn("I see.")], "Go")
    _, text, error = model.requests[1].results[0]
    assert error
    assert "did you mean 'helper'?" in text


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        ("off", set()),
        ("minimal", {"subagent.started", "subagent.completed"}),
        ("moderate", {"subagent.started", "subagent.completed", "tool.judged", "tool.completed"}),
        (
            "full",
            {
                "subagent.started",
                "subagent.completed",
                "tool.judged",
                "tool.completed",
                "turn.started",
                "turn.completed",
                "text",
            },
        ),
    ],
)
def test_tracing_shows_as_much_of_subagents_as_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, trace: str, expected: set[str], home: Path
) -> None:
    from tests.agent.scripted_model import scripted_model

    agent_file("helper")
    with scripted_model([spawn(), turn("Look.", call("Glob", pattern="*")), turn("Found."), turn("Done.")]) as model:
        for name, value in model.environment("anthropic").items():
            monkeypatch.setenv(name, value)
        ran = run_here("agent", "run", "general-purpose", "Go", "--stream", "--trace", trace)
    shown = {event["type"] for event in ran.events[:-1] if event["data"].get("agent") == "main/helper-1"}
    assert shown == expected
    assert any(event["type"] == "tool.judged" and event["data"]["agent"] != "main" for event in journal(home))


HOOK = {"PreToolUse": [{"hooks": [{"type": "command", "command": "touch escaped"}]}]}


@pytest.mark.parametrize("trusted", [False, True], ids=["nothing to trust", "trusted"])
@pytest.mark.parametrize("file", [".claude/settings.json", ".cowork/hooks.json", ".claude/agents/helper.md"])
def test_what_an_agent_writes_for_the_project_to_run_does_not_run_in_its_subagents(
    monkeypatch: pytest.MonkeyPatch, file: str, trusted: bool
) -> None:
    Path(".cowork").mkdir()
    if trusted:
        Path(".mcp.json").write_text('{"mcpServers": {}}')
        assert run_here("config", "trust", "--yes").code == 0
    agent_file("helper")
    text = json.dumps({"hooks": HOOK})
    if file.endswith(".md"):
        text = f"---\nname: helper\ndescription: d\nhooks: {json.dumps(HOOK)}\n---\nGo.\n"
    script = [turn("", call("Write", file_path=file, content=text)), spawn()]
    script += [turn("", call("Glob", pattern="*")), turn("I looked."), turn("Done.")]
    ran, model = work(monkeypatch, script, "Go", "--allow", "Write")
    assert (ran.code, model.left) == (0, 0)
    assert Path(file).exists()
    assert not Path("escaped").exists()


def test_a_guard_that_an_agent_takes_away_still_guards_its_subagents(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    home.mkdir()
    guard = {"PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "exit 2"}]}]}
    (home / "hooks.json").write_text(json.dumps({"hooks": guard}))
    agent_file("helper")
    change = call("Write", file_path=str(home / "hooks.json"), content="{}")
    look = call("Read", file_path=str(home / "hooks.json"))
    script = [turn("", look, change), spawn(), turn("", call("Bash", command="ls")), turn("I looked."), turn("Done.")]
    ran, _ = work(monkeypatch, script, "Go", "--permission-mode", "bypass")
    assert (home / "hooks.json").read_text() == "{}"
    assert ("Bash", "denied", "hook") in verdicts(ran)


def test_an_agent_knows_the_skills_of_its_file_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    directory = Path.home() / ".claude" / "skills" / "craft"
    directory.mkdir(parents=True)
    (directory / "SKILL.md").write_text("---\nname: craft\ndescription: d\n---\nMEASURE TWICE.\n")
    agent_file("helper", skills="craft", initialPrompt="FIRST OF ALL")
    _, model = work(monkeypatch, [turn("Yes.")], "Go", verb=("agent", "run", "helper"))
    said = "\n".join(text for _, text in model.requests[0].said)
    assert said.index("MEASURE TWICE.") < said.index("FIRST OF ALL") < said.index("Go")

    _, model = work(monkeypatch, [spawn(), turn("Yes."), turn("Done.")], "Go")
    said = "\n".join(text for _, text in model.requests[1].said)
    assert "MEASURE TWICE." in said
    assert "FIRST OF ALL" not in said


def test_a_skill_that_an_agent_wants_and_that_is_not_there_is_a_problem_and_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    agent_file("helper", skills="nowhere")
    ran, _ = work(monkeypatch, [spawn(), turn("Yes."), turn("Done.")], "Go")
    assert ran.code == 0
    assert "nowhere" in ran.data["problems"][0]
