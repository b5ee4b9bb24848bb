"""Loading a thousand agents, commands and skills from disk: the first look, and looks at an index that is there."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COWORK = str(Path(sys.executable).parent / "cowork")
BUDGETS = {"first look": 1.5, "indexed": 0.150}
_PLAIN = "---\nname: {name}\ndescription: Number {number}, used when there is one to look at\ntools: Read, Grep\n---\n{text}\n"
_LISTED = '---\nname: {name}\ndescription: "Number {number}: quoted"\ntools: [Read, "Bash(git *)"]\n---\n{text}\n'


def main() -> int:
    """Print the figures; returns 1 when a budget is broken."""
    with tempfile.TemporaryDirectory() as base:
        environment = {**os.environ, "COWORK_HOME": f"{base}/home", "HOME": f"{base}/user"}
        Path(base, "home").mkdir()
        _files(Path(base, "user", ".claude"))
        time.sleep(0.1)  # a file of this very moment is not indexed yet
        first = _load(environment)
        later = statistics.median(_load(environment) for _ in range(9))
    broken = False
    print(f"{'1,000 components':32}{'seconds':>10}{'budget':>8}")
    for name, seconds in (("first look", first), ("indexed", later)):
        mark = " BROKEN" if seconds > BUDGETS[name] else ""
        broken |= bool(mark)
        print(f"{name:32}{seconds:10.3f}{BUDGETS[name]:8.2f}{mark}")
    return int(broken)


def _files(root: Path) -> None:
    text = "Look at it with care.\n" * 40
    for number in range(334):
        for kind, name in (("agents", f"a-{number}.md"), ("commands", f"c-{number}.md"), ("skills", f"s-{number}/SKILL.md")):
            path = root / kind / name
            path.parent.mkdir(parents=True, exist_ok=True)
            called = f"{kind[0]}-{number}"
            front = _PLAIN if number % 2 else _LISTED
            path.write_text(front.format(name=called, number=number, text=text), encoding="utf-8")


def _load(environment: dict[str, str]) -> float:
    """Seconds that loading takes in a process of its own, without the start of Python and the printing."""
    script = (
        "import time; start = time.perf_counter()\n"
        "from cowork.registry import world\n"
        "found = world.load()\n"
        "bodies = [pack.body for pack in found.records]\n"
        "print(time.perf_counter() - start)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


if __name__ == "__main__":
    raise SystemExit(main())
