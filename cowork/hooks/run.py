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

_SLICE = 0.25  # seconds between looks at the handler; also how long its own children may hold its output once it ended


def run_handler(handler: Handler, stdin: str) -> Ran:
    """Run one command with the event's JSON on stdin.

    On time-out its whole process group is killed, as it is when cowork itself is told to end. Children that a handler
    leaves behind in the background are not waited for.
    """
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
    with _dying_together(process):
        return _converse(process, handler, stdin)


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


@contextlib.contextmanager
def _dying_together(process: "subprocess.Popen[str]") -> "Iterator[None]":
    """Kill the handler's group when the body is left by an exception, SIGTERM included, and let go of its pipes."""
    ours = threading.current_thread() is threading.main_thread()
    previous = signal.signal(signal.SIGTERM, _end) if ours else None
    try:
        yield
    except BaseException:
        _kill_group(process)
        raise
    finally:
        if ours:
            signal.signal(signal.SIGTERM, previous)
        for stream in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]


def _end(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


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
