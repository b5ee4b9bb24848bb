"""Start-up of the fast paths as ratios to `python -c pass`: median of 15 runs, interleaved so that drift hits all alike."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 15
BIN = Path(sys.executable).parent
HOOK = b'{"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"ls"}}'

# Path -> (command line, stdin, budget as a ratio; None where there is no promise)
PATHS: dict[str, tuple[list[str], bytes, float | None]] = {
    "python -c pass": ([str(BIN / "python"), "-c", "pass"], b"", None),
    "cowork --version": (["--version"], b"", 1.3),
    "cowork hook run": (["hook", "run", "PreToolUse"], HOOK, 2.2),
    "cowork --help": (["--help"], b"", 5.5),
    "cowork pack list --json": (["pack", "list", "--json"], b"", 7.0),
    "cowork skill show --json": (["skill", "show", "code-review-prep", "--json"], b"", 7.0),
    "cowork twin list --json": (["twin", "list", "--json"], b"", None),
    "cowork loop start (rehearsal)": (["loop", "start", "Is it so?", "--provider", "rehearsal", "--json"], b"", None),
}


def main() -> int:
    """Print the table; returns 1 when a budget is broken."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "COWORK_HOME": home, "OLLAMA_BASE_URL": "http://127.0.0.1:9/v1"}
        times: dict[str, list[float]] = {name: [] for name in PATHS}
        for turn in range(ROUNDS + 1):
            for name, (argv, stdin, _) in PATHS.items():
                line = argv if name.startswith("python") else [str(BIN / "cowork"), *argv]
                seconds = _time(line, stdin, environment)
                if turn:  # the first turn warms the disk cache and the byte code
                    times[name].append(seconds)
    base = statistics.median(times["python -c pass"])
    broken = False
    print(f"{'path':32}{'median':>10}{'ratio':>8}{'budget':>8}")
    for name, seconds in times.items():
        median = statistics.median(seconds)
        ratio, budget = median / base, PATHS[name][2]
        broken |= budget is not None and ratio > budget
        mark = "" if budget is None else f"{budget:8.1f}" + (" BROKEN" if ratio > budget else "")
        print(f"{name:32}{median * 1000:8.1f}ms{ratio:8.2f}{mark}")
    return int(broken)


def _time(line: list[str], stdin: bytes, environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(line, input=stdin, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
