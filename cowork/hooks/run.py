"""Running hook handlers as processes of their own group."""

import contextlib
import os
import signal
import subprocess
import threading
import time

from cowork.hooks.records import Handler, Ran

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_SLICE = 0.25  # seconds between looks at the handler; also how long its own children may hold its output once it ended


def run_handler(handler: Handler, stdin: str) -> Ran:
    """Run one command with the event's JSON on stdin.

    On time-out its whole process group is killed, as it is when cowork itself is told to end. Children that a handler
    leaves behind in the background are not waited for.
    """
    with _ending_together() as ending:
        process = subprocess.Popen(
            ["/bin/sh", "-c", handler.command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "CLAUDE_PROJECT_DIR": os.environ.get("CLAUDE_PROJECT_DIR") or _working_directory()},
            start_new_session=True,
        )
        try:
            ending.ready()
            return _converse(process, handler, stdin)
        except BaseException:
            _kill_group(process)
            raise
        finally:
            for stream in (process.stdin, process.stdout, process.stderr):
                with contextlib.suppress(OSError):
                    stream.close()  # type: ignore[union-attr]


def _converse(process: "subprocess.Popen[str]", handler: Handler, stdin: str) -> Ran:
    deadline = time.monotonic() + handler.timeout
    pending: str | None = stdin
    ended = False
    while True:
        wait = _SLICE if ended else max(0.0, min(_SLICE, deadline - time.monotonic()))
        try:
            stdout, stderr = process.communicate(pending, timeout=wait)
        except subprocess.TimeoutExpired as partial:
            pending = None
            if ended:
                return Ran(handler.command, process.returncode, _text(partial.stdout), _text(partial.stderr))
            ended = process.poll() is not None
            if not ended and time.monotonic() >= deadline:
                _kill_group(process)
                return Ran(handler.command, -signal.SIGKILL, "", "", timed_out=True)
        else:
            return Ran(handler.command, process.returncode, stdout, stderr)


class _Ending:
    """Answers SIGTERM and SIGINT with SystemExit, but not before it is known whom to take along."""

    def __init__(self) -> None:
        self._ready = False
        self._number = 0

    def __call__(self, number: int, _frame: object) -> None:
        self._number = number
        if self._ready:
            raise SystemExit(128 + number)

    def ready(self) -> None:
        """From now on end at once, and now if a signal came already."""
        self._ready = True
        if self._number:
            raise SystemExit(128 + self._number)


@contextlib.contextmanager
def _ending_together() -> "Iterator[_Ending]":
    """Signals that end us do so as an exception, through the code that ends the handler."""
    ending = _Ending()
    previous: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():  # Python allows no other to do this
        previous = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        previous = {number: held for number, held in previous.items() if held is not signal.SIG_IGN}
    for number in previous:
        signal.signal(number, ending)
    try:
        yield ending
    finally:
        for number, held in previous.items():
            signal.signal(number, held)


def _kill_group(process: "subprocess.Popen[str]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _working_directory() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:  # it was removed; the hooks must run all the same
        return os.sep


def _text(partial: "bytes | str | None") -> str:
    return partial.decode("utf-8", "replace") if isinstance(partial, bytes) else partial or ""
