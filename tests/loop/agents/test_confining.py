"""The sandbox of an agent of a loop: made from the catalogue, refused where it would be a pretence."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cowork.core.errors import InvalidInput, Unavailable
from cowork.loop.agents.confining import for_agent, for_checks
from cowork.loop.engine.order import Sandboxing
from cowork.models import catalogue
from tests.core.sandboxing.world import SECRET, World, bwrap_works, make

ON = Sandboxing("auto")


@pytest.fixture
def world(tmp_path: Path, home: Path) -> World:
    """Its session is below COWORK_HOME, and a claude that shows what it finds is at home."""
    made = make(tmp_path / "world")
    session(home).mkdir(parents=True)
    (session(home) / "journal.jsonl").write_text(SECRET)
    program = made.home / ".local" / "bin" / "claude"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\ncat ~/.claude/login ~/.claude.json ~/.ssh/id_ed25519 ~/.codex/login "$@"\ntouch made\n')
    program.chmod(0o755)
    for name in (".claude", ".codex"):
        (made.home / name).mkdir()
        (made.home / name / "login").write_text(f"login of {name}\n")
    (made.home / ".claude.json").write_text("its file\n")
    return World(made.root, {"PATH": f"{program.parent}:{made.environment['PATH']}", "COWORK_HOME": str(home)})


def session(home: Path) -> Path:
    return home / "sessions" / "1"


def command(name: str) -> catalogue.CommandLine:
    found = catalogue.find(name).command
    assert found is not None
    return found


def test_an_agent_has_its_login_and_nothing_of_others(world: World, home: Path) -> None:
    if not bwrap_works():
        with pytest.raises(Unavailable) as caught:
            for_agent("command", [command("claude-cli")], ON, world.work, session(home), environ=world.environment)
        assert caught.value.code == "sandbox.unavailable"
        return
    sandbox = for_agent("command", [command("claude-cli")], ON, world.work, session(home), environ=world.environment)
    assert sandbox is not None
    argv = sandbox.wrap(["claude", str(session(home) / "journal.jsonl")], world.work)

    done = subprocess.run(argv, cwd=world.work, env=world.environment, capture_output=True, text=True)

    assert done.stdout == "login of .claude\nits file\n"
    assert (world.work / "made").exists()


def test_what_checks_the_work_has_no_login(world: World, home: Path) -> None:
    if not bwrap_works():
        with pytest.raises(Unavailable):
            for_checks(ON, world.work, session(home), environ=world.environment)
        return
    sandbox = for_checks(ON, world.work, session(home), environ=world.environment)
    assert sandbox is not None

    done = subprocess.run(sandbox.wrap(["claude"], world.work), cwd=world.work, env=world.environment, capture_output=True)

    assert done.stdout == b""
    assert (world.work / "made").exists()


def test_the_built_in_agent_is_refused(world: World, home: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        for_agent("builtin", [], ON, world.work, session(home), environ=world.environment)

    assert caught.value.code == "sandbox.unsupported"
    assert for_agent("builtin", [], Sandboxing(), world.work, session(home)) is None


def test_models_that_only_answer_need_none(world: World, home: Path) -> None:
    assert for_agent("model", [], ON, world.work, session(home), environ=world.environment) is None


@pytest.mark.parametrize("kind", ["command", "model", "pattern"])
def test_whoever_runs_a_program_gets_one_or_is_refused(world: World, home: Path, kind: str) -> None:
    given = {**world.environment, "PATH": str(world.outside)}
    with pytest.raises(Unavailable) as caught:
        for_agent(kind, [command("codex-cli")], ON, world.work, session(home), environ=given)  # type: ignore[arg-type]

    assert caught.value.code == "sandbox.unavailable"


def test_every_agent_of_the_catalogue_says_where_its_login_is() -> None:
    for provider in catalogue.providers():
        if provider.command:
            assert provider.command.auth_paths or provider.id == "fake-agent", provider.id  # which asks nobody
            for path in provider.command.config_paths:
                assert any(Path(path).is_relative_to(own) for own in provider.command.auth_paths), path
