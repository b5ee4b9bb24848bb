"""Settings: flag > COWORK_* environment > project > user > default, and nothing a stranger's file should not do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cowork.core import settings
from cowork.core.errors import InvalidInput, NotFound

DEFAULTS: dict[str, Any] = {
    "agent_max_calls": 300,
    "agent_max_turns": 50,
    "agent_output_tokens": 8192,
    "agent_idle_s": 0.0,
    "allowed_tools": "restrict",
    "argument_base": 0,
    "auto_commit": False,
    "check_timeout_s": 600.0,
    "color": "auto",
    "command_secrets": "",
    "command_timeout_s": 1800.0,
    "commit_message": "{{taskId}}: {{taskTitle}}",
    "completion_promise": "COMPLETE",
    "context_tokens": 150_000,
    "continue_on_nonzero_exit": False,
    "debate_rounds": 1,
    "default_agent": "claude",
    "default_pattern": "solo",
    "error_strategy": "retry",
    "fallback_agents": ("gemini", "codex"),
    "iteration_delay_ms": 0,
    "iteration_timeout_s": 0.0,
    "max_attempts": 10,
    "max_failures": 5,
    "max_iterations": 50,
    "max_output_tokens": 2048,
    "max_retries": 3,
    "max_run_seconds": 0.0,
    "model": "",
    "multi_model_per_iteration": False,
    "notify_urls": (),
    "pack_registries": "",
    "pack_registry": "https://raw.githubusercontent.com/CoWork-OS/CoWork-OS/main/registry",
    "private_hosts": "",
    "provider": "",
    "rate_limit_base_backoff_ms": 5000,
    "rate_limit_enabled": True,
    "rate_limit_longest_wait_s": 30.0,
    "rate_limit_max_retries": 1,
    "recover_primary_between_iterations": True,
    "request_timeout_s": 120.0,
    "retry_delay_ms": 1000,
    "sandbox": "off",
    "sandbox_network": True,
    "stagnation_limit": 3,
    "subagent_tracing_level": "moderate",
    "twin_evidence_tokens": 12000,
    "twin_jobs": 4,
    "twin_keep_days": 90,
    "twin_memory_tokens": 800,
}


@pytest.fixture
def user(home: Path) -> Path:
    """The user's configuration file, not yet there."""
    home.mkdir()
    return home / "config.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The configuration file of the project in the working directory, not yet there."""
    (tmp_path / "work" / ".cowork").mkdir()
    return tmp_path / "work" / ".cowork" / "config.yaml"


def origins(key: str, **flags: Any) -> tuple[Any, str, str]:
    value = settings.load(flags=flags).value(key)
    return value.value, value.origin, value.source


def test_without_any_file_the_defaults_hold_and_nothing_is_made(home: Path) -> None:
    loaded = settings.load()

    assert {value.key: value.value for value in loaded.all()} == DEFAULTS
    assert {(value.origin, value.source) for value in loaded.all()} == {("default", "built in")}
    assert loaded.notices == ()
    assert not home.exists()


def test_settings_are_listed_by_key_each_with_a_help_text() -> None:
    values = settings.load().all()

    assert [value.key for value in values] == sorted(DEFAULTS)
    assert all(value.help.endswith(".") for value in values)


