"""What belongs to a program: enough for it to run, and no more of the home directory than that."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowork.core.sandboxing import programs
from cowork.core.sandboxing.sockets import unreachable
from tests.core.sandboxing.test_probe import tool
from tests.core.sandboxing.world import World

HOME = Path("/h/u")


@pytest.mark.parametrize(
    ("program", "place"),
    [
        ("/h/u/.nvm/versions/node/v22/bin/claude", "/h/u/.nvm/versions/node/v22"),
        ("/h/u/.nvm/versions/node/v22/lib/node_modules/@a/b/cli.js", "/h/u/.nvm/versions/node/v22/lib/node_modules"),
        ("/h/u/.pyenv/shims/python", "/h/u/.pyenv"),
        ("/h/u/venv/bin/python", "/h/u/venv"),
        ("/h/u/.local/bin/claude", "/h/u/.local/bin"),
        ("/h/u/.local/share/claude/versions/1.0", "/h/u/.local/share/claude/versions"),
        ("/h/u/.cargo/bin/cargo", "/h/u/.cargo/bin"),
        ("/h/u/bin/tool", "/h/u/bin"),
        ("/h/u/.docker/bin/docker", "/h/u/.docker/bin"),
        ("/h/u/.config/fly/bin/fly", "/h/u/.config/fly/bin"),
        ("/h/u/tool", "/h/u/tool"),
        ("/h/tool", "/h/tool"),
        ("/tool", "/tool"),
        ("/h/bin/tool", "/h/bin"),
        ("/opt/tool/bin/tool", "/opt/tool"),
    ],
)
def test_a_directory_of_programs_stands_for_an_installation_but_for_no_home(program: str, place: str) -> None:
    assert programs.around(Path(program), HOME) == Path(place)


def executable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("first", ["#!{}", "#!/usr/bin/env -S X=1 inner", "#! {} -u"])
def test_what_a_script_is_written_in_belongs_to_it(tmp_path: Path, first: str) -> None:
    inner = executable(tmp_path / "runtime" / "bin" / "inner", "\x7fELF")
    outer = executable(tmp_path / "app" / "bin" / "outer", first.format(inner) + "\n")
    (tmp_path / "links" / "bin").mkdir(parents=True)
    (tmp_path / "links" / "bin" / "name").symlink_to(outer)
    path = f"{tmp_path}/links/bin:{inner.parent}"

    assert set(programs.places("name", path, HOME)) == {tmp_path / "links", tmp_path / "app", tmp_path / "runtime"}


def test_a_program_that_is_not_there_or_runs_itself_comes_to_an_end(tmp_path: Path) -> None:
    itself = executable(tmp_path / "bin" / "itself", "#!/usr/bin/env itself\n")

    assert set(programs.places("itself", str(itself.parent), HOME)) == {tmp_path}
    assert list(programs.places("none", str(itself.parent), HOME)) == []


def test_what_can_be_written_inside_is_not_followed_elsewhere(tmp_path: Path) -> None:
    project, secrets = tmp_path / "project", tmp_path / "secrets"
    executable(secrets / "bin" / "agent", "")
    (project / "bin").mkdir(parents=True)
    (project / "bin" / "agent").symlink_to(secrets / "bin" / "agent")
    (project / "tools").symlink_to(secrets)
    (tmp_path / "links" / "bin").mkdir(parents=True)
    (tmp_path / "links" / "bin" / "agent").symlink_to(project / "bin" / "agent")
    path = f"{tmp_path}/links/bin:{project}/tools/bin:{project}/bin"

    assert set(programs.places("agent", path, HOME, [project])) == {tmp_path / "links"}
    assert set(programs.on_path(path, HOME, [project])) == {tmp_path / "links"}


def test_relative_places_and_empty_words_of_a_path_are_nothing(tmp_path: Path) -> None:
    assert list(programs.on_path(f":.:relative:{tmp_path}/none", HOME)) == []


@pytest.mark.parametrize(
    ("value", "gone"),
    [
        ("/run/user/1/agent", True),
        ("unix:path=/run/user/1/bus,guid=1", True),
        ("unix:abstract=/tmp/x", True),
        ("unix://{}/allowed/socket", False),
        ("{}/allowed/socket", False),
        ("tcp://127.0.0.1:2375", False),
    ],
)
def test_variables_of_services_are_taken_away_unless_their_place_is_allowed(world: World, value: str, gone: bool) -> None:
    (world.root / "allowed").mkdir()
    layout = tool(world, "exit 0").plan(platform="linux", writable=(str(world.root / "allowed"),)).layout

    assert unreachable({"DOCKER_HOST": value.format(world.root), "OTHER": "/x"}, layout) == (("DOCKER_HOST",) if gone else ())
