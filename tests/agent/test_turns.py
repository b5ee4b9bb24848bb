"""An agent's conversation, from the command line to the wire: answers, calls, and every way in which it can end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.agent.runs import journal, results, verdicts, work
from tests.agent.scripted_model import call, odd_call, refusal, turn

TERMINAL = {"run.completed", "run.limit", "run.stopped", "run.failed", "run.interrupted"}

both_styles = pytest.mark.parametrize("style", ["anthropic", "openai"])


def ends(home: Path) -> list[str]:
    return [event["type"] for event in journal(home) if event["type"] in TERMINAL]


@both_styles
def test_the_model_is_asked_until_it_answers_without_calls(monkeypatch: pytest.MonkeyPatch, home: Path, style: str) -> None:
    Path("a.txt").write_text("hello\n")
    ran, model = work(
        monkeypatch, [turn("Let me look.", call("Read", file_path="a.txt")), turn("It says hello.")], "What?", style=style
    )
    assert (ran.code, ran.data["status"], ran.data["output"], ran.data["turns"]) == (0, "completed", "It says hello.", 2)
    assert "hello" in results(model)[0]
    assert verdicts(ran) == [("Read", "allowed", "mode")]
    assert ends(home) == ["run.completed"]


@both_styles
def test_calls_of_one_answer_are_answered_together_and_in_their_order(
    monkeypatch: pytest.MonkeyPatch, home: Path, style: str
) -> None:
    for name in "abc":
        Path(f"{name}.txt").write_text(f"{name}\n")
    calls = [call("Read", file_path=f"{name}.txt") for name in "abc"]
    _, model = work(monkeypatch, [turn("", *calls), turn("Done.")], "Read all", style=style)
    assert [text.split("\t")[1].strip() for text in results(model)] == ["a", "b", "c"]


def test_an_unknown_tool_and_wrong_arguments_are_told_to_the_model_and_harm_nothing(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    calls = (
        call("Reed", file_path="a"),
        call("Read", path="a"),
        call("Read"),
        odd_call("Read", "[1, 2]"),
        odd_call("Read", '{"file_path": "a'),
    )
    ran, model = work(monkeypatch, [turn("", *calls), turn("I see.")], "Go")
    assert [verdict for _, verdict, _ in verdicts(ran)] == ["invalid"] * 5
    told = results(model)
    assert "did you mean 'Read'?" in told[0]
    assert "path is unknown" in told[1]
    assert "file_path is missing" in told[2]
    assert "not a JSON object" in told[3] + told[4]
    assert ends(home) == ["run.completed"]


def test_a_model_that_calls_tools_forever_is_ended_by_the_limit_on_turns(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    ran, model = work(monkeypatch, lambda _: turn("again", call("Glob", pattern="*")), "Go", "--max-turns", "4")
    assert (ran.code, ran.document["error"]["code"]) == (8, "agent.limit")
    assert (ran.data["status"], ran.data["turns"], ran.data["output"]) == ("limit", 4, "again")
    assert len(model.requests) == 4
    assert ends(home) == ["run.limit"]


def test_all_agents_of_a_run_share_one_limit_on_calls(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("COWORK_AGENT_MAX_CALLS", "3")
    ran, model = work(monkeypatch, lambda _: turn("", call("Agent", description="more", prompt="go on")), "Go")
    assert (ran.code, ran.document["error"]["code"]) == (8, "agent.limit")
    assert len(model.requests) == 3
    assert ends(home) == ["run.limit"]


@both_styles
def test_an_empty_answer_is_asked_about_once_and_then_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, home: Path, style: str
) -> None:
    ran, model = work(monkeypatch, [turn(""), turn("Here it is.")], "Go", style=style)
    assert (ran.code, ran.data["output"]) == (0, "Here it is.")
    assert "neither text nor a call" in model.requests[1].said[-1][1]

    ran, _ = work(monkeypatch, [turn(""), turn("")], "Go", style=style)
    assert (ran.code, ran.document["error"]["code"]) == (7, "provider.malformed")


def test_a_call_that_was_cut_by_the_longest_answer_is_not_made(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    cut = turn("", odd_call("Write", '{"file_path": "x", "content": "abc'), stop="max_tokens")
    ran, model = work(monkeypatch, [cut, turn("Smaller then.")], "Go", "--permission-mode", "bypass")
    assert "smaller pieces" in results(model)[0]
    assert verdicts(ran) == [("Write", "invalid", "schema")]
    assert not Path("x").exists()


def test_a_provider_that_fails_ends_the_run_with_what_was_reached(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    ran, _ = work(monkeypatch, [turn("First I look.", call("Glob", pattern="*")), refusal(401, "no key")], "Go")
    assert (ran.code, ran.document["error"]["code"]) == (7, "provider.auth")
    assert (ran.data["status"], ran.data["output"], len(ran.data["tool_calls"])) == ("failed", "First I look.", 1)
    assert ends(home) == ["run.failed"]


def test_a_long_conversation_is_summed_up_and_goes_on(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("COWORK_CONTEXT_TOKENS", "6000")
    Path("big.txt").write_text("a line of words\n" * 1900)
    script = [turn("Reading.", call("Read", file_path="big.txt")), turn("Summary: the file holds words."), turn("Done.")]
    ran, model = work(monkeypatch, script, "Read big.txt")
    assert (ran.code, ran.data["output"]) == (0, "Done.")
    assert model.requests[1].offered == []
    assert "about to be shortened" in model.requests[1].prompt
    assert "Summary: the file holds words." in model.requests[2].prompt
    assert model.requests[2].results == []
    (event,) = [event for event in journal(home) if event["type"] == "compaction.completed"]
    assert event["data"]["tokens_after"] < event["data"]["tokens_before"]


def test_the_journal_holds_turns_calls_with_verdicts_and_usage(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    Path("a.txt").write_text("hello\n")
    calls = (call("Read", file_path="a.txt"), call("Bash", command="touch x"))
    work(monkeypatch, [turn("Look.", *calls), turn("Done.")], "Go")
    events = journal(home)
    judged = [event["data"] for event in events if event["type"] == "tool.judged"]
    assert [(item["tool"], item["verdict"]) for item in judged] == [("Read", "allowed"), ("Bash", "denied")]
    assert "Bash(touch x)" in judged[1]["reason"]
    turns = [event["data"] for event in events if event["type"] == "turn.completed"]
    assert [item["usage"]["source"] for item in turns] == ["reported", "reported"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


def test_a_secret_of_the_environment_gets_neither_into_the_journal_nor_to_the_model(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    canary = "canary-5f0e9d8c7b6a"
    monkeypatch.setenv("ACME_API_TOKEN", canary)
    Path("notes.txt").write_text(f"the token is {canary}\n")
    calls = (call("Read", file_path="notes.txt"), call("Bash", command="env; echo $ACME_API_TOKEN"))
    ran, model = work(monkeypatch, [turn("", *calls), turn(f"It is {canary}.")], "Go", "--permission-mode", "bypass")
    assert canary not in json.dumps(model.requests[-1]["messages"])
    assert canary not in ran.out + ran.err
    for path in home.rglob("*"):
        if path.is_file():
            assert canary.encode() not in path.read_bytes(), path


def test_long_output_on_disk_holds_no_secret_once_the_run_has_ended(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    canary = "canary-7a6b5c4d3e2f"
    monkeypatch.setenv("ACME_API_TOKEN", canary)
    Path("long.txt").write_text(f"a line with {canary} in it\n" * 4000)
    work(monkeypatch, [turn("", call("Bash", command="cat long.txt")), turn("Done.")], "Go", "--permission-mode", "bypass")
    (path,) = [path for path in (home / "sessions").glob("*/output/*") if path.is_file()]
    text = path.read_text()
    assert canary not in text
    assert "[redacted:ACME_API_TOKEN]" in text


def test_an_empty_task_is_refused(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    ran, model = work(monkeypatch, [], "  ")
    assert (ran.code, ran.document["error"]["code"]) == (2, "agent.no_task")
    assert model.requests == []
