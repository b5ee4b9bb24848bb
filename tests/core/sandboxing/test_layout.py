"""The words of bwrap: what they hold on every machine, whether there is a bwrap or not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cowork.core.sandboxing import bwrap
from cowork.core.sandboxing.layout import Drawing
from tests.core.sandboxing.test_probe import tool
from tests.core.sandboxing.world import World


def words(world: World, **options: object) -> list[str]:
    return tool(world, "exit 0").plan(platform="linux", **options).wrap(["agent", "--print"], world.work)


def mounts(argv: list[str]) -> dict[str, str]:
    """The last mount of each place."""
    found = {}
    for index, word in enumerate(argv):
        if word in ("--bind", "--ro-bind", "--dev-bind", "--copy"):
            found[argv[index + 2]] = word
        elif word == "--tmpfs":
            found[argv[index + 1]] = word
    return found


def test_the_command_comes_last_and_is_not_read_as_options(world: World) -> None:
    argv = words(world)

    assert argv[argv.index("--") :] == ["--", "agent", "--print"]
    assert argv[argv.index("--chdir") + 1] == str(world.work)


def test_every_namespace_is_asked_for(world: World) -> None:
    argv = words(world)

    wanted = {"--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--new-session", "--die-with-parent"}
    assert wanted <= set(argv)
    assert argv[argv.index("--cap-drop") + 1] == "ALL"
    assert "--unshare-net" not in argv
    assert "--unshare-net" in words(world, network=False)


def test_the_system_is_read_only_and_the_rest_is_empty(world: World) -> None:
    found = mounts(words(world))

    assert found["/usr"] == found["/etc"] == "--ro-bind"
    assert {found[place] for place in ("/tmp", "/run", "/var/tmp", str(world.home))} == {"--tmpfs"}
    assert found[str(world.work)] == "--bind"
    assert [place for place, how in found.items() if how == "--bind"] == [str(world.work), str(world.work / ".git")]
    assert not any(str(world.outside).startswith(place) for place, how in found.items() if how != "--tmpfs")


def test_merged_directories_of_the_system_are_links_as_they_are_outside(world: World) -> None:
    argv = words(world)
    for name in ("/bin", "/lib", "/lib64", "/sbin"):
        if os.path.islink(name):
            assert argv[argv.index(name) - 2 : argv.index(name)] == ["--symlink", os.readlink(name)]
        elif os.path.isdir(name):
            assert mounts(argv)[name] == "--ro-bind"


def test_what_others_run_in_a_project_is_read_only_unless_it_is_allowed(world: World) -> None:
    for name in (".claude", ".cowork", ".vscode"):
        (world.work / name).mkdir()
    (world.work / ".mcp.json").touch()
    (world.work / ".claude" / "agents").mkdir()

    found = mounts(words(world, writable=(".vscode", ".claude/agents")))

    assert {found[str(world.work / name)] for name in (".claude", ".cowork", ".mcp.json")} == {"--ro-bind"}
    assert found[str(world.work / ".vscode")] == found[str(world.work / ".claude" / "agents")] == "--bind"


def test_read_only_is_stronger_than_allowed_for_the_same_path(world: World) -> None:
    assert mounts(words(world, writable=("README",), readable=("README",)))[str(world.work / "README")] == "--ro-bind"
    assert mounts(words(world, readable=(".git",)))[str(world.work / ".git")] == "--ro-bind"


def test_an_allowed_path_around_a_protected_one_does_not_open_it(world: World) -> None:
    (world.work / ".claude").mkdir()

    assert mounts(words(world, writable=(".",)))[str(world.work / ".claude")] == "--ro-bind"


def test_devices_are_bound_as_devices(world: World) -> None:
    assert mounts(words(world, writable=("/dev/null",)))["/dev/null"] == "--dev-bind"


def test_what_it_lets_through_can_be_put_on_record(world: World) -> None:
    described = tool(world, "exit 0").plan(platform="linux", network=False).describe()

    assert described["tool"] == "bwrap"
    assert described["network"] is False
    assert str(world.work) in described["writable"]
    assert "/usr" in described["readable"]


class TestLinks:
    def test_on_the_way_are_made_anew(self, tmp_path: Path) -> None:
        (tmp_path / "real" / "deep").mkdir(parents=True)
        (tmp_path / "one").symlink_to("real")
        (tmp_path / "two").symlink_to(tmp_path / "one")
        drawing = Drawing()

        assert drawing.add(tmp_path / "two" / "deep", "read") == tmp_path / "real" / "deep"

        assert dict(drawing.finished().links) == {tmp_path / "one": "real", tmp_path / "two": str(tmp_path / "one")}

    def test_in_what_is_bound_are_there_already(self, tmp_path: Path) -> None:
        (tmp_path / "data").mkdir()
        (tmp_path / "bound").mkdir()
        (tmp_path / "bound" / "link").symlink_to("../data")
        drawing = Drawing()
        drawing.add(tmp_path / "bound", "write")
        drawing.add(tmp_path / "bound" / "link", "read")

        layout = drawing.finished()

        assert layout.links == ()
        assert layout.access(tmp_path / "data" / "file") == "read"

    def test_in_a_circle_come_to_an_end(self, tmp_path: Path) -> None:
        (tmp_path / "a").symlink_to("b")
        (tmp_path / "b").symlink_to("a")

        drawing = Drawing()
        drawing.add(tmp_path / "a", "read")

        assert not [path for path, access in drawing.finished().rules if access == "write"]


def test_directories_above_what_may_not_be_written_cannot_be_renamed(tmp_path: Path) -> None:
    drawing = Drawing()
    drawing.add(tmp_path, "write")
    drawing.add(tmp_path / "a" / "b" / "c", "read")

    rules = dict(drawing.finished().rules)

    assert rules[tmp_path / "a"] == rules[tmp_path / "a" / "b"] == "write"


@pytest.mark.parametrize("root", [True, False])
def test_the_settings_of_the_kernel_are_shut_to_root(root: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)

    argv = bwrap.words("/usr/bin/bwrap", Drawing().finished(), (), network=True)

    assert (argv[argv.index("/proc") + 1 :][:2] == ["--remount-ro", "/proc"]) == root
