"""Running the command of a shell block: in a process group of its own, bounded in time and output.

Who calls this has asked the permission check about exactly this text.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from cowork.core.errors import CoworkError
from cowork.core.text import one_line, printable

TIMEOUT_S = 120.0
MOST_OUTPUT = 30_000
"""Characters of output that are kept; the rest is read and dropped."""
NO_OUTPUT = "(Bash completed with no output)"
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
_LOOK_S = 0.01
_ONE_IS_AN_ANSWER = re.compile(r"(?:[\w./-]*/)?(?:grep|egrep|fgrep|rg|find|diff|test|\[)(?=\s|$)")


def environment(environ: Mapping[str, str], **more: str) -> dict[str, str]:
    """What a command is given when nothing else is said: where programs and home are, the language, and `more`."""
    return {**{name: environ[name] for name in _KEPT if name in environ}, **more}


async def run(
    command: str, *, cwd: Path | str, env: Mapping[str, str], timeout_s: float = TIMEOUT_S, most: int = MOST_OUTPUT
) -> str:
    """What a command printed: stdout, then stderr. Its whole group is killed when it ends, at the time limit and on cancel.

    Raises `prompt.command_failed`, naming the command, for a non-zero exit (but not for the 1 with which a search says that
    it found nothing), for a time-out and when bash cannot be started.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - not asyncio's, which would reap the leader while its group still runs
            ["bash", "-c", command],  # noqa: S607 - found on the PATH of the environment handed in
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise _failed(command, f"it cannot be started ({error})", None) from error
    kept = {"out": bytearray(), "err": bytearray()}
    cut = False
    try:
        end = time.monotonic() + timeout_s
        while not _has_ended(process):
            cut = _drain(process, kept, most) or cut
            if time.monotonic() > end:
                raise _failed(command, f"it took longer than {timeout_s:g} seconds", None)
            await asyncio.sleep(_LOOK_S)
        _kill(process)  # before it is reaped: until then its number is surely its own
        cut = _drain(process, kept, most) or cut
    finally:
        _kill(process)
        code = process.wait()
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()
    out, err = (bytes(kept[name]).decode("utf-8", "replace") for name in ("out", "err"))
    if code != 0 and not (code == 1 and _ONE_IS_AN_ANSWER.match(command.strip())):
        raise _failed(command, f"it ended with {code}" if code > 0 else f"it was killed by signal {-code}", err or out)
    return _text(out, err, most, cut=cut)


def _text(out: str, err: str, most: int, *, cut: bool) -> str:
    text = "\n".join(part.rstrip("\n") for part in (out, err) if part.strip())
    text = printable(text)
    if len(text) > most or cut:
        text = f"{text[:most]}\n[The output was cut after {most:,} characters.]"
    return text or NO_OUTPUT


def _drain(process: subprocess.Popen[bytes], kept: dict[str, bytearray], most: int) -> bool:
    """Read what is there, as much as one look allows; whether something was dropped."""
    dropped = False
    for name, stream in (("out", process.stdout), ("err", process.stderr)):
        assert stream is not None
        os.set_blocking(stream.fileno(), False)
        for _ in range(64):
            piece = _read(stream)
            if not piece:
                break
            room = most * 4 - len(kept[name])
            kept[name] += piece[: max(room, 0)]
            dropped = dropped or len(piece) > room
    return dropped


def _read(stream: IO[bytes]) -> bytes:
    try:
        return os.read(stream.fileno(), 65536)
    except BlockingIOError:
        return b""


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        return process.poll() is not None
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _failed(command: str, why: str, said: str | None) -> CoworkError:
    return CoworkError(
        "prompt.command_failed",
        f"a shell block failed, so nothing was sent: {one_line(command, 120)}",
        cause=f"{why}: {one_line(said, 300)}" if said and said.strip() else why,
        hint="run the command yourself to see what is wrong, or change the file",
        details={"command": command},
    )
