"""The settings of loops: the plan's fields under their names, lists, secrets, and what a project may not decide."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cowork.core import settings
from cowork.core.errors import InvalidInput
from cowork.core.secrets import child_environment
from cowork.core.setting import Setting
from tests.support import run_here

PLAN = {  # spec: CoworkConfig
    "default_agent": "claude",
    "fallback_agents": ("gemini", "codex"),
    "max_iterations": 50,
    "iteration_delay_ms": 0,
    "completion_promise": "COMPLETE",
    "default_pattern": "solo",
    "multi_model_per_iteration": False,
    "error_strategy": "retry",
    "max_retries": 3,
    "retry_delay_ms": 1000,
    "rate_limit_enabled": True,
    "rate_limit_max_retries": 1,
    "rate_limit_base_backoff_ms": 5000,
    "recover_primary_between_iterations": True,
    "subagent_tracing_level": "moderate",
}
SECRET = "slack://TokenAAAA/TokenBBBB/TokenCCCC"


@pytest.fixture
def user(home: Path) -> Path:
    home.mkdir()
    return home / "config.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "work" / ".cowork").mkdir()
    return tmp_path / "work" / ".cowork" / "config.yaml"


@pytest.mark.parametrize(("key", "usual"), PLAN.items(), ids=PLAN)
def test_every_field_of_the_plan_is_a_setting_of_that_name(key: str, usual: Any) -> None:
    value = settings.load({}).value(key)

    assert (value.value, value.origin) == (usual, "default")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("fallback_agents: [codex, gemini]", ("codex", "gemini")),
        ("fallback_agents: codex, gemini", ("codex", "gemini")),
        ("fallback_agents: [codex, ' codex ', '']", ("codex",)),
        ("fallback_agents: []", ()),
        ("fallback_agents: ''", ()),
    ],
)
def test_a_list_is_one_of_texts_or_texts_with_commas_between(user: Path, text: str, names: tuple[str, ...]) -> None:
    user.write_text(text)

    assert settings.load({})["fallback_agents"] == names
    assert settings.load({"COWORK_FALLBACK_AGENTS": "opencode,claude"})["fallback_agents"] == ("opencode", "claude")


def test_addresses_may_hold_commas(user: Path) -> None:
    user.write_text("notify_urls: 'mailto://u:pw@h?to=a,b, json://127.0.0.1:9/x xml://h'")

    assert settings.load({})["notify_urls"] == ("mailto://u:pw@h?to=a,b", "json://127.0.0.1:9/x", "xml://h")


@pytest.mark.parametrize("raw", ["3", "[1]", "{a: b}", "true", "[[a]]", "~"])
def test_what_is_no_list_of_texts_is_refused(user: Path, raw: str) -> None:
    user.write_text(f"fallback_agents: {raw}")

    with pytest.raises(InvalidInput, match="fallback_agents must be a list of texts, or texts with commas between"):
        settings.load({})


@pytest.mark.parametrize("text", ["completion_promise:", "completion_promise: ''", "completion_promise: ~"])
def test_no_promise_means_the_usual_one(user: Path, text: str) -> None:
    user.write_text(text)

    assert settings.load({})["completion_promise"] == "COMPLETE"
    assert settings.load({"COWORK_COMPLETION_PROMISE": ""})["completion_promise"] == "COMPLETE"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("max_iterations: -1", "max_iterations must be at least 0"),
        ("max_iterations: many", "max_iterations must be a number"),
        ("error_strategy: give-up", "error_strategy must be one of retry, skip, abort"),
        ("sandbox: docker", "sandbox must be one of off, auto, bwrap, sandbox-exec"),
        ("max_retries: 1.5", "max_retries must be a number"),
        ("check_timeout_s: 0", "check_timeout_s must be at least 1"),
        ("auto_commit: 7", "auto_commit must be yes or no"),
    ],
)
def test_a_wrong_value_is_refused(user: Path, line: str, rule: str) -> None:
    user.write_text(line)

    with pytest.raises(InvalidInput) as caught:
        settings.load({})

    assert caught.value.message == f"{user}: {rule}"


UNSAFE = (
    "default_agent: x", "fallback_agents: [x]", "max_iterations: 0", "max_retries: 99", "max_failures: 0", "max_attempts: 0",
    "stagnation_limit: 0", "max_run_seconds: 0", "multi_model_per_iteration: yes", "auto_commit: yes", "sandbox: 'off'",
    "sandbox_network: yes", "notify_urls: [json://evil]", "agent_idle_s: 0", "iteration_timeout_s: 0",
)  # fmt: skip


@pytest.mark.parametrize("line", UNSAFE)
def test_who_gets_material_what_runs_and_what_is_spent_is_not_for_a_project_to_say(project: Path, line: str) -> None:
    project.write_text(line)

    loaded = settings.load({})

    assert loaded.value(line.split(":")[0]).origin == "default"
    assert [notice.code for notice in loaded.notices] == ["config.untrusted"]


def test_how_its_loops_go_is_for_a_project_to_say(project: Path) -> None:
    project.write_text("completion_promise: DONE\nerror_strategy: skip\niteration_delay_ms: 5\ncommit_message: x\n")

    loaded = settings.load({})

    assert (loaded["completion_promise"], loaded["error_strategy"], loaded["iteration_delay_ms"]) == ("DONE", "skip", 5)
    assert loaded.notices == ()


class TestASecret:
    def test_is_used_and_never_shown(self, user: Path) -> None:
        user.write_text(f"notify_urls: [{SECRET}, 'json://h']")
        loaded = settings.load({})

        assert loaded["notify_urls"] == (SECRET, "json://h")
        assert loaded.value("notify_urls").value == ("[hidden]", "[hidden]")
        for argv in (("config", "show"), ("config", "show", "notify_urls", "--origin"), ("config", "show", "--json")):
            ran = run_here(*argv)
            assert "TokenAAAA" not in ran.out + ran.err
            assert "[hidden]" in ran.out

    def test_is_not_shown_when_it_is_wrong(self) -> None:
        setting = Setting("a", int, 0, "", secret=True)

        with pytest.raises(InvalidInput) as caught:
            setting.judged(SECRET, "file")

        assert "Token" not in f"{caught.value.message} {caught.value.cause} {caught.value.hint}"

    def test_is_not_handed_to_child_processes(self) -> None:
        assert child_environment({"COWORK_NOTIFY_URLS": SECRET, "LANG": "C"}) == {"LANG": "C"}


def test_lists_are_lists_for_scripts_and_texts_for_people() -> None:
    assert run_here("config", "show", "fallback_agents", "--json").data["items"][0]["value"] == ["gemini", "codex"]
    assert "gemini, codex" in run_here("config", "show", "fallback_agents").out
