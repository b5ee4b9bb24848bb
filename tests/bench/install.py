"""Installing from a local git server beside `git clone --depth 1` of the same repository, and verifying 200 packs."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.install.git_server import git_server, make_repo
from tests.install.sample_packs import fifty_files

ROUNDS = 15
PACKS = 200
COWORK = str(Path(sys.executable).parent / "cowork")


def main() -> int:
    """Print the figures; returns 1 when a budget is broken."""
    with tempfile.TemporaryDirectory() as base:
        ratio = _install(Path(base) / "install")
        seconds = _verify(Path(base) / "verify")
    print(f"{'pack install, 50 files / git clone':40}{ratio:8.2f}{3.0:8.1f}")
    print(f"{f'pack verify, {PACKS} packs':40}{seconds:7.2f}s{2.0:7.1f}s")
    return int(ratio > 3 or seconds > 2)


def _install(base: Path) -> float:
    """The median of an installation as a multiple of the median of a clone, interleaved."""
    (base / "repositories").mkdir(parents=True)
    make_repo(base / "repositories", "sample", fifty_files("1.0.0"))
    times: dict[str, list[float]] = {"clone": [], "install": []}
    with git_server(base / "repositories") as server:
        home = base / "home"
        environment = {**_ambient(), "COWORK_HOME": str(home), "HOME": str(base), "COWORK_PRIVATE_HOSTS": server.host}
        for number in range(ROUNDS + 1):
            clone = ["git", "clone", "-q", "--depth", "1", server.url("sample"), str(base / f"clone-{number}")]
            install = [COWORK, "pack", "install", f"git+{server.url('sample')}", "--json"]
            for name, argv in (("clone", clone), ("install", install)):
                seconds = _time(argv, environment)
                times[name] += [seconds] if number else []  # the first round warms the caches
            shutil.rmtree(home / "extensions" / "sample", ignore_errors=True)
            shutil.rmtree(home / "store")
            (home / "cowork.lock").unlink()
            shutil.rmtree(home / "extensions")
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    print(f"{'git clone --depth 1':40}{medians['clone'] * 1000:6.1f}ms")
    print(f"{'cowork pack install':40}{medians['install'] * 1000:6.1f}ms")
    return medians["install"] / medians["clone"]


def _verify(base: Path) -> float:
    """Seconds to verify many installed packs of ten files."""
    from tests.install.sample_packs import pack

    environment = {**_ambient(), "COWORK_HOME": str(base / "home"), "HOME": str(base)}
    listing = {}
    for number in range(PACKS):
        directory = base / "sources" / f"pack-{number}"
        for path, text in {**pack(name=f"pack-{number}"), **{f"docs/{page}.md": "text\n" * 50 for page in range(9)}}.items():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_text(text, encoding="utf-8")
        listing[str(directory)] = number
    script = (
        "import os, sys\n"
        "from cowork.core.clock import SystemClock\n"
        "from cowork.install.approval import Approval\n"
        "from cowork.install.install import Options, install\n"
        "from cowork.install.locate import Wanted\n"
        "from cowork.install.places import place_of\n"
        "from cowork.install.sources import parse\n"
        "caps = ('network', 'shell', 'script', 'hooks', 'mcp', 'executables')\n"
        "for source in sys.argv[1:]:\n"
        "    install(Wanted(parse(source)), Options(place_of('user'), Approval(caps)), SystemClock(), lambda k, d: None)\n"
    )
    subprocess.run([sys.executable, "-c", script, *listing], env=environment, check=True, capture_output=True)
    return statistics.median(_time([COWORK, "pack", "verify", "--json"], environment) for _ in range(5))


def _ambient() -> dict[str, str]:
    """The environment, with bytecode as an installed program has it."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _time(argv: list[str], environment: dict[str, str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(argv, env=environment, capture_output=True)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return time.perf_counter() - start


if __name__ == "__main__":
    raise SystemExit(main())
