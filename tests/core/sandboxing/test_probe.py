"""A sandbox that is asked for and cannot be had: refused in words, never left out."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cowork.core.errors import InvalidInput, Unavailable
from cowork.core.sandboxing import probe
from cowork.core.sandboxing.plan import plan
from tests.core.sandboxing.world import World, bwrap_works

linux = pytest.mark.parametrize("mode", ["auto", "bwrap"])


def tool(world: World, script: str, place: str = "tools") -> World:
    """A world whose bwrap is this script."""
    path = world.root / place / "bwrap"
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)
    return World(world.root, {"PATH": f"{path.parent}:/usr/bin:/bin"})


def refusal(world: World, mode: str = "auto") -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        probe.prove(world.plan(mode, platform="linux"))
    assert caught.value.code == "sandbox.unavailable"
    assert caught.value.exit_code == 7
    assert "--sandbox off" in str(caught.value.hint)
    return caught.value


@linux
def test_without_its_tool_nothing_runs(world: World, mode: str) -> None:
    error = refusal(World(world.root, {"PATH": str(world.outside)}), mode)

    assert "bwrap is not there" in error.message
    assert "apt install bubblewrap" in str(error.hint)


@linux
def test_a_tool_that_may_not_make_namespaces_is_refused_with_its_own_words(world: World, mode: str) -> None:
    error = refusal(tool(world, "echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1"), mode)

    assert error.cause == "bwrap: setting up uid map: Permission denied"
    assert "unprivileged user namespaces" in str(error.hint)


def test_a_tool_that_only_runs_the_command_is_refused(world: World) -> None:
    """The hardest of them: everything seems to work."""
    error = refusal(tool(world, 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"'))

    assert "was not separated" in str(error.cause)


def test_a_tool_that_does_nothing_is_refused(world: World) -> None:
    assert "was not separated" in str(refusal(tool(world, "exit 0")).cause)


def test_a_tool_that_hangs_is_refused_in_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "PATIENCE_S", 0.3)

    assert "within 0.3 s" in str(refusal(tool(world, "exec sleep 60")).cause)


def test_a_tool_that_the_inside_could_replace_is_refused(world: World) -> None:
    with pytest.raises(Unavailable, match="cannot be trusted") as caught:
        tool(world, "exit 0", "project/bin").plan(platform="linux")

    assert caught.value.code == "sandbox.unavailable"


def test_a_refusal_is_not_remembered(world: World) -> None:
    refusal(tool(world, "exit 1"))
    refusal(tool(world, "exit 1"))

    assert (world.sandbox() is not None) == bwrap_works()


@pytest.mark.parametrize(
    ("mode", "platform"), [("auto", "win32"), ("bwrap", "darwin"), ("sandbox-exec", "linux"), ("auto", "freebsd14")]
)
def test_a_tool_of_another_system_is_refused(world: World, mode: str, platform: str) -> None:
    with pytest.raises(Unavailable) as caught:
        world.plan(mode, platform=platform)

    assert caught.value.code == "sandbox.unavailable"
    assert platform in caught.value.message


@pytest.mark.parametrize("mode", ["", "on", "Bwrap", "none"])
def test_a_mode_that_does_not_exist_is_no_sandbox_and_no_way_around_one(world: World, mode: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        world.plan(mode)

    assert caught.value.code == "sandbox.mode"


def test_only_off_is_without(world: World) -> None:
    assert plan("off", directory=world.work, home=world.home, environ=world.environment) is None


@pytest.mark.parametrize("place", [".", "project/..", "/"])
def test_a_sandbox_around_a_home_is_refused(world: World, place: str) -> None:
    tools = tool(world, "exit 0")
    with pytest.raises(InvalidInput) as caught:
        tools.plan(platform="linux", directory=world.root / place)

    assert caught.value.code == "sandbox.directory"


@pytest.mark.parametrize(
    "text", ["~", "/", "..", "/proc", "/dev", "../home", "nowhere", "", "a\0b", "~/nowhere", "../own", "../own/below"]
)
@pytest.mark.parametrize("way", ["writable", "readable"])
def test_paths_that_open_everything_or_are_not_there_are_refused(world: World, text: str, way: str) -> None:
    (world.root / "own" / "below").mkdir(parents=True)
    tools = tool(world, "exit 0")
    with pytest.raises(InvalidInput) as caught:
        tools.plan(platform="linux", hidden=(world.root / "own",), **{way: (text,)})

    assert caught.value.code == "sandbox.path"


@pytest.mark.parametrize(("place", "text"), [("project", "data"), ("shared", "../shared/data")])
def test_a_link_out_of_what_can_be_written_is_no_path_to_allow(world: World, place: str, text: str) -> None:
    (world.root / "shared").mkdir()
    (world.root / place / "data").symlink_to(world.outside)
    with pytest.raises(InvalidInput, match="is a link out of") as caught:
        tool(world, "exit 0").plan(platform="linux", writable=("../shared",), readable=(text,))

    assert caught.value.code == "sandbox.path"
    assert str(world.outside) in str(caught.value.hint)


class TestTheDoctor:
    def test_warns_where_there_is_none(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))

        check = probe.check()

        assert (check.name, check.status) == ("sandbox", "warn")
        assert "--sandbox off" in check.message

    def test_tells_the_truth_about_this_machine(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", world.environment["PATH"])

        check = probe.check()

        if sys.platform.startswith("linux"):
            assert check.status == ("ok" if bwrap_works() else "warn")
            assert ("works" in check.message) == bwrap_works()
