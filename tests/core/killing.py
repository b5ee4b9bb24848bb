"""A process of its own that is killed with SIGKILL at an exact point of its work: no signal handler, no clean-up."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import NamedTuple

_PRELUDE = """
import os, signal, sys
def _watch(frame, event, called, left=[{count}]):
    if event == {event!r} and getattr(called, "__qualname__", "") == {function!r}:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
def armed(): sys.setprofile(_watch)
"""


class Point(NamedTuple):
    """Just before (`c_call`) or after (`c_return`) the `count`-th call of a built-in, named as Python does: `str.strip`."""

    event: str
    function: str
    count: int = 1


def run_until(point: Point, code: str, *argv: str) -> bool:
    """Run Python `code`, which calls `armed()` where it gets interesting. Whether it was killed; else it must end well."""
    prelude = _PRELUDE.format(event=point.event, function=point.function, count=point.count)
    done = subprocess.run([sys.executable, "-c", prelude + code, *argv], capture_output=True, timeout=60)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
    return done.returncode != 0
