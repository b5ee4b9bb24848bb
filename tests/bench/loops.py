"""What a working loop costs beside its agents: the time of an iteration early and late, going on after 10,000, and memory.

The agent answers at once and in this process, so that what is measured is the engine: prompt, journal with its waits for the
disk, progress and checkpoint. The memory is that of the real program, whose agent prints 100 MB.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar
from unittest import mock

from cowork.core.clock import SystemClock
from cowork.core.errors import LimitReached
from cowork.core.settings import load
from cowork.loop import resuming
from cowork.loop.agents.work import AgentSpec, Execution, Heard, Job
from cowork.loop.engine import starting
from cowork.loop.engine.order import Completion, ErrorHandling, Limits, LoopOrder, RateLimits, Sandboxing
from cowork.loop.engine.pool import AgentPool
from cowork.models.chat import Usage
from cowork.sessions import places
from cowork.sessions.journal import Journal
from tests.fake_agent.running import install

ITERATION_MS = 5.0
RESUME_S = 1.0
LONG, LONG_BYTES, LONG_RESUME_S, LONG_MEMORY_MB = 2_000, 80_000, 2.0, 150
MEMORY_MB = 120
AROUND = (100, 1_000, 10_000)
_WINDOW = 50  # iterations on either side
GROWTH = 1.5  # times the median around iteration 100: more is growth, less is noise
FLOOD_MB = 100


class Instant:
    """An agent that answers at once."""

    began: ClassVar[list[float]] = []

    def __init__(self, spec: AgentSpec) -> None:
        self.spec = spec

    async def work(self, job: Job, heard: Heard) -> Execution:
        self.began.append(time.perf_counter())
        return Execution(f"Step {job.iteration} is done.", 0, Usage(100, 10, "reported"), 0.01, "instant", 0.0)

    async def close(self) -> None:
        """Nothing is open."""


@contextlib.contextmanager
def instant_agents() -> Iterator[list[float]]:
    """Agents answer at once; the moments at which they were asked."""
    Instant.began = []
    with mock.patch.object(AgentPool, "agent", lambda pool, spec, directory: Instant(spec)):
        yield Instant.began


def order(project: Path, iterations: int) -> LoopOrder:
    """A loop that never comes to an end by itself."""
    return LoopOrder(
        task="Go on.",
        tasks_file=None,
        project=str(project),
        agents=(AgentSpec("instant", "command", "p", "m"),),
        task_agents={},
        task_checks=(),
        completion=Completion(),
        limits=Limits(iterations=iterations, attempts=None),
        errors=ErrorHandling(),
        rates=RateLimits(),
        sandbox=Sandboxing(),
    )


def iterations(project: Path) -> dict[int, float]:
    """Milliseconds of an iteration, the median around each number."""
    with instant_agents() as began, contextlib.suppress(LimitReached):
        starting.start(order(project, AROUND[-1]), load(), SystemClock())
    took = [(after - before) * 1000 for before, after in itertools.pairwise(began)]
    return {number: statistics.median(took[max(0, number - _WINDOW) : number + _WINDOW]) for number in AROUND}


def resumption(iterations: int = AROUND[-1] + 1) -> float:
    """Seconds from the wish to go on with the session to the first question to its agent."""
    with instant_agents() as began, contextlib.suppress(LimitReached):
        before = time.perf_counter()
        again = resuming.Again({"iterations": iterations})
        resuming.resume(places.of_kind("loop")[0].session_id, again, load(), SystemClock())
    return began[0] - before


def memory(root: Path) -> tuple[float, float]:
    """The most memory, in MB, that the program had while its agent printed, and the seconds that took."""
    install(root / "bin")
    script = {"calls": [{"do": [{"flood": {"mb": FLOOD_MB, "into": "noise"}}, {"say": "Enough.\n{{promise}}"}]}]}
    (root / "script.json").write_text(json.dumps(script))
    environment = {
        **os.environ,
        "PATH": f"{root / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "COWORK_HOME": str(root / "flooded"),
        "COWORK_FAKE_AGENT": str(root / "script.json"),
    }
    (root / "flood").mkdir()
    before = time.perf_counter()
    code = (
        "import sys\nfrom cowork.cli.main import run\ncode = run(sys.argv[1:])\n"
        "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM:')), file=sys.stderr)\nsys.exit(code)"
    )
    words = [sys.executable, "-c", code, "loop", "run", "Print", "--agent", "fake-agent", "--json"]
    done = subprocess.run(words, env=environment, cwd=root / "flood", capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return int(done.stderr.split("VmHWM:")[1].split()[0]) / 1000, time.perf_counter() - before


def long_messages(root: Path) -> tuple[float, float]:
    """Seconds until a run of long messages goes on, and the most memory, in MB, that this takes in a process of its own."""
    place = starting.prepare(order(root / "project", LONG), SystemClock())
    book = Journal(place.journal, SystemClock(), after=1)
    usage = {"usage": {"input": 1, "output": 1, "source": "reported"}, "usd": 0.0, "seconds": 0.0}
    for number in range(1, LONG + 1):
        about = {"iteration": number, "task": "task", "agent": "instant"}
        said = {"message": "x" * LONG_BYTES, "exit_code": 0, "notes": [], "model": "m", "key": f"{number}"}
        over = {"outcome": "continued", "message_digest": f"{number}", "diff_digest": None, "summary": "x", "seconds": 0.0}
        book.note("iteration.started", {**about, "attempt": number, "output": "output/0001.log"})
        book.note("agent.completed", {**about, **said, **usage})
        book.note("iteration.completed", {**about, **over, "elapsed_s": 0.0})
    book.close()
    code = (
        "import resource\nfrom tests.bench import loops\nprint(loops.resumption(loops.LONG + 1))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True)
    took, peak = done.stdout.split()
    return float(took), float(peak)


def main() -> int:
    """Print the table; returns 1 when a target is missed."""
    broken = False

    def row(what: str, found: str, target: str, missed: bool) -> None:
        nonlocal broken
        broken |= missed
        print(f"{what:44}{found:>12}{target:>14}{' BROKEN' if missed else ''}", flush=True)

    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        (root / "project").mkdir()
        with mock.patch.dict(os.environ, {"COWORK_HOME": str(root / "home")}):
            found = iterations(root / "project")
            for number, took in found.items():
                row(f"an iteration around the {number}th", f"{took:.2f} ms", f"{ITERATION_MS:g} ms", took > ITERATION_MS)
            growth = found[AROUND[-1]] / found[AROUND[0]]
            row("the last as a multiple of the first", f"{growth:.2f}", f"{GROWTH:g}", growth > GROWTH)
            took = resumption()
            row(f"going on with {AROUND[-1]} iterations", f"{took:.2f} s", f"{RESUME_S:g} s", took > RESUME_S)
            size = next(iter(places.of_kind("loop"))).journal.stat().st_size / 1e6
            print(f"  (its journal has {size:.1f} MB)")
            took, peak = long_messages(root)
            what = f"going on with {LONG} of {LONG_BYTES // 1000} KB"
            row(what, f"{took:.2f} s", f"{LONG_RESUME_S:g} s", took > LONG_RESUME_S)
            row("the memory of that", f"{peak:.0f} MB", f"{LONG_MEMORY_MB} MB", peak > LONG_MEMORY_MB)
        peak, took = memory(root)
        row(f"memory under {FLOOD_MB} MB of output, {took:.1f} s", f"{peak:.0f} MB", f"{MEMORY_MB} MB", peak > MEMORY_MB)
    return int(broken)


if __name__ == "__main__":
    raise SystemExit(main())
