"""A process of its own that is killed with SIGKILL at an exact point of its work: no signal handler, no clean-up.

What its code imports to begin with is imported once: by a process that does nothing else, from which those that are killed are
forked. They are as new as if they had been started, and there at once.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
from functools import cache
from typing import NamedTuple

_PARENT = """
import ast, json, os, signal, sys

body = ast.parse(sys.argv.pop()).body
first = next((at for at, part in enumerate(body) if not isinstance(part, (ast.Import, ast.ImportFrom))), len(body))
imports, work = (compile(ast.Module(part, []), "<killed>", "exec") for part in (body[:first], body[first:]))
names = {"__name__": "__main__"}
exec(imports, names)

def become(told):
    os.chdir(told["cwd"])
    os.environ.clear()
    os.environ.update(told["environ"])
    sys.argv[1:] = told["argv"]
    said = os.open(told["said"], os.O_WRONLY)
    for number, end in enumerate((os.open(os.devnull, os.O_RDONLY), said, said)):
        os.dup2(end, number)
    signal.alarm(60)
    event, function, left = told["point"]

    def watch(frame, happened, called):
        nonlocal left
        if happened == event and getattr(called, "__qualname__", "") == function:
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

    names["armed"] = lambda: sys.setprofile(watch)

for line in sys.stdin:
    child = os.fork()
    if not child:
        become(json.loads(line))
        exec(work, names)
        sys.exit()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Point(NamedTuple):
    """Just before (`c_call`) or after (`c_return`) the `count`-th call of a built-in, named as Python does: `str.strip`."""

    event: str
    function: str
    count: int = 1


def run_until(point: Point, code: str, *argv: str) -> bool:
    """Run Python `code`, which calls `armed()` where it gets interesting. Whether it was killed; else it must end well."""
    parent = _parent(code)
    assert parent.stdin is not None
    assert parent.stdout is not None
    with tempfile.NamedTemporaryFile() as said:
        told = {"point": point, "argv": argv, "cwd": os.getcwd(), "environ": dict(os.environ), "said": said.name}
        parent.stdin.write(json.dumps(told) + "\n")
        parent.stdin.flush()
        code_ = int(parent.stdout.readline())
        assert code_ in (0, -signal.SIGKILL), said.read().decode()
    return code_ != 0


@cache
def _parent(code: str) -> subprocess.Popen[str]:
    """The process that has imported what the code needs. It ends with us."""
    pipe = subprocess.PIPE
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, code], stdin=pipe, stdout=pipe, text=True, cwd="/")
    atexit.register(_end, parent)
    return parent


def _end(parent: subprocess.Popen[str]) -> None:
    with parent:
        assert parent.stdin is not None
        parent.stdin.close()
