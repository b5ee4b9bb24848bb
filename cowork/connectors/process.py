"""Running a connector's process: in a group of its own, with little environment, bounded in time and output.

A process of its own is not a sandbox: it may do what the user may do. What guards against a hostile pack is the approval of
its commands and scripts when it is installed.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from cowork.connectors.ending import ending_together
from cowork.core.errors import InvalidInput, Unavailable

MAX_OUTPUT = 1024 * 1024
"""Bytes kept of each of stdout and stderr; the rest is read and dropped."""
GRACE_S = 0.5
"""Seconds between asking a group to end and killing it."""
_LOOK_S = 0.02  # how often to look whether the process ended, when its own children hold its output open
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")


@dataclass(frozen=True)
class Job:
    """A process to run. `shown` and `detail` describe it without secrets."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str] = field(repr=False)
    timeout_s: float
    shown: str
    detail: str = ""
    stdin: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Ended:
    """How it ended. `truncated`: there was more output; `timed_out`: it was killed."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    truncated: bool
    timed_out: bool


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What every process is given: where programs are, where home is, the language, and where temporary files go."""
    return {name: environ[name] for name in _KEPT if name in environ}


def run(job: Job) -> Ended:
    """Run a job to its end, or until its time is over: then its whole group is asked to end, and killed.

    Also killed: what it leaves behind in the background, and everything when cowork itself is told to end. Raises
    `connector.no_runtime` (Unavailable) when the program is not there, `connector.input_too_large` when it takes no input of
    this size, and Terminated.
    """
    with ending_together() as ending, _started(job) as process, contextlib.closing(_Talk(process, job.stdin)) as talk:
        ending.ready()
        end = time.monotonic() + job.timeout_s
        timed_out = not talk.until(end, lambda: _has_ended(process))
        if timed_out:
            _signal(process, signal.SIGTERM)
            talk.until(time.monotonic() + GRACE_S, lambda: _has_ended(process))
        _signal(process, signal.SIGKILL)  # before it is reaped: until then its number is surely its own
        talk.drain()
        code = process.wait()
        return Ended(code, bytes(talk.kept[1]), bytes(talk.kept[2]), talk.truncated, timed_out)


@contextlib.contextmanager
def _started(job: Job) -> Iterator[subprocess.Popen[bytes]]:
    try:
        process = subprocess.Popen(  # noqa: S603 - the command is the pack's; the gate was asked
            job.argv,
            cwd=job.cwd,
            env=dict(job.env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        if isinstance(error, FileNotFoundError | PermissionError):
            hint = "install it, or put it on the PATH"
            raise Unavailable("connector.no_runtime", f"cannot run {job.argv[0]}", cause=error.strerror, hint=hint) from None
        raise InvalidInput(
            "connector.input_too_large", "the process cannot be given so much", cause=error.strerror, hint="give less input"
        ) from None
    try:
        yield process
    finally:
        if process.returncode is None:
            _signal(process, signal.SIGKILL)
            process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):
                assert stream is not None
                stream.close()


class _Talk:
    """Feeds stdin and reads both outputs at once, so that neither side waits for the other for ever."""

    def __init__(self, process: subprocess.Popen[bytes], stdin: bytes) -> None:
        self.kept = {1: bytearray(), 2: bytearray()}
        self.truncated = False
        self._stdin = memoryview(stdin)
        self._selector = selectors.DefaultSelector()
        for stream, number, event in (
            (process.stdin, 0, selectors.EVENT_WRITE),
            (process.stdout, 1, selectors.EVENT_READ),
            (process.stderr, 2, selectors.EVENT_READ),
        ):
            assert stream is not None
            os.set_blocking(stream.fileno(), False)
            self._selector.register(stream, event, number)

    def until(self, end: float, has_ended: Callable[[], bool]) -> bool:
        """Talk until the process has ended and said everything; False when `end` comes first."""
        while not has_ended():
            left = end - time.monotonic()
            if left <= 0:
                return False
            self._step(min(left, _LOOK_S))
        return True

    def close(self) -> None:
        """Let go of what it used; the pipes are not its own."""
        self._selector.close()

    def drain(self) -> None:
        """Read what it said last, which is in the pipes by now; whoever holds them still is not waited for."""
        for _ in range(64):
            if not self._step(0):
                break

    def _step(self, wait: float) -> bool:
        """Move what can be moved; whether anything was."""
        if not self._selector.get_map():
            time.sleep(wait)
            return False
        moved = False
        for key, _ in self._selector.select(wait):
            stream: IO[bytes] = key.fileobj  # type: ignore[assignment]
            moved = (self._feed(stream) if key.data == 0 else self._read(stream, key.data)) or moved
        return moved

    def _feed(self, stream: IO[bytes]) -> bool:
        try:
            self._stdin = self._stdin[os.write(stream.fileno(), self._stdin[:65536]) :] if self._stdin else self._stdin
        except BlockingIOError:
            return False
        except OSError:  # it does not want to hear more
            self._stdin = self._stdin[:0]
        if not self._stdin:
            self._selector.unregister(stream)
            stream.close()
        return True

    def _read(self, stream: IO[bytes], number: int) -> bool:
        try:
            piece = os.read(stream.fileno(), 65536)
        except BlockingIOError:
            return False
        if not piece:
            self._selector.unregister(stream)
            return False
        room = MAX_OUTPUT - len(self.kept[number])
        self.kept[number] += piece[:room]
        self.truncated = self.truncated or len(piece) > room
        return True


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it ended. It is left unreaped, so that its group's number cannot be given to others yet."""
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        return process.poll() is not None
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
        os.killpg(process.pid, number)