def test_each_layer_overrides_the_one_below_and_says_where_it_comes_from(
    user: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user.write_text("debate_rounds: 2\n")
    assert origins("debate_rounds") == (2, "user", str(user))

    project.write_text("debate_rounds: 3\n")
    assert origins("debate_rounds") == (3, "project", str(project))

    monkeypatch.setenv("COWORK_DEBATE_ROUNDS", "4")
    assert origins("debate_rounds") == (4, "env", "COWORK_DEBATE_ROUNDS")

    assert origins("debate_rounds", debate_rounds=5) == (5, "flag", "command line")


def test_a_flag_that_is_not_given_overrides_nothing(user: Path) -> None:
    user.write_text("debate_rounds: 2\n")

    assert origins("debate_rounds", debate_rounds=None) == (2, "user", str(user))


def test_a_layer_overrides_only_the_keys_it_names(user: Path, project: Path) -> None:
    user.write_text("color: never\ndebate_rounds: 2\n")
    project.write_text("debate_rounds: 3\n")

    assert (settings.load()["color"], settings.load()["debate_rounds"]) == ("never", 3)


def test_an_environment_can_be_handed_in() -> None:
    assert settings.load({"COWORK_MODEL": "m"})["model"] == "m"
    assert settings.load({})["model"] == ""


@pytest.mark.parametrize(
    "key", ["command_secrets", "command_timeout_s", "max_output_tokens", "model", "provider", "request_timeout_s"]
)
def test_what_a_project_may_not_set_is_ignored_with_a_notice(project: Path, key: str) -> None:
    project.write_text(f"{key}: 7\ncolor: never\n")

    loaded = settings.load()

    assert loaded.value(key).origin == "default"
    assert [(notice.code, notice.message) for notice in loaded.notices] == [
        ("config.untrusted", f"{project}: '{key}' is ignored: only you, not a project, may set it")
    ]
    assert loaded["color"] == "never"


def test_a_project_may_set_how_a_run_looks(project: Path) -> None:
    project.write_text("color: never\ndebate_rounds: 0\ndefault_pattern: debate\n")

    loaded = settings.load()

    assert (loaded["color"], loaded["debate_rounds"], loaded["default_pattern"], loaded.notices) == ("never", 0, "debate", ())


def test_the_users_own_file_is_not_taken_for_a_projects(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COWORK_HOME", str(tmp_path / "work" / ".cowork"))
    (tmp_path / "work" / ".cowork").mkdir()
    (tmp_path / "work" / ".cowork" / "config.yaml").write_text("provider: openai\n")

    assert settings.load().value("provider").origin == "user"
    assert settings.load().notices == ()


def test_an_unknown_key_is_a_notice_with_a_suggestion(user: Path, project: Path) -> None:
    user.write_text("colour: never\n")
    project.write_text("entirely_else: 1\n")

    notices = settings.load().notices

    assert [notice.code for notice in notices] == ["config.unknown_key"] * 2
    assert notices[0].message == f"{user}: unknown setting 'colour' (did you mean 'color'?)"
    assert notices[1].message == f"{project}: unknown setting 'entirely_else' (see: cowork config show)"


def test_asking_for_an_unknown_setting_suggests_a_known_one() -> None:
    with pytest.raises(NotFound, match="there is no setting 'modle'") as caught:
        settings.load().value("modle")

    assert (caught.value.code, caught.value.hint) == ("config.unknown_key", "did you mean 'model'?")


@pytest.mark.parametrize(
    ("text", "truth"), [("yes", True), ("No", False), ("true", True), ("off", False), ("1", True), ("'no'", False)]
)
def test_a_truth_may_be_spelled_as_people_do(user: Path, text: str, truth: bool) -> None:
    assert settings.load({"COWORK_RATE_LIMIT_ENABLED": text.strip("'")})["rate_limit_enabled"] is truth
    if text != "1":  # in YAML that is a number
        user.write_text(f"rate_limit_enabled: {text}\n")
        assert settings.load()["rate_limit_enabled"] is truth


WRONG = {
    "a number for a truth": ("rate_limit_enabled: 1", "rate_limit_enabled", "must be yes or no"),
    "a text for a truth": ("rate_limit_enabled: perhaps", "rate_limit_enabled", "must be yes or no"),
    "fewer than no tries": ("rate_limit_max_retries: -1", "rate_limit_max_retries", "must be at least 0"),
    "not a choice": ("color: purple", "color", "must be one of auto, always, never"),
    "YAML's off is no text": ("color: off", "color", "must be text"),
    "a list for a text": ("model: [a]", "model", "must be text"),
    "null": ("model:", "model", "must be text"),
    "a text for a number": ("debate_rounds: many", "debate_rounds", "must be a number"),
    "a fraction for a count": ("debate_rounds: 1.5", "debate_rounds", "must be a number"),
    "true for a number": ("debate_rounds: true", "debate_rounds", "must be a number"),
    "below the minimum": ("debate_rounds: -1", "debate_rounds", "must be at least 0"),
    "no time at all": ("request_timeout_s: 0", "request_timeout_s", "must be at least 1"),
    "not a number": ("request_timeout_s: .nan", "request_timeout_s", "must be a finite number"),
    "for ever": ("request_timeout_s: .inf", "request_timeout_s", "must be a finite number"),
    "longer than floats go": ("request_timeout_s: 1" + "0" * 400, "request_timeout_s", "must be a finite number"),
}


@pytest.mark.parametrize(("line", "key", "rule"), WRONG.values(), ids=WRONG)
def test_a_wrong_value_in_a_file_names_file_key_and_rule(user: Path, line: str, key: str, rule: str) -> None:
    user.write_text(line + "\n")

    with pytest.raises(InvalidInput) as caught:
        settings.load()

    assert caught.value.exit_code == 4
    assert caught.value.code == "config.invalid"
    assert caught.value.message == f"{user}: {key} {rule}"
    assert caught.value.details == {"key": key, "source": str(user)}


@pytest.mark.parametrize(
    ("variable", "text", "rule"),
    [
        ("COWORK_COLOR", "purple", "color must be one of auto, always, never"),
        ("COWORK_DEBATE_ROUNDS", "1.5", "debate_rounds must be a number"),
        ("COWORK_DEBATE_ROUNDS", "", "debate_rounds must be a number"),
        ("COWORK_MAX_OUTPUT_TOKENS", "0", "max_output_tokens must be at least 1"),
        ("COWORK_REQUEST_TIMEOUT_S", "nan", "request_timeout_s must be a finite number"),
        ("COWORK_REQUEST_TIMEOUT_S", "inf", "request_timeout_s must be a finite number"),
    ],
)
def test_a_wrong_value_in_the_environment_names_the_variable(variable: str, text: str, rule: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        settings.load({variable: text})

    assert caught.value.message == f"{variable}: {rule}"


def test_a_wrong_flag_is_refused_as_well() -> None:
    with pytest.raises(InvalidInput, match="command line: debate_rounds must be at least 0"):
        settings.load({}, {"debate_rounds": -1})


def test_a_whole_number_is_a_fine_duration(user: Path) -> None:
    user.write_text("request_timeout_s: 30\n")

    value = settings.load()["request_timeout_s"]

    assert (value, type(value)) == (30.0, float)


MERGE_BOMB = "\n".join(
    ["a0: &a0 {k: v}", *(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 12)), "color: never"]
)
CORRUPT = {
    "unclosed": (b"color: [never", "expected ',' or ']'"),
    "a tab for indentation": (b"color:\n\tnever", "cannot start any token"),
    "a list": (b"- color", "must hold a mapping"),
    "a text": (b"color", "must hold a mapping"),
    "two documents": (b"color: never\n---\ncolor: always", "expected a single document"),
    "invalid UTF-8": (b"color: \xff", "invalid start byte"),
    "a control character": (b"color: \x07", "special characters are not allowed"),
    "100,000 levels": (b"[" * 60_000, "recursion"),
    "Python objects": (b"color: !!python/object/apply:os.system [id]", "could not determine a constructor"),
    "a truth that is none": (b"color: !!bool perhaps", "perhaps"),
    "a number without digits": (b"color: !!int ''", "index out of range"),
    "a day that never was": (b"color: 2001-99-99", "month must be in 1..12"),
    "billion laughs": (b"a: &a [x]\nb: [*a, *a]", "aliases are not allowed"),
    "billion merges": (MERGE_BOMB.encode(), "aliases are not allowed"),
    "too large": (b"#" * 65_537, "larger than 65536 bytes"),
}


@pytest.mark.parametrize(("raw", "cause"), CORRUPT.values(), ids=CORRUPT)
def test_a_corrupt_file_is_reported_by_name_and_left_as_it_is(project: Path, raw: bytes, cause: str) -> None:
    project.write_bytes(raw)

    with pytest.raises(InvalidInput) as caught:
        settings.load()

    assert caught.value.code == "config.corrupt"
    assert caught.value.message == f"cannot read the configuration {project}"
    assert cause in (caught.value.cause or "")
    assert project.read_bytes() == raw


@pytest.mark.parametrize("raw", ["", "\n", "# only a comment\n", "---\n", "{}"])
def test_an_empty_file_sets_nothing(user: Path, raw: str) -> None:
    user.write_text(raw)

    assert {value.origin for value in settings.load().all()} == {"default"}


def test_a_fifo_is_refused_instead_of_waited_for(project: Path) -> None:
    os.mkfifo(project)

    with pytest.raises(InvalidInput) as caught:
        settings.load()

    assert (caught.value.code, caught.value.cause) == ("config.corrupt", "it is not a regular file")


def test_a_home_below_a_file_holds_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("COWORK_HOME", str(tmp_path / "file" / "home"))

    assert settings.load()["color"] == "auto"


def test_one_setting_is_what_all_settings_say_and_costs_yaml_only_where_a_file_mentions_it(
    user: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in ("", "model: x\n", "color: never\n", '"colo\\x72": never\n', "debate_rounds: 3\n"):
        for path in (user, project):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            for key in ("color", "model", "debate_rounds"):
                assert settings.one(key) == settings.load()[key]
            path.unlink()
    monkeypatch.setenv("COWORK_COLOR", "always")
    assert settings.one("color") == "always"
    monkeypatch.delenv("COWORK_COLOR")
    user.write_text("model: [")
    assert settings.one("color") == "auto"
    with pytest.raises(InvalidInput):
        settings.one("model")
    user.unlink()
    user.mkdir()
    with pytest.raises(InvalidInput):
        settings.one("color")


YAML_WORDS = (
    "color model debate_rounds request_timeout_s : - { } [ ] , ? | > ' \" # % & * &a *a << ~ !x !!int !!float !!bool !!set "
    "!!timestamp !!binary !!omap 1 0x 1e999 .nan -.inf 1:60 2001-01-01 true null never \x00 \ufeff é"
)
YAML_PIECES = st.sampled_from([*YAML_WORDS.split(" "), ": ", "\n", "  ", "\t"])


@given(st.lists(YAML_PIECES, max_size=12).map("".join))
@hypothesis_settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_holds_the_answer_is_settings_or_a_typed_error(user: Path, text: str) -> None:
    user.write_text(text, encoding="utf-8")

    try:
        loaded = settings.load({})
    except InvalidInput as error:
        assert str(user) in error.message
    else:
        assert {value.key for value in loaded.all()} == set(DEFAULTS)
