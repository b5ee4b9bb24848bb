"""A command-line agent at work: where, with what, how it ends, and that nothing of it is left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from cowork.core.errors import Unavailable
from cowork.loop.agents.timing import TimeIsUp
from cowork.models.errors import DownError, NotInstalledError, WaitError
from tests.loop.agents.jobs import Site, with_job
from tests.models.command_line.agents import Agents
from tests.models.command_line.speech import (
    CLAUDE,
    CODEX,
    claude_call,
    claude_end,
    claude_result,
    claude_said,
    claude_text,
    lines,
)
from tests.models.surroundings import CANARY, SetKeys
from tests.support import gone

SAID = lines(claude_said("msg_1", claude_text("Working.\n")))


class TestTheWork:
    def test_is_done_in_the_directory_of_the_job_and_may_change_it(self, agents: Agents, site: Site) -> None:
        agents.script(agents.recording, agents.answer(CLAUDE, "Done."))
        done = site.work("claude/opus", job=with_job(site, prompt="$(rm x)\n'\"`"))
        assert agents.started["cwd"] == agents.started["environment"]["PWD"] == str(site.directory)
        assert agents.started["stdin"] == "$(rm x)\n'\"`"
        assert "acceptEdits" in agents.started["argv"]
        assert agents.started["argv"][-2:] == ["--model", "opus"]
        assert (done.message, done.exit_code, done.failed, done.usd, done.model) == ("Done.", 0, False, 0.01, "claude-sonnet-5")
        assert (done.usage.input_tokens, done.usage.output_tokens) == (200, 14)

    def test_comes_to_the_final_message_alone(self, agents: Agents, site: Site) -> None:
        agents.script(agents.answer(CLAUDE, "Not yet."))
        assert site.work("claude").message == "Not yet.", "what a tool or an earlier message said is no part of it"

    def test_is_heard_as_it_comes_and_on_disk_as_it_is(self, agents: Agents, site: Site) -> None:
        agents.script(agents.answer(CLAUDE, "Done."))
        site.output.write_text("before\n")
        site.work("claude")
        assert site.said == "First I look.\n\nDone."
        assert site.data("agent.output") == {"iteration": 1, "task": "a", "agent": "claude", "text": "First I look.\n\n"}
        assert site.output.read_text() == "before\n" + lines(*CLAUDE.answered("Done."))

    def test_of_subagents_is_heard_too(self, agents: Agents, site: Site) -> None:
        sent = claude_said("msg_1", claude_call("toolu_a", "Task", subagent_type="scout", description="Look"))
        agents.script(("say", lines(sent, claude_result("toolu_a"), claude_end("Done."))))
        site.work("claude")
        assert site.kinds() == ["subagent.started", "subagent.ended"]
        started = site.data("subagent.started")
        assert (started["agent"], started["iteration"], started["kind"]) == ("claude", 1, "scout")

    def test_costs_what_the_price_says_where_the_agent_does_not(self, agents: Agents, site: Site) -> None:
        agents.script(agents.answer(CODEX, "Done."))
        assert site.work("codex").usd is None, "nobody knows which model it chose"

    def test_is_wrapped(self, agents: Agents, site: Site) -> None:
        agents.script(agents.recording, agents.answer(CLAUDE, "Done."))
        site.work("claude", wrap=lambda argv: ["/usr/bin/env", "BOXED=1", *argv])
        assert agents.started["environment"]["BOXED"] == "1"


class TestAFailure:
    def test_after_an_answer_is_an_execution_that_failed(self, agents: Agents, site: Site) -> None:
        agents.script(agents.answer(CLAUDE, "<promise>COMPLETE</promise>"), ("exit", 3))
        done = site.work("claude")
        assert (done.message, done.exit_code, done.failed) == ("<promise>COMPLETE</promise>", 3, True)

    def test_without_one_is_the_loops_to_try_again(self, agents: Agents, site: Site, tmp_path: Path) -> None:
        agents.script(("complain", "boom"), ("spawn", (str(tmp_path / "runs"), False)), ("exit", 2))
        error = site.refused("claude", {"rate_limit_max_retries": 3, "rate_limit_base_backoff_ms": 0})
        assert type(error) is DownError
        assert len((tmp_path / "runs").read_text().split()) == 1, "it ran once"

    def test_by_a_limit_is_waited_for_and_then_told(self, agents: Agents, site: Site) -> None:
        agents.script(("say", lines(*CLAUDE.failed("429 Too Many Requests, retry after 7s"))), ("exit", 1))
        error = site.refused("claude")
        assert (type(error), error.details["retry_after_s"]) == (WaitError, 7)
        assert 7 in site.clock.slept
        assert (site.data("call.retrying")["agent"], site.data("call.retrying")["iteration"]) == ("claude", 1)

    def test_by_a_limit_is_waited_for_as_the_entry_says(self, agents: Agents, site: Site, config: Path) -> None:
        handling = {"maxRetries": 0}
        config.write_text(yaml.safe_dump({"agents": {"mine": {"plugin": "claude", "rateLimitHandling": handling}}}))
        agents.script(("say", lines(*CLAUDE.failed("429 Too Many Requests, retry after 7s"))), ("exit", 1))
        assert type(site.refused("mine")) is WaitError
        assert site.clock.slept == []

    def test_that_it_is_not_there_is_said(self, site: Site) -> None:
        assert type(site.refused("claude")) is NotInstalledError


class TestTime:
    def test_without_a_word_is_up(self, agents: Agents, site: Site) -> None:
        agents.script(("say", SAID), agents.spawning(apart=True), ("hang", None))
        error = site.refused("claude", job=with_job(site, idle_s=0.5))
        assert isinstance(error, TimeIsUp)
        assert (error.code, error.partial, isinstance(error, Unavailable)) == ("loop.agent_idle", "Working.\n", True)
        assert error.message == "claude said nothing for 0.5 seconds"
        assert all(gone(pid) for pid in agents.spawned)

    def test_in_all_is_up(self, agents: Agents, site: Site) -> None:
        agents.script(("say", SAID), ("hang", None))
        error = site.refused("claude", job=with_job(site, total_s=0.5))
        assert (error.code, error.message) == ("loop.agent_late", "claude was not done within 0.5 seconds")

    def test_is_no_more_than_the_entry_gives(self, agents: Agents, site: Site, config: Path) -> None:
        config.write_text(yaml.safe_dump({"agents": {"mine": {"plugin": "claude", "timeout": 300}}}))
        agents.script(("hang", None))
        assert "within 0.3 seconds" in site.refused("mine", job=with_job(site, total_s=60)).message


@pytest.mark.parametrize("apart", [False, True], ids=["in its group", "in a session of its own"])
def test_cancellation_leaves_nothing(agents: Agents, site: Site, monkeypatch: pytest.MonkeyPatch, *, apart: bool) -> None:
    from cowork.loop.agents import command

    whole = command.CommandRun
    monkeypatch.setattr(command, "CommandRun", lambda **how: whole(**how, grace_s=0.1))
    agents.script(agents.spawning(apart=apart), ("ignore", None), ("say", SAID), ("hang", None))
    site.cancelled("claude", lambda kind, _: kind == "agent.output")
    assert len(agents.spawned) == 1
    assert all(gone(pid) for pid in agents.spawned)


class TestSecrets:
    def test_are_given_as_the_entry_says(self, agents: Agents, site: Site, config: Path, keys: SetKeys) -> None:
        keys("ANTHROPIC_API_KEY", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN")
        held = {"plugin": "claude", "envPassthrough": ["AWS_*"], "env_exclude": ["ANTHROPIC_*"]}
        config.write_text(yaml.safe_dump({"agents": {"mine": held}}))
        agents.script(agents.recording, agents.answer(CLAUDE, "Done."))
        site.work("mine")
        given = agents.started["environment"]
        assert [name for name, value in given.items() if value == CANARY] == ["AWS_SECRET_ACCESS_KEY"]

    def test_are_in_nothing_that_is_heard_or_kept(self, agents: Agents, site: Site, keys: SetKeys) -> None:
        keys("ANTHROPIC_API_KEY")
        agents.script(agents.answer(CLAUDE, f"The key is {CANARY}."))
        done = site.work("claude")
        told = json.dumps(site.events) + site.output.read_text() + done.message
        assert "canary" not in told
        assert done.message == "The key is [redacted:ANTHROPIC_API_KEY]."
        agents.script(("say", lines(claude_said("msg_1", claude_text(f"It is {CANARY}")))), ("exit", 1))
        error = site.refused("claude")
        assert getattr(error, "partial", None) == "It is [redacted:ANTHROPIC_API_KEY]"


def test_a_program_of_the_users_own_just_prints(agents: Agents, site: Site, config: Path) -> None:
    command = {"command": [str(agents.place / "bin" / "claude"), "a b"], "defaultFlags": ["-v"], "prompt": "argument"}
    config.write_text(yaml.safe_dump({"agents": {"mine": command}}))
    agents.script(agents.recording, ("say", "Look:\nDone.\n"), ("exit", 1))
    done = site.work("mine")
    assert (done.message, done.exit_code, done.usd, done.model) == ("Look:\nDone.", 1, None, "default")
    assert agents.started["argv"] == ["a b", "-v", "Do it."]
    assert site.said == site.output.read_text() == "Look:\nDone.\n"
