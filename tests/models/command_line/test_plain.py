"""Programs that just print: all of it is the answer, and the exit status decides."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.models import catalogue
from cowork.models.chat import ChatReply, ChatRequest
from cowork.models.command_line.launch import Passing
from cowork.models.command_line.model import CommandRun
from cowork.models.command_line.opening import open_command
from cowork.models.command_line.plain import Stdout
from cowork.models.errors import AuthError, DownError, IdleError, LateError, MalformedError, ProviderError, WaitError
from tests.models.command_line.agents import Agents
from tests.models.surroundings import CANARY, SetKeys, settings
from tests.support import gone


def ask(agents: Agents, run: CommandRun | None = None, passing: Passing | None = None, **values: object) -> ChatReply:
    """Ask a program of this name that just prints."""
    claude = catalogue.find("claude-code")
    assert claude.command is not None
    command = replace(claude.command, dialect="text", flags=(), work_flags=())
    model = open_command(replace(claude, command=command), "default", settings(**values), run, passing or Passing())
    agents.streamed.clear()
    return asyncio.run(model.reply(ChatRequest("Go."), agents.streamed.append))


def refused(agents: Agents, run: CommandRun | None = None, **values: object) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        ask(agents, run, **values)
    return caught.value


def test_all_that_it_prints_is_the_answer(agents: Agents) -> None:
    agents.script(("say", 'One é.\n{"type": "result"}\nDone.\n'), ("complain", "a warning"))
    reply = ask(agents)
    assert reply.text == "".join(agents.streamed) == 'One é.\n{"type": "result"}\nDone.\n'
    assert (reply.exit_code, reply.usage.source, reply.usd, reply.notes) == (0, "unknown", None, ())


def test_a_failure_after_an_answer_is_told_by_its_exit_status(agents: Agents) -> None:
    agents.script(("say", "Half done."), ("complain", "make: *** error 2"), ("exit", 2))
    reply = ask(agents)
    assert (reply.text, reply.exit_code) == ("Half done.", 2)


def test_a_failure_without_an_answer_is_an_error(agents: Agents) -> None:
    agents.script(("complain", "boom"), ("exit", 2))
    error = refused(agents)
    assert (type(error), "it ended with 2: boom" in error.message) == (DownError, True)
    agents.script(("exit", 0))
    assert type(refused(agents)) is MalformedError


def test_one_that_was_killed_has_no_answer(agents: Agents) -> None:
    agents.script(("say", "Half"), ("exit", -9))
    error = refused(agents)
    assert (type(error), error.partial, "killed by signal 9" in error.message) == (DownError, "Half", True)


class TestALimit:
    def test_counts_on_stderr_and_where_it_is_all_that_is_said(self, agents: Agents) -> None:
        agents.script(("say", "I worked."), ("complain", "429 Too Many Requests, retry after 30s"), ("exit", 1))
        error = refused(agents)
        assert (type(error), error.retry_after) == (WaitError, 30)
        agents.script(("say", "You've hit your limit · resets in 2h"), ("exit", 1))
        assert type(refused(agents)) is WaitError
        agents.script(("complain", "Please run /login"), ("say", "x"), ("exit", 1))
        assert type(refused(agents)) is AuthError

    def test_is_not_one_when_the_work_is_about_limits_or_did_not_fail(self, agents: Agents) -> None:
        about = "The server answers 429 Too Many Requests when the rate limit is reached. "
        agents.script(("say", about * 20), ("exit", 1))
        assert ask(agents).exit_code == 1
        agents.script(("say", about), ("complain", "rate limit exceeded, retry after 3s"))
        assert ask(agents).exit_code == 0


class TestTime:
    def test_is_up_when_nothing_is_said(self, agents: Agents) -> None:
        agents.script(("say", "Well"), agents.spawning(apart=True), ("ignore", None), ("hang", None))
        error = refused(agents, CommandRun(idle_s=0.3, grace_s=0.1))
        assert (type(error), error.partial) == (IdleError, "Well")
        assert "it said nothing for 0.3 seconds" in error.message
        assert all(gone(pid) for pid in agents.spawned)

    def test_is_up_for_one_that_keeps_talking_only_in_the_end(self, agents: Agents) -> None:
        agents.script(("repeat", ("x", 1 << 40)))
        error = refused(agents, CommandRun(idle_s=0.9, timeout_s=1, grace_s=0.1))
        assert (type(error), "no answer within 1 seconds" in error.message) == (LateError, True)

    def test_of_the_run_comes_before_that_of_the_settings(self, agents: Agents) -> None:
        agents.script(("hang", None))
        assert "within 0.2 seconds" in refused(agents, CommandRun(timeout_s=0.2), command_timeout_s=60).message


def test_an_agent_that_answered_and_had_to_be_ended_has_no_exit_status(agents: Agents) -> None:
    from tests.models.command_line.speech import CLAUDE, claude_end, lines

    agents.script(("say", lines(claude_end("Done."))), ("ignore", None), ("hang", None))
    reply = agents.ask(run=CommandRun(grace_s=0.1, linger_s=0.1))
    assert (reply.text, reply.exit_code, reply.usd) == ("Done.", None, 0.01)
    agents.script(agents.answer(CLAUDE, "Done."), ("exit", 3))
    assert agents.ask().exit_code == 3


def test_the_command_line_is_wrapped_last_and_whole(agents: Agents, tmp_path: Path) -> None:
    agents.script(agents.recording, ("say", "ok"))
    seen: list[list[str]] = []

    def wrap(argv: list[str]) -> list[str]:
        seen.append(argv)
        return ["/usr/bin/env", "WRAPPED=yes", *argv]

    assert ask(agents, CommandRun(wrap=wrap, work=True)).text == "ok"
    assert (agents.started["environment"]["WRAPPED"], agents.started["stdin"]) == ("yes", "Go.")
    assert seen == [[str(agents.place / "bin" / "claude")]]


def test_the_user_passes_on_and_holds_back_by_name_and_by_pattern(agents: Agents, keys: SetKeys) -> None:
    keys("AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "MY_TOKEN", "ANTHROPIC_API_KEY", EDITOR="vi")
    agents.script(agents.recording, ("say", f"{CANARY}"))
    ask(agents, passing=Passing(keep=("AWS_*", "MY_TOKEN"), drop=("EDITOR", "*_API_KEY")))
    given_on = agents.started["environment"]
    assert {"AWS_SECRET_ACCESS_KEY", "MY_TOKEN"} <= set(given_on)
    assert {"GITHUB_TOKEN", "EDITOR", "ANTHROPIC_API_KEY"}.isdisjoint(given_on)


@given(st.text(max_size=60), st.lists(st.integers(1, 7), max_size=20))
def test_text_survives_any_pieces(text: str, sizes: list[int]) -> None:
    raw, stdout, passed, start = text.encode("utf-8", "replace"), Stdout(), "", 0
    for size in [*sizes, len(raw) + 1]:
        passed += stdout.add(raw[start : start + size])
        start += size
    assert passed == stdout.text == raw.decode()


@given(st.lists(st.binary(max_size=30), max_size=20), st.integers(1, 20))
def test_of_too_much_the_end_is_held_and_it_is_said(pieces: list[bytes], longest: int) -> None:
    stdout, raw = Stdout(longest), b"".join(pieces)
    for piece in pieces:
        stdout.add(piece)
    assert stdout.text == raw[-longest:].decode("utf-8", "replace")
    assert (stdout.note is not None) == (len(raw) > longest)


class TestMoney:
    def test_is_what_the_agent_says_in_all_or_step_by_step(self, agents: Agents) -> None:
        from tests.models.command_line.speech import ALL

        said = {}
        for speech in ALL:
            agents.script(agents.answer(speech, "ok"))
            said[speech.name] = agents.ask(speech.name).usd
        assert said == {"claude": 0.01, "codex": None, "gemini": None, "opencode": 0.02}

    @pytest.mark.parametrize("amount", [0, -1, True, "0.5", None, 1e300])
    def test_that_is_none_is_not_known(self, agents: Agents, amount: object) -> None:
        from tests.models.command_line.speech import claude_end, lines

        agents.script(("say_at_once", lines(claude_end("ok", total_cost_usd=amount))))
        assert agents.ask().usd is None
