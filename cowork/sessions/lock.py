"""Who works on a session, or on a project: a lock of the operating system on a file that says who holds it.

The lock decides; it is gone with its holder, however that ended. What the file says tells people who it is, and tells what a
dead holder left from what a living one on another machine holds, where locks may not reach.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cowork.core.births import birth, host
from cowork.core.clock import Clock, rfc3339
from cowork.core.errors import Conflict
from cowork.core.files import cannot_write, ensure_dir
from cowork.core.paths import home
from cowork.core.text import one_line
from cowork.sessions.lock_file import MOST_CHARACTERS, Contents, Holder, LockFile, LockState, inspect

__all__ = ["Holder", "LockState", "hold", "inspect", "project_lock"]

PATIENCE_S = 2.0
"""How long a lock without a name is looked at: its holder may be about to write one, or somebody only looks at the file."""
_LOOK_AGAIN_S = 0.01


@dataclass
class _Held:
    """A lock of this process, and how many times it is held."""

    holder: Holder
    file: LockFile
    times: int = 1


_HELD: dict[tuple[int, int], _Held] = {}


def project_lock(project: Path) -> Path:
    """The lock of a project's working tree: one loop at a time changes it.

    It is not in the project, where git would offer it to be committed. Whoever has another `COWORK_HOME`, as on another
    machine, has other locks.
    """
    real = os.path.realpath(project)
    return home() / "locks" / f"{hashlib.sha256(os.fsencode(real)).hexdigest()[:32]}.lock"


@contextlib.contextmanager
def hold(
    path: Path, *, session: str, clock: Clock, nonce: str | None = None, take_over: bool = False, project: Path | None = None
) -> Iterator[Holder]:
    """Hold the lock at `path` for a session, or for a project. With the `nonce` of a lock that this process holds, hold it once
    more.

    What a dead process left is taken. `take_over` also takes what a process on another machine wrote, when no lock is seen.
    Raises Conflict: `session.locked` naming the holder, `session.locked_elsewhere`; and `file.not_writable`, also for a link.
    """
    about = session, "" if project is None else str(project)[-MOST_CHARACTERS:]
    held = _again(path, nonce) or _take(path, about, clock, nonce or secrets.token_hex(8), take_over)
    try:
        yield held.holder
    finally:
        held.times -= 1
        if held.times == 0:
            del _HELD[held.file.identity]
            held.file.release(held.holder)


def _again(path: Path, nonce: str | None) -> _Held | None:
    """The lock, when this process holds it under this nonce."""
    try:
        found = path.stat(follow_symlinks=False)
    except OSError:
        return None
    held = _HELD.get((found.st_dev, found.st_ino))
    if held is None or nonce != held.holder.nonce or held.holder.pid != os.getpid():
        return None
    held.times += 1
    return held


def _take(path: Path, about: tuple[str, str], clock: Clock, nonce: str, take_over: bool) -> _Held:
    pid, (session, project) = os.getpid(), about
    holder = Holder(pid, birth(pid) or "", host(), nonce, session, rfc3339(clock.now()), project)
    ensure_dir(path.parent)
    try:
        file = _locked(path)
        try:
            found = file.read()
            if found.state() == "elsewhere" and not take_over:
                raise _elsewhere(path, found.holder)
            file.write(holder)
        except BaseException:
            file.close()
            raise
    except OSError as error:
        raise cannot_write(path, error) from error
    held = _HELD[file.identity] = _Held(holder, file)
    return held


def _locked(path: Path) -> LockFile:
    """The file, locked. Raises Conflict, and OSError."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        file, locked = LockFile.open_to_hold(path), False
        try:
            locked = file.lock()
            if locked and file.is_at(path):
                return file
            found = file.read()
        except BaseException:
            file.close()
            raise
        file.close()
        if time.monotonic() > deadline or (not locked and found.names_a_living()):
            raise _conflict(path, found)
        if not locked:
            time.sleep(_LOOK_AGAIN_S)


def _conflict(path: Path, found: Contents) -> Conflict:
    by = found.holder
    who = by.label if by else "a process that did not say who it is"
    what = f"session {by.session}" if by and by.session else one_line(by.project) if by and by.project else "it"
    return Conflict(
        "session.locked",
        f"{what} is being worked on: {who} holds {path}",
        hint="wait until it has finished, or end it there",
        details={"path": str(path), **(by.plain() if by else {})},
    )


def _elsewhere(path: Path, by: Holder | None) -> Conflict:
    return Conflict(
        "session.locked_elsewhere",
        f"another machine may be working on it: {by.label if by else 'somebody'} wrote {path}",
        cause="this machine sees neither its processes nor, on some file systems, its locks",
        hint=f"if nothing works there any more, remove the file: {path}",
        details={"path": str(path), **(by.plain() if by else {})},
    )
