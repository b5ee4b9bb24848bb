"""A process that runs: fed, heard on both streams, and ended with all it started."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from cowork.core.processes import Running
from tests.support import gone


def ran(code: str, **more: Any) -> tuple[int, bytes]:
    """Run a Python program to its end: its exit status and its output."""
    out = bytearray()

    async def body() -> int:
        words = [sys.executable, "-S", "-c", code]
        running = Running(words, cwd=Path(), environment=dict(os.environ), told=out.extend, **more)
        try:
            await running.ended()
        finally:
            code_ = running.close()
        return code_

    return asyncio.run(body()), bytes(out)


class TestItsStreams:
    def test_are_heard_together(self) -> None:
        assert ran("import os; os.write(1, b'one '); os.write(2, b'two')") == (0, b"one two")

    def test_are_heard_apart_when_somebody_hears_the_errors(self) -> None:
        errors = bytearray()
        assert ran("import os; os.write(1, b'one '); os.write(2, b'two')", told_errors=errors.extend) == (0, b"one ")
        assert errors == b"two"

    def test_are_fed_more_than_a_pipe_holds(self) -> None:
        code = "import sys; sys.stdout.write(str(len(sys.stdin.buffer.read())))"
        assert ran(code, feed=b"x" * 3_000_000) == (0, b"3000000")
        assert ran(code, feed=b"") == (0, b"0")

    def test_may_be_left_unread(self) -> None:
        assert ran("import os; os.close(0); print('ok')", feed=b"x" * 3_000_000) == (0, b"ok\n")
        assert ran("print('ok')", feed=b"x" * 3_000_000) == (0, b"ok\n")

    def test_are_empty_input_when_nothing_is_fed(self) -> None:
        assert ran("import sys; print(len(sys.stdin.read()))") == (0, b"0\n")

    def test_are_heard_to_the_last_byte(self) -> None:
        assert ran("import os; os.write(1, b'x' * 60_000)")[1] == b"x" * 60_000


def test_a_program_that_is_not_there_leaves_nothing_open() -> None:
    async def body() -> None:
        with pytest.raises(FileNotFoundError):
            Running(["/nowhere/at-all"], cwd=Path(), environment={}, told=len, told_errors=len, feed=b"x")

    asyncio.run(body())  # the first loop of a process opens what it keeps
    before = os.listdir("/proc/self/fd")
    asyncio.run(body())
    assert os.listdir("/proc/self/fd") == before


def test_closing_a_process_that_takes_its_input_slowly_ends_it() -> None:
    pids: list[int] = []

    async def body() -> int:
        words = [sys.executable, "-S", "-c", "import signal; signal.pause()"]
        running = Running(words, cwd=Path(), environment=dict(os.environ), told=len, feed=b"x" * 3_000_000)
        pids.append(running.pid)
        await asyncio.sleep(0)
        return running.close()

    assert asyncio.run(body()) == -9
    assert gone(pids[0])
