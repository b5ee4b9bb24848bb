"""Starting searches in processes: ripgrep where there is one, else a Python of our own; both are killed when time is up."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cowork.agent.tools.base import ToolFailure, Workspace
from cowork.core.processes import Running
from cowork.core.text import one_line

SECONDS = 20.0
MOST_BYTES = 8 * 1024 * 1024
_TRIES = ("Python", "ripgrep")
_START = "import sys; sys.path.insert(0, {path!r}); from cowork.agent.tools.search_worker import main; sys.exit(main())"


@dataclass(frozen=True)
class Search:
    """What to look for and where. `globs` and `also` both have to fit, each by one of its patterns."""

    pattern: str
    top: Path
    directory: bool
    above: str
    mode: str
    globs: tuple[str, ...]
    also: tuple[str, ...]
    ignore_case: bool
    multiline: bool
    before: int
    after: int


@dataclass(frozen=True)
class Found:
    """What a search printed, and why it did not come to its end, if so."""

    raw: bytes
    cut: str | None


async def search(wanted: Search, workspace: Workspace) -> Found:
    """Search files. Raises ToolFailure for a bad expression, and when time is up before anything was found."""
    program = shutil.which("rg", path=workspace.environment.get("PATH", os.defpath))
    if program is not None and Path(program).is_absolute():
        argv = [program, *ripgrep_arguments(wanted)]
        return await _run(argv, subprocess.DEVNULL, workspace, wanted.top if wanted.directory else None)
    job = {**vars(wanted), "top": str(wanted.top), "kind": "files", "seconds": SECONDS}
    return await _run_python(job, workspace)


def ripgrep_arguments(wanted: Search) -> list[str]:
    """The command line of a search for ripgrep, which prints as our worker does."""
    argv = "--no-config --null --no-heading --with-filename --color=never --no-messages --hidden --no-follow".split()
    argv += ["--sort=path", "--max-columns=2000", "--max-columns-preview", "--max-filesize=16M", "--no-require-git"]
    argv += ["--line-number", f"--before-context={wanted.before}", f"--after-context={wanted.after}"]
    argv += {"files_with_matches": ["--files-with-matches"], "count": ["--count"]}.get(wanted.mode, [])
    argv += ["--ignore-case"] if wanted.ignore_case else []
    argv += ["--multiline", "--multiline-dotall"] if wanted.multiline else []
    argv += [f"--glob=!**/{name}" for name in (".git", ".hg", ".svn", "node_modules", "__pycache__")]
    return [*argv, "--", wanted.pattern, str(wanted.top)]


async def matching_lines(pattern: str, text: str, workspace: Workspace) -> str:
    """The lines of a text that match, at most as many as a result may hold. Raises ToolFailure."""
    found = await _run_python({"kind": "lines", "pattern": pattern, "text": text}, workspace)
    lines = found.raw.decode("utf-8", "replace")
    return lines if len(lines) <= 30_000 else f"[… the lines before these are left out …]\n{lines[-30_000:]}"


async def readable(job: Mapping[str, Any], workspace: Workspace) -> bytes:
    """What the page worker makes of a page. Raises ToolFailure when it takes too long."""
    start = _START.replace("search_worker", "page_worker")
    return (await _run_python(job, workspace, start)).raw


async def _run_python(job: Mapping[str, Any], workspace: Workspace, start: str = _START) -> Found:
    package = str(Path(__file__).resolve().parents[3])
    argv = [sys.executable, "-I", "-S", "-X", "utf8", "-c", start.format(path=package)]
    with tempfile.TemporaryFile() as stdin:
        stdin.write(json.dumps(job).encode())
        stdin.seek(0)
        return await _run(argv, stdin.fileno(), workspace, None)


async def _run(argv: list[str], stdin: int, workspace: Workspace, cwd: Path | None) -> Found:
    out = bytearray()
    full = asyncio.Event()

    def told(piece: bytes) -> None:
        out.extend(piece[: MOST_BYTES - len(out)])
        if len(out) >= MOST_BYTES:
            full.set()

    try:
        running = Running(argv, cwd=cwd or workspace.root, environment=workspace.environment, told=told, stdin=stdin)
    except OSError as error:
        raise ToolFailure(f"The search cannot be started: {error.strerror or error}.") from error
    waits = [asyncio.ensure_future(wait) for wait in (running.ended(), full.wait(), workspace.stopping.wait())]
    try:
        done, _ = await asyncio.wait(waits, timeout=SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        code = running.close()
    if waits[0] in done and not full.is_set():
        if code == 2 and b"\0" not in out:
            raise ToolFailure(f"The pattern cannot be used: {one_line(out.decode('utf-8', 'replace'), 300)}")
        if code < 0 or code > 2 or (code == 1 and b"Traceback" in out):
            raise ToolFailure(f"The search broke off: {one_line(out.decode('utf-8', 'replace')[-300:], 300) or code}")
        return Found(bytes(out), None)
    if waits[2] in done and waits[2].result():
        raise ToolFailure("The run was told to end, so the search was stopped.")
    if not out:
        raise ToolFailure(
            f"The search did not end within {SECONDS:g} s and was stopped; nothing was found until then. "
            "Use a simpler pattern (no nested repetitions), or a narrower path or glob."
        )
    return Found(bytes(out), "too much was found" if full.is_set() else f"time was up after {SECONDS:g} s")
