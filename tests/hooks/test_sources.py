"""Where hooks come from, which of them count, and what is said about those that cannot be used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cowork.hooks.config import MAX_HANDLERS
from cowork.hooks.dispatch import Hooks
from cowork.hooks.gather import gather
from cowork.hooks.place import project_root
from cowork.hooks.records import Source
from cowork.hooks.sources import session
from cowork.trust.state import Trust
from tests.hooks.making import BASH, command, document, group, hooks, written

TRUSTED, UNTRUSTED = (Trust("/p", status) for status in ("trusted", "untrusted"))


def stop(text: str) -> dict[str, Any]:
    return document("Stop", command(text))


@pytest.fixture
def places(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, a home and an organization, each with every file that may hold hooks."""
    project, user, enterprise = tmp_path / "work", tmp_path / "user", tmp_path / "org"
    monkeypatch.setenv("COWORK_ENTERPRISE_CONFIG", str(enterprise))
    for path in (
        enterprise / "settings.json", enterprise / "hooks.json", user / ".claude/settings.json", home / "hooks.json",
        project / ".claude/settings.json", project / ".claude/settings.local.json", project / ".claude/hooks/hooks.json",
        project / ".cowork/hooks.json",
    ):  # fmt: skip
        written(path, stop(str(path.relative_to(tmp_path))))
    return project


def commands(project: Path, trust: Trust) -> list[str]:
    return [ran.command for ran in _run(project, trust)]


def _run(project: Path, trust: Trust) -> Any:
    found = gather(session(str(project), trust))
    return found.in_force("Stop")


def test_the_organization_comes_first_then_the_user_then_the_project(places: Path) -> None:
    assert commands(places, TRUSTED) == [
        "org/settings.json", "org/hooks.json", "user/.claude/settings.json", "home/hooks.json", "work/.claude/settings.json",
        "work/.claude/settings.local.json", "work/.claude/hooks/hooks.json", "work/.cowork/hooks.json",
    ]  # fmt: skip


def test_a_project_that_is_not_trusted_runs_nothing_and_is_still_listed(places: Path) -> None:
    assert commands(places, UNTRUSTED) == [
        "org/settings.json", "org/hooks.json", "user/.claude/settings.json", "home/hooks.json",
    ]  # fmt: skip
    listed = [item for item in gather(session(str(places), UNTRUSTED)).handlers if item.source.origin == "project"]
    assert {item.source.ignored for item in listed} == {"/p is not trusted: nobody said so yet"}
    assert len(listed) == 4


def test_the_home_directory_is_no_project_beside_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COWORK_HOME", str(tmp_path / "user" / ".cowork"))
    written(tmp_path / "user/.claude/settings.json", stop("a"))
    written(tmp_path / "user/.cowork/hooks.json", stop("b"))

    found = gather(session(str(tmp_path / "user"), TRUSTED)).handlers

    assert [(item.command, item.source.origin) for item in found] == [("a", "user"), ("b", "user")]


def test_settings_need_no_hooks_and_a_hooks_file_does(tmp_path: Path) -> None:
    path = written(tmp_path / "x.json", {"permissions": {}})

    assert gather([Source(path, "user", settings=True)]).problems == []
    assert gather([Source(path, "user")]).problems == [f'{path}:1: hooks: the file needs an object "hooks"']


@pytest.mark.parametrize(("origin", "left"), [("enterprise", []), ("user", ["enterprise"]), ("project", ["enterprise"])])
def test_hooks_can_be_turned_off_but_the_organizations_only_by_itself(tmp_path: Path, origin: str, left: list[str]) -> None:
    sources = [
        Source(name, name, settings=True, document={**stop(name), "disableAllHooks": name == origin})
        for name in ("enterprise", "user", "project", "plugin")
    ]

    found = gather(sources)

    assert [item.source.origin for item in found.in_force("Stop")] == left
    assert all(
        item.source.ignored == f"disableAllHooks in {origin}" for item in found.handlers if item.source.origin not in left
    )


@pytest.mark.parametrize("origin", ["plugin", "agent", "skill", "untrusted"])
def test_nobody_else_can_turn_hooks_off(tmp_path: Path, origin: str) -> None:
    source = Source("x", origin, document={"hooks": {}, "disableAllHooks": True})
    if origin == "untrusted":
        source = Source("x", "project", ignored="it is not trusted", document={"hooks": {}, "disableAllHooks": True})

    assert gather([Source("guard", "user", document=stop("exit 2")), source]).in_force("Stop")


