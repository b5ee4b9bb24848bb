"""Processes that left the group they were started in: found by a mark in their environment, or by their session.

Every process inherits the mark. Where there is no /proc that shows environments, nothing is found.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

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
