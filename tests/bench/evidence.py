"""All collectors on a repository of 5,000 files and 5,000 commits: seconds with nothing kept, and with everything kept."""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from cowork.core.clock import SystemClock
from cowork.twins.evidence.collecting import collect
from cowork.twins.evidence.collectors import NAMES

FILES, COMMITS, ROUNDS = 5_000, 5_000, 3
COLD_S, KEPT_S = 10.0, 1.0
PEOPLE = ("Ada", "Grace", "Edsger", "Barbara", "dependabot[bot]")


def main() -> int:
    """Print the figures; returns 1 when a budget is broken."""
    with tempfile.TemporaryDirectory() as base:
        os.environ["COWORK_HOME"] = str(Path(base) / "home")
        (Path(base) / "home").mkdir()
        where = Path(base) / "repository"
        made = time.perf_counter()
        make(where, FILES, COMMITS)
        print(f"{FILES:,} files and {COMMITS:,} commits, made in {time.perf_counter() - made:.1f} s")
        cold, kept = zip(*(_round(where) for _ in range(ROUNDS)), strict=True)
        for evidence in collect(NAMES, where, SystemClock(), fresh=True):
            print(f"  {evidence.collector:22}{evidence.status:13}{evidence.seconds:6.2f} s  {len(evidence.items):3} facts")
    print(f"{'cold, all together':24}{statistics.median(cold):8.2f} s{COLD_S:8.1f} s")
    print(f"{'kept, all together':24}{statistics.median(kept):8.2f} s{KEPT_S:8.1f} s")
    return int(statistics.median(cold) > COLD_S or statistics.median(kept) > KEPT_S)


def _round(where: Path) -> tuple[float, float]:
    began = time.perf_counter()
    collect(NAMES, where, SystemClock(), fresh=True)
    between = time.perf_counter()
    collect(NAMES, where, SystemClock())
    return between - began, time.perf_counter() - between


def make(where: Path, files: int, commits: int) -> None:
    """A repository that many people worked on for two years, until now: sources, tests, documents, debt markers."""
    subprocess.run(["git", "init", "-q", "-b", "main", where], check=True)
    with subprocess.Popen(["git", "fast-import", "--quiet"], cwd=where, stdin=subprocess.PIPE) as importing:
        assert importing.stdin is not None
        for piece in _stream(random.Random(5), files, commits):
            importing.stdin.write(piece)
        importing.stdin.close()
    assert importing.returncode == 0
    subprocess.run(["git", "reset", "-q", "--hard"], cwd=where, check=True)
    subprocess.run(["git", "tag", "v1.0.0", "HEAD~300"], cwd=where, check=True)


def _stream(chance: random.Random, files: int, commits: int) -> Iterator[bytes]:
    now = int(time.time())
    names = [_name(number) for number in range(files)]
    for number in range(commits):
        at = now - (commits - number) * (2 * 365 * 86_400 // commits)
        first = number * files // commits
        new = names[first : (number + 1) * files // commits]
        touched = [*new, *chance.sample(names[: first + 1], min(3, first + 1))]
        person = chance.choice(PEOPLE)
        subject = f"{chance.choice(('feat', 'fix', 'docs', 'refactor'))}: change number {number}"
        who = f"{person} <{person.lower()}@example.org> {at} +0000"
        yield f"commit refs/heads/main\ncommitter {who}\ndata {len(subject)}\n{subject}\n".encode()
        for name in dict.fromkeys(touched):
            text = _text(name, number)
            yield f"M 100644 inline {name}\ndata {len(text)}\n{text}\n".encode()


def _name(number: int) -> str:
    area = f"area{number % 20}/part{number % 7}"
    return (f"src/{area}/module{number}.py", f"tests/{area}/test_module{number - 1}.py", f"docs/{area}/page{number}.md")[
        number % 3
    ]


def _text(name: str, number: int) -> str:
    if name.endswith(".md"):
        return f"# Page {number}\n\nSee [the next](page{number}.md) and `src/area{number % 20}/part1/module3.py`.\n" * 5
    marker = f"# TODO: number {number}\n" if number % 10 == 0 else ""
    return f"import os\n\n\ndef run_{number}(value):\n    return value + {number}\n\n{marker}" + "VALUE = 'text'\n" * 40


if __name__ == "__main__":
    sys.exit(main())
