"""A process in a session of its own, whose output is read as it comes, and which takes with it all it started.

Its group is killed while it is not yet reaped, so that the group's number is surely its own. What left the group (`setsid`,
daemons) still has the mark that every process inherits in its environment; where /proc shows environments it is found by it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from secrets import token_hex
from typing import TypeVar

from cowork.core.pipes import Inlet, Outlet
from cowork.core.strays import kill_strays

MARK = "COWORK_PROCESS"
GRACE_S = 0.5
"""Seconds between asking a group to end and killing it."""
_LOOK_S = 0.05  # how often to look for an end where the system has no handle of a process
_REAP_S = 5.0

Told = Callable[[bytes], object]
_Pipe = TypeVar("_Pipe", Outlet, Inlet)


class Beginning:
    """The beginning of a stream, at most `most` bytes of it; `cut` says that there was more."""

    def __init__(self, most: int) -> None:
        self.held = bytearray()
        self.cut = False
        self._most = most

    def add(self, piece: bytes) -> None:
        """Keep a piece, or what fits of it."""
        room = self._most - len(self.held)
        self.held += piece[:room]
        self.cut = self.cut or len(piece) > room


class Running:
    """A process that runs. Whoever starts one calls `close`, which ends it and everything it started."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        told: Told,
        told_errors: Told | None = None,
        stdin: int = subprocess.DEVNULL,
        feed: bytes | None = None,
    ) -> None:
        """Start it. `told` hears of every piece of its output; of both streams together unless `told_errors` hears of stderr.

        Its input is `feed`, or else `stdin`. Raises OSError.
        """
        self._mark = token_hex(16)
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._watch: asyncio.TimerHandle | None = None
        self._pidfd = -1
        self._pipes: list[Outlet | Inlet] = []
        try:
            output = self._add(Outlet(told))
            errors = self._add(Outlet(told_errors)) if told_errors else output
            inlet = self._add(Inlet(feed)) if feed is not None else None
            self._process = subprocess.Popen(  # noqa: S603 - whether it may run was decided before
                list(argv),
                cwd=cwd,
                env={**environment, MARK: self._mark},
                stdin=inlet.inner if inlet else stdin,
                stdout=output.inner,
                stderr=errors.inner,
                start_new_session=True,
            )
        except BaseException:
            for pipe in self._pipes:
                pipe.started()
                pipe.close()
            raise
        for pipe in self._pipes:
            pipe.started()
        self._await_end()

    @property
    def pid(self) -> int:
        """Its number, which is that of its group and session, too."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended by itself, nor been closed."""
        return not self._ended.done()

    async def ended(self) -> None:
        """Return when the process ended by itself, or was closed. It is not reaped before `close`."""
        await asyncio.shield(self._ended)

    async def ask_to_end(self, grace_s: float = GRACE_S) -> None:
        """Give the group a moment to end in order."""
        if self.is_running:
            self._signal(signal.SIGTERM)
            await asyncio.wait({self._ended}, timeout=grace_s)

    def kill(self) -> None:
        """Kill the group at once; it is still to be closed."""
        if self.is_running:
            self._signal(signal.SIGKILL)

    def close(self) -> int:
        """Kill what still runs of it and read what it said last; its exit status, negative for a signal."""
        if self._process.returncode is not None:
            return self._process.returncode
        self._signal(signal.SIGKILL)
        kill_strays(f"{MARK}={self._mark}", self._process.pid)
        if not self._ended.done():
            self._ended.set_result(None)
        if self._watch is not None:
            self._watch.cancel()
        if self._pidfd >= 0:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = -1
        with contextlib.suppress(subprocess.TimeoutExpired):  # in the kernel's hands: it dies when that lets go
            self._process.wait(_REAP_S)
        for pipe in self._pipes:
            pipe.close()
        if self._process.returncode is None:
            self._process.returncode = -signal.SIGKILL
        return self._process.returncode

    def _add(self, pipe: _Pipe) -> _Pipe:
        self._pipes.append(pipe)
        return pipe

    def _await_end(self) -> None:
        """Have `_ended` set when the process is over, without reaping it."""
        if hasattr(os, "pidfd_open"):
            with contextlib.suppress(OSError):
                self._pidfd = os.pidfd_open(self._process.pid)
                self._loop.add_reader(self._pidfd, self._note_end)
                return
        self._look()

    def _note_end(self) -> None:
        self._loop.remove_reader(self._pidfd)
        if not self._ended.done():
            self._ended.set_result(None)

    def _look(self) -> None:
        if _has_ended(self._process):
            if not self._ended.done():
                self._ended.set_result(None)
            return
        self._watch = self._loop.call_later(_LOOK_S, self._look)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
            os.killpg(self._process.pid, number)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        return process.poll() is not None
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
