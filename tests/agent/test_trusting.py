"""Trusting a project: everything its files could do is shown first, and only what was shown is trusted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cowork.agent.project_powers import powers
from cowork.agent.trusting import TrustAnswer, list_trusted, require_trusted, trust_project, untrust_project
from cowork.core.errors import CoworkError, Denied, NotFound, UsageError
from cowork.trust.state import state
from tests.support import FakeClock, run_program

SETTINGS = {
    "permissions": {"allow": ["Bash(npm *)", "WebFetch"], "deny": ["Read(.env)"]},
    "hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "./guard.sh \x1b[31m"}]}]},
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that brings one of everything."""
    path = tmp_path / "project"
    for name, content in {
        ".claude/settings.json": SETTINGS,
        ".mcp.json": {
            "mcpServers": {"db": {"command": "db-server", "args": ["--all"]}, "web": {"type": "http", "url": "https://x.y"}}
        },
        ".claude/commands/deploy.md": "---\nallowed-tools: Bash(make *)\n---\nNow: !`git status` and\n!`make -n`\nnot `!`x``",
        ".claude/agents/a.md": "---\nname: a\ndescription: b\nhooks:\n  Stop: []\n---\nx",
        ".claude/plugins/p/hooks/hooks.json": {"hooks": {"Stop": [{"hooks": [{"type": "prompt", "prompt": "Done?"}]}]}},
        ".cowork/extensions/e/cowork.plugin.json": {
            "connectors": [{"name": "c", "type": "shell", "shell": {"command": "echo"}}]
        },
        ".cowork/hooks.json": "{",
        ".cowork/config.yaml": "model: x",
    }.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def yes(_: TrustAnswer) -> None:
    """Somebody who agrees."""


def trust(project: Path | None, confirm: Callable[[TrustAnswer], None] = yes, **more: Any) -> TrustAnswer:
    return trust_project(None if project is None else str(project), FakeClock(), confirm, **more)[0]


def test_everything_that_could_run_or_be_allowed_is_shown(project: Path, home: Path) -> None:
    shown: list[TrustAnswer] = []

    trust(project, shown.append)

    assert [(item.kind, item.file, item.text) for item in shown[0].powers if item.kind != "unreadable"] == [
        ("hook", ".claude/agents/a.md", 'hooks of its own: {"Stop": []}'),
        ("shell_substitution", ".claude/commands/deploy.md", "2 commands that run when it is used"),
        ("allowed_tools", ".claude/commands/deploy.md", "Bash(make *)"),
        ("hook", ".claude/plugins/p/hooks/hooks.json", "Stop: prompt: Done?"),
        ("hook", ".claude/settings.json", "PreToolUse (Bash): command ./guard.sh \x1b[31m"),
        ("allow_rule", ".claude/settings.json", "Bash(npm *)"),
        ("allow_rule", ".claude/settings.json", "WebFetch"),
        ("connector", ".cowork/extensions/e/cowork.plugin.json", "c: shell echo"),
        ("mcp_server", ".mcp.json", "db: db-server --all"),
        ("mcp_server", ".mcp.json", "web: https://x.y"),
    ]
    assert {item.file for item in shown[0].powers if item.kind == "unreadable"} == {".cowork/hooks.json"}
    assert state(project, home).trusted


def test_who_turns_all_hooks_off_is_shown(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude/settings.json").write_text('{"disableAllHooks": true}')

    assert [item.kind for item in powers(str(tmp_path), [".claude/settings.json"])] == ["hooks_off"]


def test_nothing_is_recorded_where_somebody_says_no(project: Path, home: Path) -> None:
    def no(_: TrustAnswer) -> None:
        raise UsageError("no", "no")

    with pytest.raises(UsageError):
        trust(project, no)

    assert not state(project, home).trusted


def test_what_changes_while_somebody_thinks_is_not_trusted(project: Path, home: Path) -> None:
    def slowly(_: TrustAnswer) -> None:
        (project / ".claude/settings.json").write_text("{}")

    with pytest.raises(Denied) as caught:
        trust(project, slowly)

    assert caught.value.code == "trust.moving"
    assert state(project, home).status == "untrusted"


def test_a_changed_project_is_asked_about_again_and_shows_what_changed(project: Path) -> None:
    trust(project)
    assert trust(project, pytest.fail).plan[0].action == "keep"

    (project / ".mcp.json").unlink()
    shown: list[TrustAnswer] = []
    trust(project, shown.append)

    assert (shown[0].status, shown[0].changed) == ("changed", ("- .mcp.json",))


def test_a_dry_run_asks_nobody_and_records_nothing(project: Path, home: Path) -> None:
    answer = trust(project, pytest.fail, dry_run=True)

    assert (answer.status, answer.plan[0].action, answer.dry_run) == ("untrusted", "trust", True)
    assert not home.exists()


def test_what_cannot_be_trusted_says_why(tmp_path: Path, home: Path) -> None:
    (tmp_path / "user" / ".mcp.json").write_text("{}")
    for directory, code in ((tmp_path / "user", "trust.impossible"), (tmp_path / "none", "trust.no_directory")):
        with pytest.raises(CoworkError) as caught:
            trust(directory)
        assert caught.value.code == code
    with pytest.raises(NotFound):
        trust(tmp_path / "user" / ".mcp.json")


def test_a_corrupt_record_is_said_before_anybody_is_asked(project: Path, home: Path) -> None:
    home.mkdir()
    (home / "trust.json").write_text("{")

    with pytest.raises(CoworkError) as caught:
        trust(project, pytest.fail)

    assert caught.value.code == "file.corrupt"


def test_trust_can_be_taken_back_even_from_what_is_gone(project: Path, home: Path) -> None:
    trust(project)
    (project.with_name("gone")).symlink_to(project)
    assert untrust_project(str(project)).status == "untrusted"
    assert untrust_project(str(project)).plan[0].action == "keep"

    trust(project)
    project.rename(project.with_name("moved"))
    assert [item.status for item in list_trusted().items] == ["missing"]
    assert untrust_project(str(project)).plan[0].action == "untrust"
    assert list_trusted().items == ()


def test_what_needs_trust_is_refused_without_it(project: Path) -> None:
    with pytest.raises(Denied) as caught:
        require_trusted(project, "the hooks")
    assert (caught.value.code, caught.value.exit_code) == ("trust.untrusted", 6)
    assert caught.value.message == f"the hooks cannot be used: you do not trust {project}"

    trust(project)
    require_trusted(project, "the hooks")


def test_what_needs_trust_passes_where_nothing_could_run(tmp_path: Path) -> None:
    require_trusted(tmp_path / "work", "the hooks")


def test_without_a_terminal_somebody_must_have_said_yes_and_sees_what_it_is_about(project: Path, home: Path) -> None:
    ran = run_program("config", "trust", str(project), "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, "usage.confirmation_needed")
    assert "Bash(npm *)" in [item["text"] for item in ran.data["powers"]]
    assert not (home / "trust.json").exists()

    person = run_program("config", "trust", str(project))
    assert person.code == 2
    assert "./guard.sh \\u001b[31m" in person.out
    assert "\x1b" not in person.out + person.err

    assert run_program("config", "trust", str(project), "--yes", "--json").data["status"] == "trusted"
    listed = run_program("config", "trust", "--list", "--json").data
    assert [(item["path"], item["status"]) for item in listed["items"]] == [(str(project), "trusted")]
    assert run_program("config", "untrust", str(project)).code == 0
    assert run_program("config", "trust", "--list", str(project)).code == 2
