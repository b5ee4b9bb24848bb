"""When processes began: a number is given to another process sooner or later, a number with its beginning is not."""

from __future__ import annotations

import os
import socket
import sys
from functools import cache
from pathlib import Path

_PS_S = 5.0


def host() -> str:
    """The name of this machine."""
    return socket.gethostname()


@cache
def boot() -> str:
    """What tells this start of this machine from every other, empty where the system does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def birth(pid: int) -> str | None:
    """When a living process began, as a text that equals only itself; None when there is no such process.

    Empty when there is one and the system does not say. One that is dead and not yet reaped is none: its locks are gone.
    """
    if sys.platform == "linux" and (known := _from_proc(pid)) != "":
        return known
    return _from_ps(pid) if _exists(pid) else None


def _from_proc(pid: int) -> str | None:
    """Empty where there is no /proc to look at."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return None if fields[0] in b"ZX" else f"{boot()}/{int(fields[19])}"
    except (FileNotFoundError, ProcessLookupError):
        return None if Path("/proc/self/stat").exists() else ""
    except (OSError, ValueError, IndexError):
        return ""


def _from_ps(pid: int) -> str:
    import subprocess

    words = ["ps", "-o", "lstart=", "-p", str(pid)]
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        done = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=_PS_S)  # noqa: S603 - a number
    except (OSError, subprocess.SubprocessError):
        return ""
    return " ".join(done.stdout.split())


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True