def test_what_is_malformed_is_reported_with_file_and_line_and_takes_nothing_with_it(tmp_path: Path) -> None:
    text = """{
  "hooks": {
    "PreToolUse": [
      {"matcher": "(", "hooks": [{"type": "command", "command": "one"}]},
      {
        "hooks": [
          {"type": "command"},
          {"type": "command", "command": "exit 2"},
          {"type": "command", "command": "x",
           "timeout": -1}
        ]
      }
    ],
    "Stop": {},
    "NoSuch": []
  }
}"""
    path = written(tmp_path / "hooks.json", text)

    session = Hooks([Source(path, "user")], project=tmp_path)

    wrong = "matcher '(' is not a regular expression: missing ), unterminated subpattern at position 0"
    assert [problem.removeprefix(path) for problem in session.problems] == [
        f":4: hooks.PreToolUse[0].matcher: {wrong}",
        ":7: hooks.PreToolUse[1].hooks[0]: a command handler needs a text 'command'",
        ":9: hooks.PreToolUse[1].hooks[2]: a command handler needs a positive 'timeout'",
        ":14: hooks.Stop: an event needs a list of matchers",
        ":15: hooks.NoSuch: no such event; its hooks never run",
    ]
    assert session.fire("PreToolUse", BASH).blocked


@pytest.mark.parametrize("text", ["{", "[]", "\x00", '"hooks"', "[" * 100_000])
def test_a_file_that_cannot_be_read_takes_only_itself(tmp_path: Path, text: str) -> None:
    bad = written(tmp_path / "bad.json", text)

    found = gather([Source(bad, "user"), Source("good", "user", document=stop("true"))])

    assert [item.command for item in found.handlers] == ["true"]
    assert len(found.problems) == 1
    assert found.problems[0].startswith(bad)


def test_a_pipe_in_place_of_a_file_holds_nobody_up(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")

    assert "pipe" in gather([Source(str(tmp_path / "pipe"), "user")]).problems[0]


def test_a_file_with_more_handlers_than_can_run_is_cut_and_says_so(tmp_path: Path) -> None:
    many = {"hooks": {"Stop": [group(*[command(f"{n}") for n in range(MAX_HANDLERS + 5)])]}}

    found = gather([Source("x", "plugin", document=many)])

    assert len(found.handlers) == MAX_HANDLERS
    assert "more than 200 handlers" in found.problems[0]


def test_events_of_the_host_that_cowork_does_not_fire_are_accepted(tmp_path: Path) -> None:
    session = hooks(tmp_path, "Elicitation", {"type": "http", "url": "https://example.com"})

    assert session.problems == ()
    assert [handler.event for handler in session.handlers] == ["Elicitation"]


def test_time_outs_have_the_hosts_defaults(tmp_path: Path) -> None:
    def timeout(event: str, handler: dict[str, Any]) -> float:
        return hooks(tmp_path, event, handler).handlers[0].timeout

    prompt = {"type": "prompt", "prompt": "x"}
    assert [timeout(event, command("x")) for event in ("Stop", "UserPromptSubmit", "SessionEnd")] == [600, 30, 1.5]
    assert [timeout(event, prompt) for event in ("Stop", "UserPromptSubmit")] == [30, 30]
    assert timeout("Stop", {"type": "agent", "prompt": "x"}) == 60
    assert timeout("SessionEnd", command("x", timeout=9)) == 9


def test_a_project_is_the_nearest_directory_that_says_so(tmp_path: Path, home: Path) -> None:
    inner = tmp_path / "outer" / "inner" / "deep"
    inner.mkdir(parents=True)
    (tmp_path / "outer" / ".git").mkdir()
    assert project_root(str(inner)) == str(tmp_path / "outer")

    (tmp_path / "outer" / "inner" / ".cowork").mkdir()
    assert project_root(str(inner)) == str(tmp_path / "outer" / "inner")

    (tmp_path / "link").symlink_to(inner)
    assert project_root(str(tmp_path / "link")) == str(tmp_path / "outer" / "inner")


def test_frontmatter_is_a_source_without_a_file(tmp_path: Path) -> None:
    source = Source("agents/x.md", "agent", document={"hooks": {"PreToolUse": [{"hooks": [{"type": "command"}]}]}})

    assert gather([source]).problems == ["agents/x.md: hooks.PreToolUse[0].hooks[0]: a command handler needs a text 'command'"]
    assert json.dumps(source.document)  # left as it was
