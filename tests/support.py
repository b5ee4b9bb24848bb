"""What many tests need: the installed program as a process, a clock that moves only when told, servers, and who is alive."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import HTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = Path(sys.executable).parent / "cowork"


@dataclass(frozen=True)
class Ran:
    """How a command line ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout."""
        assert self.out.endswith("\n"), f"{self.out!r} {self.err}"
        assert self.out.count("\n") == 1, "more than one line on stdout"
        return json.loads(self.out)

    @property
    def data(self) -> Any:
        """The document's data."""
        return self.document["data"]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The NDJSON lines on stdout."""
        return [json.loads(line) for line in self.out.splitlines()]


def run_program(*argv: str, cwd: Path | None = None, stdin: str | bytes = b"", env: dict[str, str] | None = None) -> Ran:
    """Run the installed `cowork` as a process, in the environment of the test plus `env`."""
    raw = stdin.encode() if isinstance(stdin, str) else stdin
    environment = {**os.environ, **(env or {})}
    done = subprocess.run([str(PROGRAM), *argv], input=raw, capture_output=True, cwd=cwd, env=environment, timeout=60)
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


class FakeClock:
    """A clock that moves only by sleeping or being told; sleeping takes no time."""

    def __init__(self, start: datetime = datetime(2026, 1, 31, 8, 5, tzinfo=UTC)) -> None:
        self.moment = start
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)


def run_here(*argv: str, stdin: str = "") -> Ran:
    """Run a command line inside this process: as `run_program`, but faster. For what needs no process of its own."""
    from cowork.cli.main import run

    held = sys.stdin, sys.stdout, sys.stderr
    out, err = io.BytesIO(), io.BytesIO()
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(out, encoding="utf-8", write_through=True)
    sys.stderr = io.TextIOWrapper(err, encoding="utf-8", write_through=True)
    try:
        code = run(list(argv))
        sys.stdout.flush()
        sys.stderr.flush()
        return Ran(code, out.getvalue().decode(), err.getvalue().decode())
    finally:
        sys.stdin, sys.stdout, sys.stderr = held


@contextmanager
def serving(server: HTTPServer) -> Iterator[None]:
    """The server answers in a thread until the end of the block; it is still to be closed."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(10)


def alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and not yet reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone(pid: int) -> bool:
    """Whether a process ends within a moment."""
    end = time.monotonic() + 5
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return not alive(pid)
