"""What an agent that never stops talking costs: resident memory while it streams a gigabyte, asked through the adapter.

The adapter runs in a process of its own, which says at its end how much memory it had at most. The agent is the scripted one
of the tests. Its gigabyte is many short records, many of a megabyte, or one line alone.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cowork.models.chat import ChatRequest
from tests.models.command_line.agents import installed
from tests.models.command_line.speech import CODEX, codex_end, codex_item, lines

BUDGET_MB = 120
BYTES = 1 << 30
TOOL = {"aggregated_output": "x" * 300, "command": "make", "status": "completed"}


def streams(size: int) -> dict[str, list[tuple[str, object]]]:
    """What the agent does, by what it is called."""
    short = lines(codex_item("command_execution", "item_2", **TOOL))
    said = lines(codex_item("agent_message", "item_1", text="y" * 300))
    long = lines(codex_item("command_execution", "item_2", aggregated_output="é" * 500_000, status="completed"))
    answer = ("say", lines(*CODEX.answered("Done.")))
    return {
        "records of 400 bytes": [("repeat", (short, size // len(short))), answer],
        "messages of 400 bytes": [("repeat", (said, size // len(said))), answer],
        "records of a megabyte": [("repeat", (long, size // len(long.encode()))), answer],
        "one line": [("repeat", ("x", size)), ("say", "\n"), answer],
        "one line that never ends, and errors": [("complain", "x" * 1_000_000), answer, ("repeat", ("x", size))],
        "nothing but an answer": [answer, ("say", lines(codex_end()))],
    }


class _Patch:
    """As much of pytest's monkeypatch as installing needs."""

    def setenv(self, name: str, value: str) -> None:
        os.environ[name] = value


def ask(place: str) -> None:
    """In the child: ask the agent, and print the most memory that it took."""
    agents = installed(Path(place), _Patch())  # type: ignore[arg-type]
    reply = asyncio.run(agents.open("codex").reply(ChatRequest("Go."), len))
    assert reply.text == "Done."
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024))


def measured(steps: list[tuple[str, object]]) -> tuple[float, float]:
    """Megabytes at most, and seconds."""
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "script.json").write_text(json.dumps(steps))
        code = "import sys; from tests.bench.streams import ask; ask(sys.argv[1])"
        environment = {**os.environ, "COWORK_HOME": f"{place}/home", "TMPDIR": place}
        began = time.monotonic()
        done = subprocess.run([sys.executable, "-c", code, place], capture_output=True, text=True, env=environment)
        if done.returncode:
            raise SystemExit(done.stderr)
        return float(done.stdout), time.monotonic() - began


def main() -> int:
    """Print the table; returns 1 when the budget is broken. An argument is the size in megabytes, else it is a gigabyte."""
    size = int(sys.argv[1]) << 20 if len(sys.argv) > 1 else BYTES
    broken = False
    print(f"{'an agent streams ' + str(size >> 20) + ' MB as':42}{'resident':>12}{'budget':>10}{'time':>10}")
    for name, steps in streams(size).items():
        memory, seconds = measured(steps)
        over = memory > BUDGET_MB
        broken |= over
        print(f"{name:42}{memory:9.1f} MB{BUDGET_MB:7} MB{seconds:8.1f} s{' BROKEN' if over else ''}", flush=True)
    return int(broken)


if __name__ == "__main__":
    raise SystemExit(main())
