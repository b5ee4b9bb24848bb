"""Processes that left the group they were started in: found by a mark in their environment, or by their session.

Every process inherits the mark. Where there is no /proc that shows environments, nothing is found.
"""

from __future__ import annotations

import os
import signal
import time

_ROUNDS = 20  # of hunting: what forks faster than it is killed was killed with its group, mostly


def kill_strays(mark: str, session: int) -> None:
    """Kill every living process with this line in its environment, or in this session, until none is left.

    The leader of the session is spared: whoever started it ends it.
    """
    wanted = mark.encode()
    for _ in range(_ROUNDS):
        if not _kill_once(wanted, session):
            return
        time.sleep(0)


def _kill_once(wanted: bytes, session: int) -> int:
    """How many there were."""
    killed = 0
    for entry in _numbers():
        if entry != session and _belongs(entry, wanted, session):
            killed += _kill(entry, wanted, session)
    return killed


def _numbers() -> list[int]:
    try:
        with os.scandir("/proc") as entries:
            return [int(entry.name) for entry in entries if entry.name.isdigit()]
    except OSError:
        return []


def _belongs(pid: int, wanted: bytes, session: int) -> bool:
    """Whether a living process has the mark, or is of the session. Asked of every process there is: in few calls."""
    try:
        if os.getsid(pid) == session:
            return _lives(pid)
        return wanted in _read(f"/proc/{pid}/environ").split(b"\0")  # of the dead it is empty
    except OSError:  # it is gone, or somebody else's
        return False


def _lives(pid: int) -> bool:
    """Whether it is not dead already, waiting for its parent to hear of it."""
    return _read(f"/proc/{pid}/stat").rpartition(b")")[2].split(None, 1)[0] not in b"ZX"


def _read(path: str) -> bytes:
    handle = os.open(path, os.O_RDONLY)
    try:
        return b"".join(iter(lambda: os.read(handle, 1 << 16), b""))
    finally:
        os.close(handle)


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
