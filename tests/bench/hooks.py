"""What hooks cost: `hook run` around one handler, a session's `fire`, and looking whether a project is trusted.

Runs are interleaved, so that drift hits all alike; what counts is the median of the faster half, which a busy machine
disturbs least. Byte code is kept, as it is for an installed program.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cowork.hooks.dispatch import Hooks
from cowork.hooks.records import Source
from cowork.trust.state import state
from tests.hooks.making import BASH, command, document, written

ROUNDS = 41
BIN = Path(sys.executable).parent
EVENT = b'{"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"ls"}}'
HANDLER = "exit 0"
HOOKS = document("PreToolUse", command(HANDLER), matcher="Bash")
FILES, SIZE = 60, 8_000  # a project of ordinary size

Row = tuple[str, float, str, float | None]


def main() -> int:
    """Print the table; returns 1 when a budget is broken."""
    with tempfile.TemporaryDirectory() as place:
        rows = [*_runs(Path(place)), *_session(Path(place)), *_trust(Path(place))]
    broken = False
    print(f"{'what':58}{'typical':>10}{'budget':>12}")
    for name, value, unit, budget in rows:
        over = budget is not None and value > budget
        broken |= over
        limit = "" if budget is None else f"{budget:g} {unit}" + (" BROKEN" if over else "")
        print(f"{name:58}{value:7.2f} {unit:2}{limit:>12}")
    return int(broken)


def _runs(place: Path) -> list[Row]:
    """`hook run` without hooks, and with one, beside the handler alone."""
    (place / "none").mkdir()
    written(place / "one" / "hooks.json", HOOKS)
    base = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    base |= {"PYTHONPYCACHEPREFIX": str(place / "bytecode")}
    run = [str(BIN / "cowork"), "hook", "run", "PreToolUse"]
    lines = {
        "pass": ([str(BIN / "python"), "-c", "pass"], base),
        "none": (run, base | {"COWORK_HOME": str(place / "none")}),
        "one": (run, base | {"COWORK_HOME": str(place / "one")}),
        "handler": (["/bin/sh", "-c", HANDLER], base),
    }
    times: dict[str, list[float]] = {name: [] for name in lines}
    for turn in range(ROUNDS + 1):
        for name, (argv, environment) in lines.items():
            seconds = _timed(lambda argv=argv, env=environment: _call(argv, env, place))  # type: ignore[misc]
            if turn:  # the first turn warms the disk cache and the byte code
                times[name].append(seconds)
    bare, none, one, handler = (_typical(times[name]) for name in ("pass", "none", "one", "handler"))
    return [
        ("python -c pass", bare, "ms", None),
        ("hook run without hooks", none, "ms", None),
        ("  as a ratio to python -c pass", none / bare, "x", 2.2),
        ("the handler alone", handler, "ms", None),
        ("hook run with one matching command hook", one, "ms", None),
        ("  over start-up and the handler itself", one - none - handler, "ms", 2.0),
    ]


def _session(place: Path) -> list[Row]:
    """`Hooks.fire` in a session of our own agent."""
    one = Hooks([Source("hooks.json", "user", document=HOOKS)], project=place)
    other = {**BASH, "tool_name": "Edit"}
    alone = [_timed(lambda: _call(["/bin/sh", "-c", HANDLER], dict(os.environ), place)) for _ in range(ROUNDS)]
    fired = [_timed(lambda: one.fire("PreToolUse", BASH)) for _ in range(ROUNDS)]
    missed = [_timed(lambda: one.fire("PreToolUse", other)) for _ in range(ROUNDS)]
    return [
        ("the handler alone, from a running program", _typical(alone), "ms", None),
        ("fire with one matching command hook", _typical(fired), "ms", None),
        ("fire when nothing matches", _typical(missed), "ms", 0.1),
    ]


def _trust(place: Path) -> list[Row]:
    """Looking whether a project of ordinary size is trusted."""
    project, home = place / "project", place / "home"
    for number in range(FILES):
        written(project / ".claude" / "skills" / f"s{number}" / "SKILL.md", "x" * SIZE)
    found = state(project, home)
    record = {"digest": found.digest, "files": found.files}
    written(home / "trust.json", json.dumps({"version": 1, "projects": {found.project: record}}))
    assert state(project, home).trusted
    times = [_timed(lambda: state(project, home)) for _ in range(ROUNDS)]
    return [(f"is a project of {FILES} files trusted", _typical(times), "ms", 10.0)]


def _typical(seconds: list[float]) -> float:
    """The median of the faster half, in milliseconds."""
    return statistics.median(sorted(seconds)[: len(seconds) // 2 + 1]) * 1000


def _call(argv: list[str], environment: dict[str, str], where: Path) -> None:
    subprocess.run(argv, input=EVENT, env=environment, cwd=where, stdout=subprocess.DEVNULL, check=True)


def _timed(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
