"""What users call agents, and what comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cowork.core import settings as configuration
from cowork.core.config_sections import Entry
from cowork.core.errors import CoworkError, InvalidInput, NotFound
from cowork.loop.agents import entries, naming, programs
from cowork.loop.agents.entries import AgentEntry
from cowork.loop.agents.work import AgentSpec
from cowork.models.errors import AuthError, NotInstalledError
from tests.models.command_line.agents import Agents
from tests.models.surroundings import SetKeys, settings


def agent(text: str, model: str | None = None) -> tuple[str, str]:
    spec = naming.parse(text, settings(), model=model)
    assert naming.parse(text, settings(), model=model) == spec
    assert spec.name == text
    return spec.kind, spec.label


def written(config: Path, **held: Any) -> None:
    config.write_text(yaml.safe_dump({"agents": held}))


class TestAName:
    @pytest.mark.parametrize(
        ("text", "kind", "label"),
        [
            ("claude", "command", "claude-code/default"),
            ("claude/opus", "command", "claude-code/opus"),
            ("claude-code", "command", "claude-code/default"),
            ("claude-cli", "command", "claude-code/default"),
            ("codex", "command", "codex-cli/default"),
            ("gemini/flash", "command", "gemini-cli/flash"),
            ("opencode/groq/llama-4", "command", "opencode/groq/llama-4"),
            ("anthropic", "model", "anthropic/claude-sonnet-5"),
            ("groq/openai/gpt-oss-120b", "model", "groq/openai/gpt-oss-120b"),
            ("model:gemini/gemini-9", "model", "gemini/gemini-9"),
            ("model:claude", "model", "anthropic/claude-sonnet-5"),
            ("rehearsal", "model", "rehearsal/extract-1"),
            ("cowork:groq", "builtin", "groq/openai/gpt-oss-120b"),
            ("cowork:groq/m/1", "builtin", "groq/m/1"),
            ("cowork:rehearsal", "builtin", "rehearsal/extract-1"),
            ("cowork", "builtin", "rehearsal/extract-1"),
        ],
    )
    def test_means_a_program_a_model_or_our_own(self, text: str, kind: str, label: str) -> None:
        assert agent(text) == (kind, label)

    def test_may_leave_the_model_to_the_caller(self) -> None:
        assert agent("claude/opus", "haiku") == ("command", "claude-code/haiku")
        assert agent("anthropic", "m") == ("model", "anthropic/m")
        assert agent("cowork:groq", "m") == ("builtin", "groq/m")

    def test_of_our_own_agent_alone_takes_the_usual_provider(self, keys: SetKeys) -> None:
        keys("GROQ_API_KEY")
        assert agent("cowork") == ("builtin", "groq/openai/gpt-oss-120b")
        assert agent("cowork", "m") == ("builtin", "groq/m")

    @pytest.mark.parametrize(
        ("text", "hint"),
        [
            ("cluade", "did you mean 'claude'?"),
            ("cowrk", "did you mean 'cowork'?"),
            ("minee", "did you mean 'mine'?"),
            ("cowork:grok-", "did you mean 'groq'?"),
            ("cowork:", None),
            ("", None),
            ("/", None),
            ("model:codex-cli", None),
        ],
    )
    def test_that_nobody_has_is_refused_with_what_was_meant(self, config: Path, text: str, hint: str | None) -> None:
        written(config, mine={"plugin": "claude"})
        if text == "cowork:":
            assert agent(text)[0] == "builtin"
            return
        with pytest.raises(NotFound) as caught:
            naming.parse(text, settings())
        assert caught.value.code == "loop.no_such_agent"
        assert hint is None or caught.value.hint == hint

    def test_of_a_command_line_agent_is_not_for_the_one_with_our_tools(self) -> None:
        with pytest.raises(InvalidInput) as caught:
            naming.parse("cowork:claude-code", settings())
        assert caught.value.code == "loop.agent_without_tools"

    @given(st.text(max_size=20) | st.from_regex(r"(cowork:|model:)?(claude|groq|mine|x)?/?[a-z/:]{0,5}", fullmatch=True))
    @hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_may_be_anything(self, config: Path, text: str) -> None:
        if not config.exists():
            written(config, mine={"plugin": "claude"})
        try:
            spec = naming.parse(text, settings())
        except CoworkError as error:
            assert error.exit_code in (3, 4)
        else:
            assert spec.provider
            assert spec.model


class TestAnEntry:
    def test_changes_an_agent_that_is_known(self, config: Path) -> None:
        written(config, mine={"plugin": "claude", "model": "opus", "defaultFlags": ["--effort", "high"], "timeout": 5000})
        spec = naming.parse("mine", settings())
        assert (spec.name, spec.kind, spec.label) == ("mine", "command", "claude-code/opus")
        command = programs.command_of(spec)
        assert (command.program, command.dialect, command.work_flags[-2:], command.timeout_s) == (
            "claude",
            "claude",
            ("--effort", "high"),
            5.0,
        )
        assert agent("mine/haiku") == ("command", "claude-code/haiku")

    def test_comes_before_everything_else_of_its_name(self, config: Path) -> None:
        written(config, claude={"plugin": "claude", "model": "opus"}, groq={"command": "my-groq"})
        assert agent("claude") == ("command", "claude-code/opus")
        assert agent("groq") == ("command", "groq/default")

    def test_may_be_a_program_of_the_users_own(self, config: Path) -> None:
        written(config, mine={"command": "node './my agent.js' $(touch x)", "default_flags": "-v --fast"})
        command = programs.command_of(naming.parse("mine", settings()))
        assert (command.program, command.dialect, command.prompt) == ("node", "text", "stdin")
        assert command.work_flags == ("./my agent.js", "$(touch", "x)", "-v", "--fast")

    def test_may_put_words_before_a_known_program(self, config: Path) -> None:
        written(config, mine={"plugin": "codex", "command": ["npx", "codex"], "model": "m"})
        command = programs.command_of(naming.parse("mine", settings()))
        assert (command.program, command.work_flags[:2], command.dialect) == ("npx", ("codex", "exec"), "codex")

    def test_may_be_a_model_or_our_own_agent(self, config: Path) -> None:
        written(config, thinker={"plugin": "groq/m"}, worker={"plugin": "cowork:groq", "model": "n"})
        assert agent("thinker") == ("model", "groq/m")
        assert agent("worker") == ("builtin", "groq/n")

    def test_says_how_its_program_is_told_a_model_or_is_told_none(self, config: Path) -> None:
        written(
            config,
            plain={"command": "x"},
            flagged={"command": "x", "modelFlag": "-m"},
            like={"command": "x", "dialect": "codex"},
        )
        for name, flag in (("flagged", "-m"), ("like", "--model")):
            assert programs.command_of(naming.parse(name, settings(), model="m")).model_flag == flag
        with pytest.raises(InvalidInput) as caught:
            naming.parse("plain", settings(), model="m")
        assert caught.value.code == "loop.agent_takes_no_model"

    def test_survives_a_journal(self, config: Path) -> None:
        held = {"plugin": "claude", "env_passthrough": ["AWS_*"], "rateLimitHandling": {"maxRetries": 2, "baseBackoffMs": 10}}
        written(config, mine=held)
        spec = naming.parse("mine", settings())
        assert AgentEntry.of(spec).retry_max == 2
        assert AgentEntry.of(spec).env_passthrough == ("AWS_*",)
        hash(spec)
        import json
        from dataclasses import asdict

        data = json.loads(json.dumps(asdict(spec)))
        again = AgentSpec(data["name"], data["kind"], data["provider"], data["model"], tuple(map(tuple, data["settings"])))
        assert AgentEntry.of(again) == AgentEntry.of(spec)

    @pytest.mark.parametrize(
        ("entry", "key", "rule"),
        [
            ({}, "mine", "must have a plugin"),
            ({"plugin": 3}, "mine.plugin", "must be a text"),
            ({"plugin": "nobody"}, "mine.plugin", "must be an agent that is known"),
            ({"plugin": "mine"}, "mine.plugin", "must be an agent that is known"),
            ({"plugin": "groq", "command": "x"}, "mine", "must not"),
            ({"command": []}, "mine.command", "must name a program"),
            ({"command": "'x"}, "mine.command", "cannot be parted"),
            ({"command": ["x", 1]}, "mine.command", "must be a list of texts"),
            ({"command": "x", "dialect": "perl"}, "mine.dialect", "must be one of claude, codex, gemini, opencode, text"),
            ({"command": "x", "prompt": "file"}, "mine.prompt", "must be one of stdin, argument"),
            ({"command": "x", "timeout": -1}, "mine.timeout", "must be a number of seconds"),
            ({"command": "x", "timeout_s": True}, "mine.timeout_s", "must be a number of seconds"),
            ({"command": "x", "timeout_s": 1, "timeout": 1}, "mine.timeout", "is given twice"),
            ({"command": "x", "fallbackAgents": "claude"}, "mine.fallbackAgents", "must be a list of texts"),
            ({"command": "x", "rate_limit_handling": 3}, "mine.rate_limit_handling", "must be a mapping"),
            (
                {"command": "x", "rateLimitHandling": {"maxRetries": 99}},
                "mine.rate_limit_handling.maxRetries",
                "must be a whole number from 0 to 10",
            ),
        ],
    )
    def test_that_breaks_a_rule_names_file_key_and_rule(self, config: Path, entry: dict[str, Any], key: str, rule: str) -> None:
        written(config, mine=entry)
        with pytest.raises(InvalidInput) as caught:
            naming.parse("mine", settings())
        assert caught.value.code == "config.invalid"
        assert str(config) in caught.value.message
        assert f"agents.{key}" in caught.value.message
        assert rule in caught.value.message

    def test_with_an_odd_key_is_a_notice(self, config: Path) -> None:
        written(config, mine={"command": "sh", "comand": "x", "rateLimitHandling": {"maxRetry": 1}})
        _, notices = naming.usable(["mine"], settings())
        assert [notice.code for notice in notices] == ["config.unknown_key"] * 2
        assert "did you mean 'command'?" in notices[0].message

    def test_of_a_project_does_not_count(self) -> None:
        place = Path(".cowork")
        place.mkdir()
        (place / "config.yaml").write_text("agents: {claude: {command: evil}}")
        loaded = configuration.load()
        assert naming.parse("claude", loaded).provider == "claude-code"
        assert [notice.code for notice in loaded.notices] == ["config.untrusted"]

    @given(
        st.dictionaries(
            st.sampled_from(["plugin", "command", "defaultFlags", "timeout", "rateLimitHandling", "envExclude", "model"])
            | st.text(max_size=5),
            st.none()
            | st.booleans()
            | st.floats()
            | st.text(max_size=6)
            | st.lists(st.text(max_size=3))
            | st.dictionaries(st.text(max_size=3), st.integers()),
        )
    )
    def test_may_hold_anything(self, value: dict[str, Any]) -> None:
        try:
            found, _ = entries.read("mine", Entry(value, "user", "config.yaml"))
        except InvalidInput as error:
            assert error.code == "config.invalid"
        else:
            assert found.plugin or found.command
            assert AgentEntry.of(AgentSpec("mine", "command", "mine", "m", found.plain)) == found


class TestReady:
    def test_is_a_program_that_is_there(self, agents: Agents) -> None:
        naming.require_ready(naming.parse("claude", settings()))
        (agents.place / "bin" / "claude").unlink()
        with pytest.raises(NotInstalledError) as caught:
            naming.require_ready(naming.parse("claude", settings()))
        assert "npm install" in (caught.value.hint or "")

    def test_is_a_program_of_the_users_own_where_it_is_said_to_be(self, config: Path, tmp_path: Path) -> None:
        program = tmp_path / "my agent"
        written(config, mine={"command": [str(program)]})
        with pytest.raises(NotInstalledError) as caught:
            naming.require_ready(naming.parse("mine", settings()))
        assert "agents.mine.command" in (caught.value.hint or "")
        program.touch(0o755)
        naming.require_ready(naming.parse("mine", settings()))

    @pytest.mark.parametrize("text", ["groq", "cowork:groq"])
    def test_is_a_key_that_is_set(self, keys: SetKeys, text: str) -> None:
        with pytest.raises(AuthError):
            naming.require_ready(naming.parse(text, settings()))
        keys("GROQ_API_KEY")
        naming.require_ready(naming.parse(text, settings()))

    def test_is_always_a_rehearsal(self) -> None:
        specs = [naming.parse(text, settings()) for text in ("rehearsal", "cowork:rehearsal")]
        for spec in specs:
            naming.require_ready(spec)
        assert [spec.kind for spec in specs] == ["model", "builtin"]


class TestALine:
    def test_has_the_fallbacks_of_each_behind_it_and_nobody_twice(self, config: Path, agents: Agents) -> None:
        written(
            config,
            mine={"plugin": "claude", "model": "opus", "fallbackAgents": ["codex", "other"]},
            other={"plugin": "gemini", "fallback_agents": ["mine", "rehearsal"]},
        )
        specs, notices = naming.usable(["mine", "codex", "mine"], settings(), model="haiku")
        assert [(spec.name, spec.model) for spec in specs] == [
            ("mine", "haiku"),
            ("codex", "default"),
            ("other", "default"),
            ("rehearsal", "extract-1"),
        ]
        assert notices == ()

    def test_leaves_out_who_cannot_stand_in_and_says_so(self, agents: Agents) -> None:
        (agents.place / "bin" / "codex").unlink()
        specs, notices = naming.usable(["claude", "codex", "groq"], settings())
        assert [spec.name for spec in specs] == ["claude"]
        assert [notice.code for notice in notices] == ["loop.agent_not_ready"] * 2
        with pytest.raises(NotInstalledError):
            naming.usable(["codex", "claude"], settings())

    def test_with_a_name_that_nobody_has_is_refused(self, agents: Agents) -> None:
        with pytest.raises(NotFound):
            naming.usable(["claude", "codx"], settings())


class TestNobodyNamed:
    def test_is_our_own_agent_with_a_key_a_program_or_a_rehearsal(self, agents: Agents, keys: SetKeys) -> None:
        keys("GROQ_API_KEY")
        spec, notices = naming.usual(settings(), model="m")
        assert (spec.name, spec.kind, spec.label, notices) == ("cowork:groq/m", "builtin", "groq/m", ())
        keys(GROQ_API_KEY="")
        spec, _ = naming.usual(settings())
        assert (spec.name, spec.kind, spec.label) == ("claude-code/default", "command", "claude-code/default")
        for program in (agents.place / "bin").iterdir():
            program.unlink()
        spec, notices = naming.usual(settings())
        assert (spec.kind, spec.provider, [notice.code for notice in notices]) == ("model", "rehearsal", ["provider.rehearsal"])

    def test_is_who_the_settings_name(self, agents: Agents) -> None:
        assert naming.usual(settings(provider="codex-cli"))[0].label == "codex-cli/default"
        assert naming.usual(settings(provider="claude"))[0].name == "cowork:anthropic/claude-sonnet-5"
