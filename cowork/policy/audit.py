"""`audit.jsonl`: one line for every decision of the gate, only ever added to. What cannot be logged may not be done."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cowork.core.errors import CoworkError, Denied
from cowork.core.paths import home

if TYPE_CHECKING:
    from cowork.policy.actions import Action
    from cowork.policy.rules import Verdict

MAX_BYTES = 10 * 1024 * 1024  # beyond this the log is set aside under a name with the time; nothing is deleted
_LONGEST = 500  # characters of a text in a line


def log_path() -> Path:
    """The log that is being written, whether or not it exists."""
    return home() / "audit.jsonl"


def record(action: Action, verdict: Verdict) -> None:
    """Add a line about a decision, and force it to disk. Raises `audit.not_writable`."""
    import json

    line = json.dumps(_entry(action, verdict), separators=(",", ":"))
    path = log_path()
    try:
        _append(path, line.encode() + b"\n")
    except (OSError, CoworkError) as error:
        cause = error.message if isinstance(error, CoworkError) else error.strerror or str(error)
        raise Denied(
            "audit.not_writable",
            f"the audit log {path} cannot be written, so nothing may be changed",
            cause=getattr(error, "cause", None) or cause,
            hint="make it a file that you can write, or point COWORK_HOME at a writable directory",
            details={"path": str(path)},
        ) from error


def _entry(action: Action, verdict: Verdict) -> dict[str, Any]:
    from cowork.core.clock import SystemClock, rfc3339
    from cowork.core.text import one_line

    texts = {
        "at": rfc3339(SystemClock().now()),
        "who": _user(),
        "verb": action.verb,
        "pack": action.pack,
        "connector": action.connector,
        "source": action.source,
        "what": action.what,
        "verdict": "allowed" if verdict.allowed else "denied",
        "rule": verdict.rule,
        "reason": verdict.reason,
    }
    short = {key: None if text is None else one_line(text, _LONGEST) for key, text in texts.items()}
    return {**short, "uid": os.getuid(), "pid": os.getpid()}


def _user() -> str:
    """The name of the account, as the system knows it: the environment may say anything."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _append(path: Path, line: bytes) -> None:
    """One write at the end of the file: lines of processes that write at once do not mix."""
    from cowork.core.files import ensure_dir, sync_dir

    ensure_dir(path.parent)
    size = _size(path)
    if size is not None and size >= MAX_BYTES:
        _set_aside(path)
        size = None
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(None, "it is not a regular file")
        if found.st_size and os.pread(handle, 1, found.st_size - 1) != b"\n":
            line = b"\n" + line  # somebody was stopped in the middle of a line: begin a new one
        if os.write(handle, line) != len(line):
            raise OSError(None, "the line was written in part: the disk is full")
        os.fsync(handle)
    finally:
        os.close(handle)
    if size is None:
        sync_dir(path.parent)


def _size(path: Path) -> int | None:
    """How long the log is; None when there is none, perhaps because somebody has just set it aside."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _set_aside(path: Path) -> None:
    """Rename the log; of several processes that want to, one does."""
    from cowork.core.clock import SystemClock
    from cowork.core.files import sync_dir
    from cowork.core.locks import locked

    with locked(path.with_suffix(".lock")):
        if (_size(path) or 0) < MAX_BYTES:
            return
        stamp, number = f"{SystemClock().now():%Y%m%dT%H%M%SZ}", 1
        while os.path.lexists(target := path.with_name(f"audit-{stamp}{'' if number == 1 else f'-{number}'}.jsonl")):
            number += 1
        path.rename(target)
        sync_dir(path.parent)
