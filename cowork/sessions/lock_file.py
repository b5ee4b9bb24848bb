"""The file behind a lock, and what it says about who holds it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import re
import stat
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Self

from cowork.core.births import birth, boot, host
from cowork.core.text import one_line

State = Literal["free", "held", "stale", "reused", "elsewhere", "corrupt"]
_MOST_BYTES = 4096
MOST_CHARACTERS = 200
"""Of anything that a lock says; the end of a longer path."""
_MOST_PID = 2**31
_SESSION = re.compile(r"[0-9A-Za-z-]*")  # people are shown commands with it


@dataclass(frozen=True)
class Holder:
    """A process that holds a lock: `started` tells it from another one with its number; `at` is since when, RFC 3339.
    `project` is the end of the path of what is worked on, empty for a session.
    """

    pid: int
    started: str
    host: str
    nonce: str
    session: str
    at: str
    project: str = ""

    @property
    def label(self) -> str:
        """Who it is, for people."""
        return one_line(f"process {self.pid} on {self.host} since {self.at}")

    @property
    def is_of_this_machine(self) -> bool:
        """Whether it can be looked up here: the name is the same, or the machine has not been started anew since."""
        return self.host == host() or bool(boot() and self.started.startswith(f"{boot()}/"))

    def plain(self) -> dict[str, Any]:
        """Its fields, without the nonce that stands for owning the lock."""
        return {name: value for name, value in asdict(self).items() if name != "nonce"}


@dataclass(frozen=True)
class LockState:
    """How a lock stands: `free`; `held`; or free, with what was left there by a process that is gone (`stale`), whose number
    is another's now (`reused`), that ran on another machine and may still (`elsewhere`), or by nobody we know (`corrupt`).

    `holder` is who the file names, None when it names nobody.
    """

    state: State
    holder: Holder | None


@dataclass(frozen=True)
class Contents:
    """What a lock's file says: `holder`, or whether it is `empty`; neither is garbage."""

    holder: Holder | None
    empty: bool

    def state(self) -> State:
        """How the lock stands, when nobody holds it."""
        if self.holder is None:
            return "free" if self.empty else "corrupt"
        if not self.holder.is_of_this_machine:
            return "elsewhere"
        began = birth(self.holder.pid)
        return "reused" if began and self.holder.started and began != self.holder.started else "stale"

    def names_a_living(self) -> bool:
        """Whether it names somebody who may well hold the lock."""
        by = self.holder
        if by is None or not by.is_of_this_machine:
            return by is not None
        began = birth(by.pid)
        return began is not None and (not began or not by.started or began == by.started)


class LockFile:
    """An open lock file."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        found = os.fstat(handle)
        self.identity = (found.st_dev, found.st_ino)
        if not stat.S_ISREG(found.st_mode):
            os.close(handle)
            raise OSError(errno.EINVAL, "it is not a regular file")

    @classmethod
    def open_to_hold(cls, path: Path) -> Self:
        """Open it, made when it is not there. Raises OSError, also for a link."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        return cls(os.open(path, flags, 0o600))

    @classmethod
    def open_to_look(cls, path: Path) -> Self:
        """Open it to look at it. Raises OSError, also for a link."""
        return cls(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK))

    def lock(self, *, shared: bool = False) -> bool:
        """Lock it, unless somebody has; whether that went well."""
        try:
            fcntl.flock(self._handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def is_at(self, path: Path) -> bool:
        """Whether others who open the path get this file: somebody may have removed it meanwhile."""
        try:
            found = path.stat(follow_symlinks=False)
        except FileNotFoundError:
            return False
        return (found.st_dev, found.st_ino) == self.identity

    def read(self) -> Contents:
        """What it says."""
        raw = os.pread(self._handle, _MOST_BYTES + 1, 0)
        return Contents(_parsed(raw), not raw.strip())

    def write(self, holder: Holder) -> None:
        """Say who holds it. Raises OSError, and then it says nothing."""
        raw = json.dumps(asdict(holder)).encode() + b"\n"
        try:
            os.ftruncate(self._handle, 0)
            if os.pwrite(self._handle, raw, 0) != len(raw):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._handle, 0)
            raise

    def release(self, holder: Holder) -> None:
        """Let go of it; what it says is wiped when it still says so: another machine may have taken it over."""
        with contextlib.suppress(OSError):
            if self.read().holder == holder:
                os.ftruncate(self._handle, 0)
        self.close()

    def close(self) -> None:
        """Close it, and with it the lock."""
        os.close(self._handle)


def inspect(path: Path) -> LockState:
    """How the lock at `path` stands. Nothing is written. What cannot be read or is no regular file is `corrupt`."""
    try:
        file = LockFile.open_to_look(path)
    except (FileNotFoundError, NotADirectoryError):
        return LockState("free", None)
    except OSError:
        return LockState("corrupt", None)
    try:
        free = file.lock(shared=True)
        found = file.read()
        return LockState(found.state() if free else "held", found.holder)
    except OSError:
        return LockState("corrupt", None)
    finally:
        file.close()


def _parsed(raw: bytes) -> Holder | None:
    if len(raw) > _MOST_BYTES:
        return None
    try:
        found = json.loads(raw)
        holder = Holder(**found)
    except (ValueError, TypeError, RecursionError):
        return None
    said: dict[str, Any] = asdict(holder)
    pid = said.pop("pid")
    if not all(isinstance(text, str) and len(text) <= MOST_CHARACTERS for text in said.values()):
        return None
    sound = type(pid) is int and 0 < pid < _MOST_PID and _SESSION.fullmatch(holder.session)
    return holder if sound else None
