"""The fake agent behind the real adapter for command-line agents, as loops have it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from cowork.models import select
from cowork.models.chat import ChatReply, ChatRequest
from cowork.models.command_line.model import CommandRun
from cowork.models.command_line.tracing import SubagentReport
from cowork.models.errors import AuthError, DownError, MalformedError, ProviderError, WaitError
from cowork.models.select import Target
from tests.fake_agent.running import Stage, install
from tests.models.surroundings import settings
from tests.support import gone


@pytest.fixture(autouse=True)
def at_hand(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program is on the PATH, and the environment names the script."""
    install(stage.place / "bin")
    monkeypatch.setenv("PATH", f"{stage.place / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("COWORK_FAKE_AGENT", str(stage.script))


def ask(stage: Stage, prompt: str = "Do it.", *, work: bool = True, pieces: list[str] | None = None, **run: Any) -> ChatReply:
    how = CommandRun(stage.work, work, grace_s=0.2, linger_s=0.2, **run)
    model = select.open_model(Target("fake-agent", "default"), settings(), how)
    return asyncio.run(model.reply(ChatRequest(prompt), [].append if pieces is None else pieces.append))


def refused(stage: Stage, **run: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        ask(stage, **run)
    return caught.value


def test_answers_with_its_final_message_and_what_it_used(stage: Stage) -> None:
    stage.write(
        {
            "do": [
                {"say": "First I look."},
                {"tool": {"result": "<promise>COMPLETE</promise>"}},
                {"say": {"text": "All done. Grüße", "pieces": 5}},
            ],
            "usage": {"input": 30, "output": 20, "cached": 10},
        }
    )
    pieces: list[str] = []

    reply = ask(stage, pieces=pieces)

    assert (reply.text, reply.model) == ("All done. Grüße", "fake-1")
    assert "".join(pieces) == "First I look.\n\nAll done. Grüße"
    assert (reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.cached_input_tokens) == (40, 20, 10)


def test_works_where_it_is_told_to_and_only_if_it_is_to_work(stage: Stage) -> None:
    stage.write({"repeat": "always", "write": {"path": "a.txt", "text": "a"}, "say": "ok"})

    assert "this call may only read" in refused(stage, work=False).message
    assert list(stage.work.iterdir()) == []
    assert ask(stage).text == "ok"
    assert (stage.work / "a.txt").read_text() == "a"


@pytest.mark.parametrize(
    ("limit", "least", "most"),
    [
        ({"in_s": 90}, 90, 90),
        ({"epoch_in_s": 3600}, 3500, 3601),
        ({"resets": "9pm (America/Toronto)"}, 0, 86_400),
        ({"words": "You've hit your usage limit … try again in 3 hours 12 minutes."}, 11_520, 11_520),
        ({"words": "Claude usage limit reached. Your limit will reset at 7pm (Asia/Tokyo)."}, 0, 86_400),
    ],
    ids=str,
)
@pytest.mark.parametrize("form", ["structured", "words", "stderr"])
def test_is_limited_until_the_time_it_says(
    stage: Stage, limit: dict[str, object], least: float, most: float, form: str
) -> None:
    stage.write({"rate_limit": {**limit, "form": form}})

    error = refused(stage)

    assert isinstance(error, WaitError)
    assert error.retry_after is not None
    assert least <= error.retry_after <= most


@pytest.mark.parametrize("limit", [True, {"overloaded": True}])
def test_is_limited_for_a_time_that_it_does_not_say(stage: Stage, limit: object) -> None:
    stage.write({"rate_limit": limit})

    error = refused(stage)

    assert (type(error), error.retry_after) == (WaitError, None)


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        ({"auth_failure": True}, AuthError, "Please run /login"),
        ({"stderr": "boom", "exit": {"code": 3, "result": False}}, DownError, "it ended with 3: boom"),
        ({"crash": "SEGV"}, DownError, "it was killed by signal 11"),
        ({}, MalformedError, "it ended without an answer"),
        ({"match": "never"}, DownError, "the script has no call left for it"),
    ],
)
def test_fails_as_the_script_says(stage: Stage, call: dict[str, object], kind: type[ProviderError], words: str) -> None:
    stage.write(call)

    error = refused(stage)

    assert type(error) is kind
    assert words in error.message


def test_a_promise_with_a_failing_exit_code_is_an_answer(stage: Stage) -> None:
    stage.write({"say": "<promise>COMPLETE</promise>", "exit": 1})

    assert ask(stage).text == "<promise>COMPLETE</promise>"


def test_its_subagents_are_reported(stage: Stage) -> None:
    stage.write({"subagent": {"description": "look", "do": [{"say": "inner"}, {"subagent": {}}]}, "say": "outer"})
    heard: list[SubagentReport] = []

    reply = ask(stage, on_subagent=heard.append)

    assert reply.text == "outer"
    started = [report for report in heard if report.event == "started"]
    assert [(report.description, report.depth) for report in started] == [("look", 1), ("help", 2)]


def test_nothing_of_it_is_left_when_it_hangs_after_its_answer(stage: Stage) -> None:
    stage.write({"spawn": {"pid_file": "pids", "apart": True}, "ignore_term": True, "say": "done", "do": ["hang"]})
    model = select.open_model(
        Target("fake-agent", "default"), settings(command_timeout_s=2.0), CommandRun(stage.work, True, grace_s=0.1)
    )

    with pytest.raises(DownError):
        asyncio.run(model.reply(ChatRequest("x"), [].append))

    assert gone(int((stage.work / "pids").read_text()))


def test_is_never_chosen_unless_it_is_named(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(stage.place / "bin"))

    assert select.default(settings())[0].provider == "rehearsal"
    assert select.default(settings(), provider="fake-agent")[0].label == "fake-agent/default"


def test_says_how_to_get_it_where_it_is_missing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path("/nowhere")))

    assert "put cowork-fake-agent on the PATH" in str(refused(stage).hint)
