"""Running the command of a shell block: in a process group of its own, bounded in time and output.

Who calls this has asked the permission check about exactly this text.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path

from cowork.core.errors import CoworkError
from cowork.core.processes import Beginning, Running
from cowork.core.text import one_line, printable

TIMEOUT_S = 120.0
MOST_OUTPUT = 30_000
"""Characters of output that are kept; the rest is read and dropped."""
NO_OUTPUT = "(Bash completed with no output)"
_ONE_IS_AN_ANSWER = re.compile(r"(?:[\w./-]*/)?(?:grep|egrep|fgrep|rg|find|diff|test|\[)(?=\s|$)")


async def run(
    command: str, *, cwd: Path | str, env: Mapping[str, str], timeout_s: float = TIMEOUT_S, most: int = MOST_OUTPUT
) -> str:
    """What a command printed: stdout, then stderr. All it started is killed when it ends, at the time limit and on cancel.

    Raises `prompt.command_failed`, naming the command, for a non-zero exit (but not for the 1 with which a search says that
    it found nothing), for a time-out and when bash cannot be started.
    """
    out, errors = Beginning(most * 4), Beginning(most * 4)
    try:
        running = Running(["bash", "-c", command], cwd=Path(cwd), environment=env, told=out.add, told_errors=errors.add)
    except (OSError, ValueError) as error:
        raise _failed(command, f"it cannot be started ({error})", None) from error
    try:
        async with asyncio.timeout(timeout_s):
            await running.ended()
    except TimeoutError:
        raise _failed(command, f"it took longer than {timeout_s:g} seconds", None) from None
    finally:
        code = running.close()
    said, complained = (bytes(stream.held).decode("utf-8", "replace") for stream in (out, errors))
    if code != 0 and not (code == 1 and _ONE_IS_AN_ANSWER.match(command.strip())):
        why = f"it ended with {code}" if code > 0 else f"it was killed by signal {-code}"
        raise _failed(command, why, complained or said)
    return _text(said, complained, most, cut=out.cut or errors.cut)


def _text(out: str, err: str, most: int, *, cut: bool) -> str:
    text = printable("\n".join(part.rstrip("\n") for part in (out, err) if part.strip()))
    if len(text) > most or cut:
        text = f"{text[:most]}\n[The output was cut after {most:,} characters.]"
    return text or NO_OUTPUT


def _failed(command: str, why: str, said: str | None) -> CoworkError:
    return CoworkError(
        "prompt.command_failed",
        f"a shell block failed, so nothing was sent: {one_line(command, 120)}",
        cause=f"{why}: {one_line(said, 300)}" if said and said.strip() else why,
        hint="run the command yourself to see what is wrong, or change the file",
        details={"command": command},
    )
