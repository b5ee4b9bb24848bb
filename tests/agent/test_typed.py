"""What a user types: command files and SKILL.md files, with arguments, shell blocks, tool rules and trust."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.agent.runs import verdicts, work
from tests.agent.scripted_model import call, turn
from tests.support import run_here

RUN = ("run",)
TOUCH = [turn("", call("Bash", command="touch made")), turn("Done.")]


def command(name: str, body: str, *, where: Path | None = None, **front: str) -> None:
    path = (where or Path.home()) / ".claude" / "commands" / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{key}: {value}\n" for key, value in front.items())
    path.write_text(f"---\ndescription: d\n{lines}---\n{body}\n")


def skill(name: str, body: str, *, where: Path | None = None, **front: str) -> None:
    path = (where or Path.home()) / ".claude" / "skills" / name / "SKILL.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{key}: {value}\n" for key, value in front.items())
    path.write_text(f"---\nname: {name}\ndescription: d\n{lines}---\n{body}\n")


def test_a_command_file_is_sent_with_its_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    command("greet", "Greet $0, then $1. All: $ARGUMENTS")
    ran, model = work(monkeypatch, [turn("Hello.")], "/greet", "Ada", "'Bob B'", verb=RUN)
    assert (ran.code, ran.data["output"], ran.data["skill"]) == (0, "Hello.", "greet")
    assert "Greet Ada, then Bob B. All: Ada 'Bob B'" in model.requests[0].prompt
    assert "<command-name>/greet</command-name>" in model.requests[0].prompt


def test_shell_blocks_run_by_the_rules_of_the_command_and_never_with_arguments_as_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command("say", "It says: !`echo $ARGUMENTS`", **{"allowed-tools": "Bash(echo:*)"})
    _, model = work(monkeypatch, [turn("Yes.")], "/say", "hi; touch made `touch made` $(touch made)", verb=RUN)
    assert "It says: hi; touch made `touch made` $(touch made)" in model.requests[0].prompt
    assert not Path("made").exists()


def test_a_shell_block_that_may_not_run_ends_the_invocation_and_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    command("bad", "First !`echo hi`, then !`touch made`", **{"allowed-tools": "Bash(echo:*)"})
    ran, model = work(monkeypatch, [], "/bad", verb=RUN)
    assert (ran.code, ran.document["error"]["code"]) == (6, "tool.denied")
    assert model.requests == []
    assert not Path("made").exists()


def test_a_shell_block_that_fails_ends_the_invocation(monkeypatch: pytest.MonkeyPatch) -> None:
    command("bad", "!`ls nowhere`", **{"allowed-tools": "Bash(ls:*)"})
    ran, model = work(monkeypatch, [], "/bad", verb=RUN)
    assert (ran.code, ran.document["error"]["code"]) == (1, "prompt.command_failed")
    assert model.requests == []


def test_allowed_tools_of_a_typed_command_approve_and_restrict(monkeypatch: pytest.MonkeyPatch) -> None:
    command("make", "Make it.", **{"allowed-tools": "Bash(touch made)"})
    ran, model = work(monkeypatch, TOUCH, "/make", verb=RUN)
    assert verdicts(ran) == [("Bash", "allowed", "rule")]
    assert model.requests[0].offered == ["Bash"]
    monkeypatch.setenv("COWORK_ALLOWED_TOOLS", "approve")
    _, model = work(monkeypatch, TOUCH, "/make", verb=RUN)
    assert "Read" in model.requests[0].offered


def test_a_command_of_a_project_that_is_not_trusted_approves_and_runs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    command("make", "Make it.", where=Path(), **{"allowed-tools": "Bash(touch made)"})
    ran, _ = work(monkeypatch, TOUCH, "/make", verb=RUN)
    assert verdicts(ran) == [("Bash", "denied", "mode")]
    assert "trust.ignored" in {warning["code"] for warning in ran.document["warnings"]}

    command("block", "!`touch made`", where=Path(), **{"allowed-tools": "Bash(touch made)"})
    ran, model = work(monkeypatch, [], "/block", verb=RUN)
    assert (ran.code, ran.document["error"]["code"]) == (6, "trust.untrusted")
    assert "config trust" in ran.document["error"]["hint"]
    assert model.requests == []
    assert not Path("made").exists()

    assert run_here("config", "trust", "--yes").code == 0
    ran, _ = work(monkeypatch, [turn("Ready.")], "/block", verb=RUN)
    assert ran.code == 0
    assert Path("made").exists()


def test_files_that_are_mentioned_are_read_by_the_same_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("notes.md").write_text("remember the milk\n")
    command("look", "Look at @notes.md and @/etc/hostname and @missing.md")
    _, model = work(monkeypatch, [turn("Seen.")], "/look", verb=RUN)
    said = "\n".join(text for _, text in model.requests[0].said)
    assert "remember the milk" in said
    assert "Called the Read tool with /etc/hostname" not in said
    _, model = work(monkeypatch, [turn("Seen.")], "Read @notes.md", "--deny", "Read(./notes.md)")
    assert "remember the milk" not in json.dumps(model.requests[0])


def test_a_skill_file_takes_arguments_and_knows_where_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    skill("notes", "Write about $ARGUMENTS. See ${CLAUDE_SKILL_DIR}/more.md")
    ran, model = work(monkeypatch, [turn("Written.")], "notes", "--arguments", "cats", verb=("skill", "run"))
    directory = Path.home() / ".claude" / "skills" / "notes"
    assert ran.code == 0
    assert f"Write about cats. See {directory}/more.md" in model.requests[0].prompt
    assert f"Base directory for this skill: {directory}" in model.requests[0].prompt
    ran, model = work(monkeypatch, [turn("Written.")], "/notes", "dogs", verb=RUN)
    assert "Write about dogs." in model.requests[0].prompt


def test_a_skill_beats_a_command_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    skill("twice", "I am the skill.")
    command("twice", "I am the command.")
    _, model = work(monkeypatch, [turn("Yes.")], "/twice", verb=RUN)
    assert "I am the skill." in model.requests[0].prompt


def test_an_agent_that_a_command_names_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    command("find", "Find it.", agent="Explore")
    ran, model = work(monkeypatch, [turn("There.")], "/find", verb=RUN)
    assert ran.data["agent"] == "Explore"
    assert set(model.requests[0].offered) == {"Read", "Glob", "Grep"}


def test_a_model_takes_up_a_skill_and_is_held_to_its_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    skill("careful", "Only read. $ARGUMENTS", **{"allowed-tools": "Read, Skill"})
    script = [
        turn("", call("Skill", skill="careful", args="please")),
        turn("", call("Bash", command="touch made")),
        turn("Done."),
    ]
    ran, model = work(monkeypatch, script, "Go", "--permission-mode", "bypass")
    assert "Only read. please" in model.requests[1].results[0][1]
    assert verdicts(ran) == [("Skill", "allowed", "mode"), ("Bash", "denied", "restriction")]
    assert not Path("made").exists()


def test_a_skill_that_a_model_takes_up_approves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    skill("maker", "Make it.", **{"allowed-tools": "Bash(touch made), Skill"})
    script = [turn("", call("Skill", skill="maker")), *TOUCH]
    ran, _ = work(monkeypatch, script, "Go")
    assert verdicts(ran)[-1] == ("Bash", "denied", "mode")


def test_a_forked_skill_is_carried_out_by_a_subagent(monkeypatch: pytest.MonkeyPatch) -> None:
    skill("apart", "Do it apart.", context="fork", agent="Explore")
    script = [turn("", call("Skill", skill="apart")), turn("Looked."), turn("Done.")]
    _, model = work(monkeypatch, script, "THE PLAN")
    assert "THE PLAN" not in json.dumps(model.requests[1])
    assert "Do it apart." in model.requests[1].prompt
    assert "Looked." in model.requests[2].results[0][1]


def test_what_is_not_for_models_or_not_for_users_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    skill("mine", "For me.", **{"disable-model-invocation": "true"})
    skill("theirs", "For models.", **{"user-invocable": "false"})
    _, model = work(monkeypatch, [turn("", call("Skill", skill="mine")), turn("I see.")], "Go")
    assert model.requests[1].results[0][2]
    ran, _ = work(monkeypatch, [], "theirs", verb=("skill", "run"))
    assert (ran.code, ran.document["error"]["code"]) == (6, "skill.not_invocable")


def test_a_prompt_of_a_pack_may_look_around_too(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.py").write_text("x = 1\n")
    ran, model = work(
        monkeypatch,
        [turn("", call("Read", file_path="a.py")), turn("Reviewed.")],
        "standup-update",
        "--param",
        "activity=wrote a.py",
        verb=("skill", "run"),
    )
    assert (ran.code, ran.data["pack"], ran.data["output"]) == (0, "engineering", "Reviewed.")
    assert "wrote a.py" in model.requests[0].prompt


def test_a_text_knows_where_it_is_used(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    command(
        "where",
        "In ${WORKING_DIRECTORY} with ${MODEL}, session ${CLAUDE_SESSION_ID}, ${CLAUDE_EFFORT}. ${UNKNOWN}",
        effort="high",
    )
    ran, model = work(monkeypatch, [turn("Here.")], "/where", verb=RUN)
    said = model.requests[0].prompt
    assert f"In {Path.cwd()} with claude-sonnet-5, session {ran.data['session_id']}, high. ${{UNKNOWN}}" in said


def test_a_command_that_approves_git_does_not_approve_what_a_strange_repository_makes_git_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import subprocess

    subprocess.run(["git", "init", "-q", "."], check=True)
    ran, _ = work(monkeypatch, [turn("Nothing to commit.")], "/commit", verb=RUN)
    assert ran.code == 0, ran
    Path("evil.sh").write_text("#!/bin/sh\ntouch made\n")
    Path("evil.sh").chmod(0o755)
    subprocess.run(["git", "config", "core.fsmonitor", str(Path("evil.sh").absolute())], check=True)
    ran, model = work(monkeypatch, [], "/commit", verb=RUN)
    assert (ran.code, ran.document["error"]["code"]) == (6, "tool.denied")
    assert model.requests == []
    assert not Path("made").exists()
