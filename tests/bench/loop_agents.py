"""What an agent of a loop costs that never stops talking: resident memory while it prints 100 MB in every dialect there is.

The agent works in a process of its own, which says at its end how much memory it had at most. Everything is heard, and on disk.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from cowork.core.clock import SystemClock
from cowork.core.paths import home
from cowork.core.settings import load
from cowork.loop.agents import naming
from cowork.loop.agents.opening import open_agent
from cowork.loop.agents.work import Job
from tests.bench.streams import _Patch
from tests.models.command_line.agents import installed
from tests.models.command_line.speech import CLAUDE, claude_said, claude_text, lines

BUDGET_MB = 120
BYTES = 100 << 20


def streams() -> dict[str, tuple[str, list[tuple[str, object]]]]:
    """The agent and what it does, by what that is called."""
    said = lines(claude_said("msg_1", claude_text("y" * 300)))
    line = "z" * 99 + "\n"
    answer = ("say", lines(*CLAUDE.answered("Done.")))
    return {
        "records": ("claude", [("repeat", (said, BYTES // len(said))), answer]),
        "plain lines": ("mine", [("repeat", (line, BYTES // len(line))), ("say", "Done.\n")]),
        "one plain line": ("mine", [("repeat", ("x", BYTES)), ("say", "Done.")]),
    }


def work(place: str, name: str) -> None:
    """In the child: let the agent work, and print the most memory that took and the characters that were heard."""
    agents = installed(Path(place), _Patch())  # type: ignore[arg-type]
    home().mkdir()
    own = {"mine": {"command": [str(agents.place / "bin" / "claude")]}}
    (home() / "config.yaml").write_text(yaml.safe_dump({"agents": own}))
    settings, heard = load(), [0]

    def count(kind: str, data: dict[str, object]) -> None:
        heard[0] += len(str(data.get("text", "")))

    agent = open_agent(naming.parse(name, settings), settings, SystemClock())
    job = Job("1", "Go.", Path(place), Path(place) / "0001.log", 1)
    done = asyncio.run(agent.work(job, count))
    assert done.message.endswith("Done.")
    status = Path("/proc/self/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) / 1000
    print(json.dumps([peak, heard[0], job.output.stat().st_size]))


def main() -> int:
    """Print the table; returns 1 when the budget is broken."""
    broken = False
    print(f"{'an agent prints 100 MB as':30}{'resident':>12}{'budget':>10}{'heard':>12}{'on disk':>12}{'time':>10}")
    for name, (agent, steps) in streams().items():
        with tempfile.TemporaryDirectory() as place:
            (Path(place) / "script.json").write_text(json.dumps(steps))
            code = "import sys; from tests.bench.loop_agents import work; work(*sys.argv[1:])"
            environment = {**os.environ, "COWORK_HOME": f"{place}/home"}
            began = time.monotonic()
            done = subprocess.run([sys.executable, "-c", code, place, agent], capture_output=True, text=True, env=environment)
            if done.returncode:
                raise SystemExit(done.stderr)
            peak, heard, size = json.loads(done.stdout)
        over = peak > BUDGET_MB or size < BYTES
        broken |= over
        seconds = time.monotonic() - began
        row = f"{name:30}{peak:9.1f} MB{BUDGET_MB:7} MB{heard / 1e6:9.1f} MB{size / 1e6:9.1f} MB{seconds:8.1f} s"
        print(row + (" BROKEN" if over else ""), flush=True)
    return int(broken)


if __name__ == "__main__":
    raise SystemExit(main())
