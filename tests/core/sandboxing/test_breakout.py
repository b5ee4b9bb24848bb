"""A walk along the fence, from inside, with a real bwrap. Where there is none, every step asserts that none is promised."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.sandboxing.world import SECRET, World
from tests.support import alive

READS = [
    "cat ~/.ssh/id_ed25519",
    "cat ~/.aws/credentials",
    "ls -laR ~/.ssh",
    "cat $OUTSIDE/file",
    "ln -s $OUTSIDE link; cat link/file",
    "ln -s ~/.ssh keys; cat keys/*",
    "cat /proc/1/root$OUTSIDE/file",
    "cd /proc/self/root && cat ../$OUTSIDE/file",
    "cat /proc/*/cwd/../outside/file",
    "unshare -Ur sh -c 'umount /tmp; umount ~; cat ~/.ssh/*'",
    "mkdir m; mount --bind / m; cat m/$OUTSIDE/file",
    "cat /etc/shadow",
]
"""Whatever these say, it is no secret."""

WRITES = [
    "echo x > $OUTSIDE/file",
    "rm -rf $OUTSIDE",
    "mv $OUTSIDE ./here",
    "ln -s $OUTSIDE link; echo x > link/file; rm -rf link/",
    "ln $OUTSIDE/file hard; echo x > hard",
    "mkdir -p $OUTSIDE; echo x > $OUTSIDE/file",
    "rm -rf ~/.ssh; echo x > ~/.ssh/id_ed25519",
    "cd ..; echo x > outside/file; rm -rf home",
    "echo x > /usr/bin/from-inside; echo x > /etc/from-inside; echo x > /from-inside",
    "unshare -Ur sh -c 'mount -o remount,rw /usr; echo x > /usr/bin/from-inside'",
    "mount -o remount,bind,rw /usr; echo x > /usr/bin/from-inside",
]
"""None of these changes anything but the project."""

GIT = [
    "echo evil > .git/hooks/pre-commit",
    "mv .git/hooks .git/h; mkdir .git/hooks; echo evil > .git/hooks/pre-commit",
    "mv .git git; mkdir .git; cp -r git/. .git; echo evil > .git/hooks/pre-commit; echo evil > .git/config",
    "rm -rf .git/hooks .git/config; mkdir -p .git/hooks; echo evil > .git/hooks/pre-commit; echo evil > .git/config",
    "git config core.fsmonitor evil; git config --worktree core.fsmonitor evil",
    "echo evil > .git/c; mv -f .git/c .git/config; ln -sf /tmp/evil .git/config",
    "unshare -Ur sh -c 'umount .git/hooks; echo evil > .git/hooks/pre-commit; umount .git/config; echo evil > .git/config'",
    "mount -o remount,bind,rw .git/hooks; echo evil > .git/hooks/pre-commit",
]


@pytest.fixture
def victim() -> Iterator[subprocess.Popen[bytes]]:
    """A process outside that holds a secret in its environment."""
    process = subprocess.Popen(["sleep", "600"], env={**os.environ, "VICTIM": SECRET})
    yield process
    process.kill()
    process.wait()


def inside(world: World, script: str, **options: object) -> str | None:
    return world.run(f"OUTSIDE={world.outside}\n{script}", **options)


@pytest.mark.parametrize("script", READS)
def test_secrets_cannot_be_read(world: World, script: str) -> None:
    said = inside(world, script)

    assert said is None or (SECRET not in said and "root:" not in said)


@pytest.mark.parametrize("script", WRITES)
def test_nothing_outside_is_written(world: World, script: str) -> None:
    inside(world, script)

    assert (world.outside / "file").read_text() == SECRET
    assert (world.home / ".ssh" / "id_ed25519").read_text() == SECRET
    left = [path for path in (Path(place, "from-inside") for place in ("/usr/bin", "/etc", "/")) if path.exists()]
    for path in left:
        path.unlink()
    assert not left


@pytest.mark.parametrize("script", GIT)
def test_what_git_would_run_is_not_written(world: World, script: str) -> None:
    config = (world.work / ".git" / "config").read_bytes()

    inside(world, script)

    assert (world.work / ".git" / "config").read_bytes() == config
    assert not (world.work / ".git" / "hooks" / "pre-commit").exists()


def test_the_project_is_there_to_be_worked_on_and_committed(world: World) -> None:
    said = inside(world, "echo more >> README; git add -A; git commit -qm inside; echo done; pwd")

    if said is not None:
        assert said == f"done\n{world.work}\n"
        assert world.git("log", "-1", "--format=%s") == "inside"
        assert world.git("status", "--porcelain") == ""
        assert (world.work / "README").read_text() == "hello\nmore\n"


def test_a_link_to_the_project_is_a_way_to_it(world: World) -> None:
    (world.root / "short").symlink_to(world.work)
    said = inside(world, "pwd; cat README; touch made", directory=world.root / "short")

    assert said in (None, f"{world.root / 'short'}\nhello\n")
    assert said is None or (world.work / "made").exists()


def test_a_place_that_git_follows_and_nothing_can_guard_is_told_of(world: World) -> None:
    sandbox = world.sandbox()
    if sandbox is not None:
        assert sandbox.tampered() == ()
        world.run("echo ../evil > .git/commondir; ln -s /evil .mcp.json")
        assert sandbox.tampered() == (world.work / ".git" / "commondir", world.work / ".mcp.json")


PLANTED = [".claude", ".mcp.json", ".git/modules", ".git/worktrees", ".git/config.worktree", "tools", ".envrc"]


@pytest.mark.parametrize("name", PLANTED)
def test_a_link_that_was_left_opens_nothing_the_next_time(world: World, name: str) -> None:
    given = World(world.root, {"PATH": f"{world.environment['PATH']}:{world.work}/tools"})
    for target in (world.home / ".ssh", world.home / ".ssh" / "id_ed25519"):
        inside(given, f"rm -f {name}; ln -s {target} {name}", state=("~/.agent",))

        said = inside(given, f"cat {name} {name}/* ~/.ssh/*; echo x > {name}; echo x > {name}/id_ed25519")

        assert said is None or SECRET not in said
        assert (world.home / ".ssh" / "id_ed25519").read_text() == SECRET


def test_a_link_left_in_the_files_of_an_agent_opens_nothing_either(world: World) -> None:
    (world.home / ".agent").mkdir()
    options = {"state": ("~/.agent",), "config": ("~/.agent/hooks",)}
    inside(world, f"ln -s {world.home}/.ssh ~/.agent/hooks", **options)

    said = inside(world, "cat ~/.agent/hooks/* ~/.ssh/*", **options)

    assert said is None or SECRET not in said


def test_missing_hooks_are_not_made(world: World) -> None:
    shutil.rmtree(world.work / ".git" / "hooks")

    inside(world, "mkdir -p .git/hooks; echo evil > .git/hooks/pre-commit; mv .git/hooks .git/h")

    assert not (world.work / ".git" / "hooks" / "pre-commit").exists()


def test_other_processes_are_neither_seen_nor_ended(world: World, victim: subprocess.Popen[bytes]) -> None:
    script = f"""
        cat /proc/{victim.pid}/environ; cat /proc/*/environ | tr '\\0' '\\n' | grep VICTIM
        kill -9 {victim.pid}
        for place in /proc/[0-9]*; do echo "${{place##*/}}"; done
    """
    said = inside(world, script)

    assert alive(victim.pid)
    assert said is None or (SECRET not in said and str(victim.pid) not in said.splitlines())


def test_the_end_of_its_group_is_its_own(world: World, victim: subprocess.Popen[bytes]) -> None:
    inside(world, "kill -9 0")

    assert alive(victim.pid)


def test_temporary_files_and_shared_memory_are_its_own(world: World) -> None:
    with tempfile.NamedTemporaryFile(dir="/tmp", prefix="cowork-test-") as theirs:
        shared = Path("/dev/shm", f"cowork-test-{uuid.uuid4().hex}")
        if shared.parent.is_dir():
            shared.write_text(SECRET)
        try:
            said = inside(world, f"ls /tmp /dev/shm /var/tmp; cat {theirs.name} {shared}; echo x > /tmp/mine-{shared.name}")
        finally:
            shared.unlink(missing_ok=True)

    assert said is None or ("cowork-test" not in said.split("cat:")[0] and SECRET not in said)
    assert not Path(f"/tmp/mine-{shared.name}").exists()


def test_messages_between_processes_stay_inside(world: World) -> None:
    names = ("pid", "ipc", "uts", "mnt", "user")
    said = inside(world, "; ".join(f"readlink /proc/self/ns/{name}" for name in names))

    if said is not None:
        assert len(set(said.split())) == len(names)
        for name in names:
            assert os.readlink(f"/proc/self/ns/{name}") not in said


CALL = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 2); print('through')"


@pytest.mark.parametrize("network", [True, False])
def test_the_network_is_there_or_not(world: World, network: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        call = f'{sys.executable} -I -S -c "{CALL}" {server.getsockname()[1]}'
        reach = [str(Path(sys.base_prefix)), str(Path(sys.prefix))]
        said = inside(world, call, network=network, readable=reach)

    assert said is None or ("through" in said) == network


def test_nothing_inside_has_a_power_of_root(world: World) -> None:
    said = inside(world, "grep Cap /proc/self/status; test -w /proc/sys/kernel/core_pattern && echo kernel; mknod disk b 8 0")

    if said is not None:
        assert {line.split()[1] for line in said.splitlines() if line.startswith(("CapPrm", "CapEff", "CapInh"))} == {"0" * 16}
        assert "kernel" not in said
        assert not (world.work / "disk").exists()


def test_the_own_files_of_cowork_are_not_there(world: World) -> None:
    session = world.work / "house" / "sessions" / "1"
    session.mkdir(parents=True)
    (session / "journal.jsonl").write_text(SECRET)
    script = "cat house/sessions/1/*; echo x > house/sessions/1/journal.jsonl; rm -rf house; mv house moved; ls house"

    said = inside(world, script, hidden=(world.work / "house", session))

    assert said is None or SECRET not in said
    assert (session / "journal.jsonl").read_text() == SECRET


def test_what_is_allowed_is_there_and_what_is_to_be_read_only_is_not_written(world: World) -> None:
    for name in ("both", "look", "project/src/kept"):
        (world.root / name).mkdir(parents=True)
        (world.root / name / "file").write_text("before")
    script = f"""
        echo after > {world.root}/both/file; cat {world.root}/look/file; echo after > {world.root}/look/file
        echo after > src/kept/file; mv src other; mkdir -p src/kept; echo after > src/kept/file
    """
    said = inside(world, script, writable=("../both",), readable=(str(world.root / "look"), "src/kept"))

    if said is not None:
        assert said.startswith("before")
        assert (world.root / "both" / "file").read_text() == "after\n"
        assert (world.root / "look" / "file").read_text() == "before"
        assert (world.work / "src" / "kept" / "file").read_text() == "before"


def test_variables_that_lead_outside_are_gone(world: World) -> None:
    given = World(world.root, {"SSH_AUTH_SOCK": "/run/agent", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/bus", "KEPT": "yes"})

    said = inside(given, 'echo "$SSH_AUTH_SOCK$DBUS_SESSION_BUS_ADDRESS/$KEPT/$TMPDIR"')

    assert said in (None, "/yes//tmp\n")


class TestTheHomeOfAnAgent:
    def test_holds_its_own_files_and_a_copy_of_a_single_one(self, world: World) -> None:
        (world.home / ".agent").mkdir()
        (world.home / ".agent" / "login").write_text("one")
        (world.home / ".agent" / "settings").write_text("two")
        (world.home / ".agent.json").write_text("three")
        script = """
            cat ~/.agent/login ~/.agent/settings ~/.agent.json
            echo new > ~/.agent/login; echo evil > ~/.agent/settings
            echo evil > ~/.agent.new && mv ~/.agent.new ~/.agent.json && cat ~/.agent.json
        """
        said = inside(world, script, state=("~/.agent", "~/.agent.json", "~/.none"), config=("~/.agent/settings",))

        if said is not None:
            assert said.startswith("onetwothree")
            assert said.endswith("evil\n")
            assert (world.home / ".agent" / "login").read_text() == "new\n"
            assert (world.home / ".agent" / "settings").read_text() == "two"
            assert (world.home / ".agent.json").read_text() == "three"

    def test_holds_a_program_that_is_installed_there(self, world: World) -> None:
        place = world.home / ".local" / "share" / "tool" / "lib" / "node_modules" / "agent"
        place.mkdir(parents=True)
        (place / "cli").write_text("#!/usr/bin/env runner\n")
        (place / "cli").chmod(0o755)
        runner = world.home / ".runtimes" / "1" / "bin" / "runner"
        runner.parent.mkdir(parents=True)
        runner.write_text("#!/bin/sh\ncat ../home/.runtimes/1/lib; echo x > ../home/.runtimes/1/lib; echo ran")
        runner.chmod(0o755)
        (world.home / ".runtimes" / "1" / "lib").write_text("its library\n")
        bin = world.home / ".local" / "bin"
        bin.mkdir()
        (bin / "agent").symlink_to("../share/tool/lib/node_modules/agent/cli")
        path = f"{bin}:{runner.parent}:{world.environment['PATH']}"
        (world.home / ".local" / "share" / "keyrings").write_text(SECRET)

        given = World(world.root, {"PATH": path})
        said = inside(given, "agent; cat ~/.local/share/keyrings", programs=("agent",))

        if said is not None:
            assert said.startswith("its library\n")
            assert "\nran\n" in said
            assert SECRET not in said
            assert (world.home / ".runtimes" / "1" / "lib").read_text() == "its library\n"


class TestAWorktree:
    @pytest.fixture
    def tree(self, world: World) -> Path:
        world.git("worktree", "add", "-q", "-b", "task", "../tree")
        return world.root / "tree"

    def test_can_be_committed_in(self, world: World, tree: Path) -> None:
        said = inside(
            world, "echo more > new; git add -A; git commit -qm inside; git status --porcelain; echo done", directory=tree
        )

        if said is not None:
            assert said == "done\n"
            assert world.git("log", "-1", "--format=%s", "task") == "inside"

    @pytest.mark.parametrize(
        "script",
        [
            "echo evil > $COMMON/hooks/pre-commit; echo evil > $COMMON/config; echo ../evil > $COMMON/commondir",
            "rm .git; mkdir .git; mv .git g; echo evil > .git",
            "echo evil > $COMMON/worktrees/tree/commondir; mv $COMMON/worktrees/tree $COMMON/worktrees/t",
            "git config core.fsmonitor evil; echo evil > $COMMON/HEAD; rm -rf $COMMON/index",
            "echo evil > $COMMON/../README",
        ],
    )
    def test_is_no_way_to_the_rest_of_the_repository(self, world: World, tree: Path, script: str) -> None:
        common = world.work / ".git"

        def kept() -> list[bytes | bool]:
            files = ("config", "HEAD", "index", "worktrees/tree/commondir", "../README", "../../tree/.git")
            return [(common / name).read_bytes() for name in files] + [(common / "hooks/pre-commit").exists()]

        before = kept()

        inside(world, f"COMMON={common}\n{script}", directory=tree)

        assert kept() == before
        assert not (common / "commondir").exists()
