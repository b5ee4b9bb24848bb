"""The agents among the other providers: chosen after an Ollama, listed when installed, checked like any."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from cowork.core.errors import Unavailable
from cowork.models import select
from cowork.models.checking import check_providers
from cowork.models.command_line.model import CommandModel
from cowork.models.directory import list_providers
from cowork.models.errors import NotInstalledError
from cowork.models.preference import preferred
from cowork.models.select import Target
from tests.models.command_line.agents import PROVIDERS, Agents
from tests.models.command_line.speech import CLAUDE, CODEX, Speech, all_four, lines
from tests.models.surroundings import SetKeys, settings
from tests.support import FakeClock, run_here


def chosen(**named: str) -> str:
    return select.default(settings(), **named)[0].label


class TestTheOrder:
    def test_an_installed_agent_comes_before_a_rehearsal(self, agents: Agents) -> None:
        target, notices = select.default(settings())
        assert (target.label, notices) == ("claude-code/default", ())
        (agents.place / "bin" / "claude").unlink()
        assert chosen() == "codex-cli/default"
        for name in ("codex", "gemini", "opencode"):
            (agents.place / "bin" / name).unlink()
        assert chosen() == "rehearsal/extract-1"

    def test_a_key_and_an_ollama_come_before_it(
        self, agents: Agents, httpserver: HTTPServer, keys: SetKeys, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        httpserver.expect_request("/api/tags").respond_with_json({"models": [{"name": "qwen3:8b"}]})
        monkeypatch.setenv("OLLAMA_BASE_URL", httpserver.url_for("/v1"))
        assert chosen() == "ollama/qwen3:8b"
        keys("GROQ_API_KEY")
        assert chosen() == "groq/openai/gpt-oss-120b"

    def test_a_model_that_is_named_goes_with_it(self, agents: Agents) -> None:
        assert chosen(model="opus") == "claude-code/opus"
        assert chosen(provider="codex-cli/gpt-5.5") == "codex-cli/gpt-5.5"
        assert chosen(provider="claude") == "anthropic/claude-sonnet-5", "the name of the provider is still its own"

    def test_a_file_that_cannot_be_run_is_no_agent(self, agents: Agents) -> None:
        (agents.place / "bin" / "claude").chmod(0o644)
        assert chosen() == "codex-cli/default"

    def test_nothing_is_found_in_the_working_directory(self, monkeypatch: pytest.MonkeyPatch) -> None:
        program = Path("claude")
        program.touch(0o755)
        assert chosen() == "rehearsal/extract-1"
        monkeypatch.setenv("PATH", "")
        assert chosen() == "rehearsal/extract-1"


class TestOpening:
    @all_four
    def test_gives_the_agent_whether_or_not_there_is_a_key(self, agents: Agents, speech: Speech) -> None:
        target = Target(PROVIDERS[speech.name], "default")
        select.require_ready(target)
        model = select.open_model(target, settings())
        assert isinstance(model, CommandModel)
        assert not model.rehearsal
        asyncio.run(model.close())

    @all_four
    def test_says_at_once_that_it_is_not_installed(self, speech: Speech) -> None:
        target = Target(PROVIDERS[speech.name], "default")
        for attempt in (lambda: select.require_ready(target), lambda: select.open_model(target, settings())):
            with pytest.raises(NotInstalledError) as caught:
                attempt()
            assert f"the program {speech.name} is not there" in caught.value.message
            assert "npm install" in (caught.value.hint or "")


def test_the_list_shows_which_are_installed(agents: Agents) -> None:
    (agents.place / "bin" / "gemini").unlink()
    listed = {item.id: item for item in list_providers(settings()).items if item.style == "command"}
    assert {id_: item.configured for id_, item in listed.items()} == {
        "claude-code": True,
        "codex-cli": True,
        "gemini-cli": False,
        "opencode": True,
    }
    assert listed["codex-cli"].program == "codex"
    assert [id_ for id_, item in listed.items() if item.chosen] == ["claude-code"]
    shown = run_here("provider", "list", "--configured")
    assert "program: codex" in shown.out
    assert "gemini-cli" not in shown.out


class TestACheck:
    def test_asks_the_agent(self, agents: Agents) -> None:
        agents.script(agents.recording, agents.answer(CODEX, "ready"))
        (item,) = check_providers(["codex-cli"], settings(), FakeClock())[0].items
        assert (item.provider, item.model, item.ok, item.message) == ("codex-cli", "default", True, "ready")
        assert agents.started["stdin"] == "Reply with the single word: ready"

    def test_tells_why_it_cannot_answer(self, agents: Agents) -> None:
        agents.script(("say_at_once", lines(*CLAUDE.failed("Invalid API key · Please run /login"))), ("exit", 1))
        (agents.place / "bin" / "gemini").unlink()
        with pytest.raises(Unavailable) as caught:
            check_providers(["claude-code", "gemini-cli"], settings(), FakeClock())
        assert [item.code for item in caught.value.data.items] == ["auth", "not_installed"]

    def test_works_from_the_command_line(self, agents: Agents) -> None:
        agents.script(agents.answer(CLAUDE, "ready"))
        done = run_here("provider", "check", "claude-code", "--json")
        assert (done.code, done.data["items"][0]["message"]) == (0, "ready")


def test_what_a_file_wishes_is_understood_by_claude_code() -> None:
    usual = Target("claude-code", "default")
    assert preferred("haiku", usual) == (Target("claude-code", "haiku"), ())
    assert preferred("claude-opus-4-5", usual) == (Target("claude-code", "claude-opus-4-5"), ())
    assert preferred("opus", usual) == (usual, ())
    assert preferred("claude-opus-4-5", Target("codex-cli", "default"))[1][0].code == "agent.model_not_here"


def test_no_agent_of_this_machine_is_in_sight_of_the_tests() -> None:
    assert [item.id for item in list_providers(settings()).items if item.style == "command" and item.configured] == []
    assert os.environ["PATH"]


def test_an_installed_agent_is_not_chosen_where_tools_are_offered(agents: Agents) -> None:
    """It has tools of its own, and would refuse ours."""
    target, notices = select.default(settings(), tools=True)
    assert (target.rehearsal, [notice.code for notice in notices]) == (True, ["provider.rehearsal"])
