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
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from secrets import token_hex

MARK = "COWORK_PROCESS"
GRACE_S = 0.5
"""Seconds between asking a group to end and killing it."""
_PIECE = 64 * 1024
_LAST_PIECES = 64
_ROUNDS = 20  # of hunting: what forks faster than it is killed was killed with its group, mostly
_LOOK_S = 0.05  # how often to look for an end where the system has no handle of a process
_REAP_S = 5.0


class Running:
    """A process that runs. Whoever starts one calls `close`, which ends it and everything it started."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        told: Callable[[bytes], object],
        stdin: int = subprocess.DEVNULL,
    ) -> None:
        """Start it; `told` hears of every piece of its output, both streams together. Raises OSError."""
        self._mark = token_hex(16)
        self._told = told
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._watch: asyncio.TimerHandle | None = None
        self._pidfd = -1
        self._output, write = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - whether it may run was decided before
                list(argv),
                cwd=cwd,
                env={**environment, MARK: self._mark},
                stdin=stdin,
                stdout=write,
                stderr=write,
                start_new_session=True,
            )
        except BaseException:
            os.close(self._output)
            raise
        finally:
            os.close(write)
        os.set_blocking(self._output, False)
        self._loop.add_reader(self._output, self._read)
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

    async def ask_to_end(self) -> None:
        """Give the group a moment to end in order."""
        if self.is_running:
            self._signal(signal.SIGTERM)
            await asyncio.wait({self._ended}, timeout=GRACE_S)

    def kill(self) -> None:
        """Kill the group at once; it is still to be closed."""
        if self.is_running:
            self._signal(signal.SIGKILL)

    def close(self) -> int:
        """Kill what still runs of it and read what it said last; its exit status, negative for a signal."""
        if self._process.returncode is not None:
            return self._process.returncode
        self._signal(signal.SIGKILL)
        self._kill_strays()
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
        for _ in range(_LAST_PIECES):
            if self._output < 0 or not self._read():
                break
        self._close_output()
        if self._process.returncode is None:
            self._process.returncode = -signal.SIGKILL
        return self._process.returncode

    def _read(self) -> bool:
        """Hand on a piece of output; whether there was one."""
        try:
            piece = os.read(self._output, _PIECE)
        except BlockingIOError:
            return False
        if not piece:
            self._close_output()
            return False
        self._told(piece)
        return True

    def _close_output(self) -> None:
        if self._output >= 0:
            self._loop.remove_reader(self._output)
            os.close(self._output)
            self._output = -1

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

    def _kill_strays(self) -> None:
        """Kill what carries the mark and left the group."""
        wanted = f"{MARK}={self._mark}".encode()
        for _ in range(_ROUNDS):
            if not kill_marked(wanted, self._process.pid):
                return
            time.sleep(0)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        return process.poll() is not None
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def kill_marked(wanted: bytes, session: int) -> int:
    """Kill every living process with this line in its environment, or in this session; how many there were.

    Nothing where there is no /proc.
    """
    killed = 0
    for entry in _numbers():
        if entry != session and _belongs(entry, wanted, session):
            killed += _kill(entry, wanted, session)
    return killed


def _numbers() -> list[int]:
    try:
        return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    except OSError:
        return []


def _belongs(pid: int, wanted: bytes, session: int) -> bool:
    """Whether a living process has the mark, or is of the session."""
    try:
        state, *numbers = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[:4]
        if state in b"ZX":
            return False
        return int(numbers[2]) == session or wanted in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except (OSError, ValueError, IndexError):  # it is gone, or somebody else's
        return False


def _kill(pid: int, wanted: bytes, session: int) -> int:
    """Kill a process by a handle of it, looked at again once it is held: its number may be another's by now."""
    try:
        handle = os.pidfd_open(pid)
    except (AttributeError, OSError):
        return 0
    try:
        if not _belongs(pid, wanted, session):
            return 0
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        return 1
    except OSError:
        return 0
    finally:
        os.close(handle)
