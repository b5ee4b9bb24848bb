"""Listing and showing with 17 and with 2,000 packs, as ratios to `python -c pass`: median of 15 runs, interleaved."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 15
PACKS, SKILLS = 2_000, 4
BIN = Path(sys.executable).parent


def main() -> int:
    """Print the figures; returns 1 when a budget is broken."""
    with tempfile.TemporaryDirectory() as base:
        few, many = _home(Path(base) / "few", 0), _home(Path(base) / "many", PACKS)
        first = _time(["pack", "list", "--json"], many)
        for home in (few, many):
            _time(["skill", "show", "code-review-prep", "--json"], home)
        lines = {
            "python -c pass": (None, few),
            "pack list, 17 packs": (["pack", "list", "--json"], few),
            f"pack list, {PACKS} more": (["pack", "list", "--json"], many),
            "skill show, 17 packs": (["skill", "show", "code-review-prep", "--json"], few),
            f"skill show, {PACKS} more": (["skill", "show", "code-review-prep", "--json"], many),
            f"skill show, the last of {PACKS}": (["skill", "show", f"skill-{PACKS - 1}-3", "--json"], many),
        }
        times: dict[str, list[float]] = {name: [] for name in lines}
        for _ in range(ROUNDS):
            for name, (argv, home) in lines.items():
                times[name].append(_time(argv, home))
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    base_time = medians["python -c pass"]
    growth = medians[f"skill show, {PACKS} more"] / medians["skill show, 17 packs"]
    print(f"{'path':34}{'median':>10}{'ratio':>8}{'budget':>8}")
    budgets = {"pack list, 17 packs": 7.0, f"pack list, {PACKS} more": 12.0}
    broken = False
    for name, median in medians.items():
        budget = budgets.get(name)
        broken |= budget is not None and median / base_time > budget
        print(f"{name:34}{median * 1000:8.1f}ms{median / base_time:8.2f}{'' if budget is None else f'{budget:8.1f}'}")
    print(f"{'skill show, growth 17 to 2,000':34}{'':10}{growth:8.2f}{2.0:8.1f}")
    print(f"{'first indexing':34}{first:9.2f}s{'':8}{4.0:7.1f}s")
    return int(broken or growth > 2 or first > 4)


def _home(path: Path, packs: int) -> dict[str, str]:
    for number in range(packs):
        directory = path / "extensions" / f"pack-{number}"
        directory.mkdir(parents=True)
        (directory / "cowork.plugin.json").write_text(json.dumps(_manifest(number)))
    path.mkdir(exist_ok=True)
    return {**os.environ, "COWORK_HOME": str(path), "HOME": str(path), "OLLAMA_BASE_URL": "http://127.0.0.1:9/v1"}


def _manifest(number: int) -> dict[str, object]:
    skills = [
        {
            "id": f"skill-{number}-{skill}",
            "name": f"Skill {skill} of {number}",
            "description": "Turns the notes of a meeting into decisions, owners and dates",
            "icon": "⚡",
            "prompt": "Read the notes and list decisions.\n\n{{input}}\n\n## Decisions\n## Owners\n" * 8,
            "parameters": [{"name": "input", "type": "string", "description": "The notes", "required": True}],
            "enabled": True,
        }
        for skill in range(SKILLS)
    ]
    return {
        "name": f"pack-{number}",
        "displayName": f"Pack {number}",
        "version": "1.0.0",
        "description": "A pack for measuring how listings grow",
        "type": "pack",
        "author": "Somebody",
        "category": "Custom",
        "skills": skills,
    }


def _time(argv: list[str] | None, env: dict[str, str]) -> float:
    line = [str(BIN / "python"), "-c", "pass"] if argv is None else [str(BIN / "cowork"), *argv]
    started = time.perf_counter()
    subprocess.run(line, env=env, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
