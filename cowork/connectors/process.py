"""Running a connector's process: in a group of its own, with little environment, bounded in time and output.

A process of its own is not a sandbox: it may do what the user may do. What guards against a hostile pack is the approval of
its commands and scripts when it is installed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cowork.core.errors import Interrupted, InvalidInput, Terminated, Unavailable

if TYPE_CHECKING:
    from cowork.core.processes import Beginning, Running

MAX_OUTPUT = 1024 * 1024
"""Bytes kept of each of stdout and stderr; the rest is read and dropped."""
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")


@dataclass(frozen=True)
class Job:
    """A process to run. `shown` and `detail` describe it without secrets."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str] = field(repr=False)
    timeout_s: float
    shown: str
    detail: str = ""
    stdin: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Ended:
    """How it ended. `truncated`: there was more output; `timed_out`: it was killed."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    truncated: bool
    timed_out: bool


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What every process is given: where programs are, where home is, the language, and where temporary files go."""
    return {name: environ[name] for name in _KEPT if name in environ}


def run(job: Job) -> Ended:
    """Run a job to its end, or until its time is over: then its whole group is asked to end, and killed.

    Also killed: what it leaves behind in the background, and everything when cowork itself is told to end. Raises
    `connector.no_runtime` (Unavailable) when the program is not there, `connector.input_too_large` when it takes no input of
    this size, Interrupted and Terminated.
    """
    import asyncio

    return asyncio.run(_run(job))


async def _run(job: Job) -> Ended:
    import asyncio

    from cowork.core.processes import Beginning
    from cowork.core.stopping import Stopping, stopped_by_signals

    hint = "what it had started was ended, too"
    stopping = Stopping(
        Interrupted("connector.interrupted", "the call was interrupted", hint=hint),
        Terminated("connector.terminated", "the call was asked to end", hint=hint),
    )
    out, errors = Beginning(MAX_OUTPUT), Beginning(MAX_OUTPUT)
    late = False
    try:
        with stopped_by_signals(stopping):
            running = _start(job, out, errors)
            try:
                async with asyncio.timeout(job.timeout_s):
                    await running.ended()
            except TimeoutError:
                late = True
                await running.ask_to_end()
            finally:
                code = running.close()
    except asyncio.CancelledError:
        raise stopping.error or stopping.interrupt from None
    return Ended(code, bytes(out.held), bytes(errors.held), out.cut or errors.cut, late)


def _start(job: Job, out: Beginning, errors: Beginning) -> Running:
    from cowork.core.processes import Running

    try:
        return Running(job.argv, cwd=job.cwd, environment=job.env, told=out.add, told_errors=errors.add, feed=job.stdin)
    except OSError as error:
        if isinstance(error, FileNotFoundError | PermissionError):
            hint = "install it, or put it on the PATH"
            raise Unavailable("connector.no_runtime", f"cannot run {job.argv[0]}", cause=error.strerror, hint=hint) from None
        raise InvalidInput(
            "connector.input_too_large", "the process cannot be given so much", cause=error.strerror, hint="give less input"
        ) from None
