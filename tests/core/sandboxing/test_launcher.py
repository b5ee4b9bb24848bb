"""How a command in a sandbox ends: by itself, when it is told to, and with whoever started it."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cowork.core.processes import Running
from tests.core.sandboxing.world import World


def ended(world: World, script: str, number: int | None = None, grace_s: float = 5) -> tuple[int, str] | None:
    """Run a script inside that says `ready`, send its group a signal then, and wait; its exit status and what else it said."""
    sandbox = world.sandbox()
    if sandbox is None:
        return None
    said = bytearray()

    async def body() -> int:
        ready = asyncio.Event()

        def told(piece: bytes) -> None:
            said.extend(piece)
            if b"ready" in said:
                ready.set()

        argv = sandbox.wrap(["/bin/sh", "-c", script], world.work)
        running = Running(argv, cwd=world.work, environment=world.environment, told=told)
        try:
            async with asyncio.timeout(20):
                if number == signal.SIGTERM:
                    await ready.wait()
                    await running.ask_to_end(grace_s)
                elif number is not None:
                    await ready.wait()
                    os.killpg(running.pid, number)
                await running.ended()
        finally:
            code = running.close()
        return code

    return asyncio.run(body()), said.decode()


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("kill -15 $$", 143)])
def test_its_exit_status_is_that_of_the_command(world: World, script: str, code: int) -> None:
    done = ended(world, script)

    assert done is None or done[0] == code


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_may_end_in_order(world: World, number: int) -> None:
    script = "trap 'echo tidied; exit 5' TERM INT HUP; echo ready; while :; do sleep 0.02; done"

    done = ended(world, script, number)

    assert done is None or (done[0] == 5 and done[1].endswith("tidied\n"))


def test_what_was_started_has_ended_too_even_in_a_session_of_its_own(world: World) -> None:
    read, write = os.pipe()
    sandbox = world.sandbox()
    if sandbox is None:
        return
    script = "setsid sh -c 'trap \"\" TERM INT HUP; sleep 600' & setsid -f sleep 600; echo ready; sleep 600"
    process = subprocess.Popen(
        sandbox.wrap(["/bin/sh", "-c", script], world.work),
        cwd=world.work,
        env=world.environment,
        stdout=write,
        start_new_session=True,
    )
    os.close(write)
    assert os.read(read, 100) == b"ready\n"

    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)

    assert closed(read)


def test_it_ends_with_whoever_started_it(world: World, tmp_path: Path) -> None:
    sandbox = world.sandbox()
    if sandbox is None:
        return
    read, write = os.pipe()
    argv = sandbox.wrap(["/bin/sh", "-c", "echo ready; sleep 600"], world.work)
    code = f"import subprocess, time; p = subprocess.Popen({argv!r}, start_new_session=True); time.sleep(600)"
    starter = subprocess.Popen([sys.executable, "-c", code], cwd=world.work, env=world.environment, stdout=write)
    os.close(write)
    assert os.read(read, 100) == b"ready\n"

    starter.kill()
    starter.wait(10)

    assert closed(read)


def closed(handle: int) -> bool:
    """Whether all that could write to a pipe end within a moment."""
    try:
        ready, _, _ = select.select([handle], [], [], 10)
        return bool(ready) and os.read(handle, 100) == b""
    finally:
        os.close(handle)


def test_a_command_that_is_not_there_is_a_failure_in_words(world: World) -> None:
    sandbox = world.sandbox()
    if sandbox is not None:
        done = subprocess.run(sandbox.wrap(["no-such-thing"], world.work), capture_output=True, env=world.environment)
        assert done.returncode == 1
        assert b"no-such-thing" in done.stderr
