"""Running a session in the background: a process of its own, that stays when its terminal goes."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from cowork.core.errors import Conflict, CoworkError, Denied, InvalidInput, LimitReached, NotFound, Unavailable
from cowork.core.files import cannot_write
from cowork.core.text import printable
from cowork.sessions import lock, places
from cowork.sessions.places import Workplace

PATIENCE_S = 60.0
_LOOK_S = 0.02
_LAST_BYTES = 8 * 1024
_LAST_LINES = 12
_ERRORS: dict[int, type[CoworkError]] = {
    error.exit_code: error for error in (NotFound, InvalidInput, Conflict, Denied, Unavailable, LimitReached)
}


def detach(session_id: str, options: Sequence[str] = (), *, patience_s: float = PATIENCE_S) -> int:
    """Go on with a session in the background, and return the number of the process once it works on it.

    `options` are those of `loop resume` that the process gets.
    What it prints goes to `detached.log` of the session. Raises `session.locked` (Conflict) when somebody works on it already,
    `loop.not_detached` with the last lines of that log, of the class that the process's exit status stands for, when it ended
    before it began; `session.not_found`, and `file.not_writable`.
    """
    place = places.find(session_id, places.of_kind("loop"), verb="loop list")
    session_id = place.session_id
    found = lock.inspect(place.lock)
    if found.state == "held":
        by = f": {found.holder.label}" if found.holder else ""
        raise Conflict(
            "session.locked", f"session {session_id} is being worked on{by}", hint=f"follow it: cowork loop watch {session_id}"
        )
    size = place.journal.stat().st_size
    process, log = _started(place, options)
    deadline = time.monotonic() + patience_s
    while not _holds(place, process.pid):
        if _ended_within(process, _LOOK_S):
            if place.journal.stat().st_size > size:
                return process.pid  # it worked, and has ended already
            raise _failed(session_id, process.wait(), log)
        if time.monotonic() > deadline:
            process.kill()
            raise _failed(session_id, process.wait(), log)
    process.returncode = 0  # whoever adopts it reaps it
    return process.pid


def log_of(place: Workplace) -> Path:
    """What a session prints that runs in the background."""
    return place.path / "detached.log"


def _started(place: Workplace, options: Sequence[str]) -> tuple[subprocess.Popen[bytes], tuple[Path, int]]:
    """The process, and where in the log it begins."""
    path = log_of(place)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        begin = os.fstat(handle).st_size
        # -P: what lies in the working directory is the project's, and none of our modules.
        words = [sys.executable, "-P", "-m", "cowork", "loop", "resume", place.session_id, *options, "--no-input"]
        process = subprocess.Popen(  # noqa: S603 - this program itself
            words, stdin=subprocess.DEVNULL, stdout=handle, stderr=handle, start_new_session=True
        )
        return process, (path, begin)
    except OSError as error:
        raise CoworkError("loop.not_detached", "no process can be started", cause=error.strerror) from error
    finally:
        os.close(handle)


def _holds(place: Workplace, pid: int) -> bool:
    found = lock.inspect(place.lock)
    return found.state == "held" and found.holder is not None and found.holder.pid == pid


def _ended_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether the process ends within a moment; where the system has a handle of it, its end is heard of at once."""
    try:
        handle = os.pidfd_open(process.pid)
    except (AttributeError, OSError):
        time.sleep(seconds)
        return process.poll() is not None
    try:
        select.select([handle], [], [], seconds)
    finally:
        os.close(handle)
    return process.poll() is not None


def _failed(session_id: str, code: int, log: tuple[Path, int]) -> CoworkError:
    path, begin = log
    with path.open("rb") as stream:
        end = stream.seek(0, os.SEEK_END)
        stream.seek(max(begin, end - _LAST_BYTES))
        lines = printable(stream.read(_LAST_BYTES).decode(errors="replace")).splitlines()
    said = "\n".join(lines[-_LAST_LINES:]) or f"it said nothing and ended with {code}"
    return _ERRORS.get(code, CoworkError)(
        "loop.not_detached",
        f"session {session_id} does not run in the background",
        cause=said,
        hint=f"run it here to see why: cowork loop resume {session_id}",
        details={"session": session_id, "exit": code, "log": str(path)},
    )
