"""The user's own commands that judge work: run in a directory, with what they say kept for the next prompt."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cowork.core.cleaning import cleaned
from cowork.core.processes import Running
from cowork.core.secrets import Redactor, child_environment
from cowork.models.catalogue import key_names

_SHOWN = 4_000  # characters of what a command said, its end
_KEPT = 64_000  # bytes
_CHARACTERS_A_TOKEN = 4
_NOT_EXECUTABLE, _NOT_FOUND = 126, 127  # what a shell ends with

Wrap = Callable[[list[str]], list[str]]
Journalled = Callable[[str, dict[str, Any]], object]


@dataclass(frozen=True)
class CheckResult:
    """How a command ended: `status` is None when its time was over; `output` its last words, of both its streams."""

    command: str
    status: int | None
    output: str
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether it ended with 0."""
        return self.status == 0

    @property
    def verdict(self) -> str:
        """How it ended, in words."""
        if self.status is None:
            return f"`{self.command}` did not end in time"
        if self.status == _NOT_FOUND:
            return f"`{self.command}` ended with 127: the shell did not find a command"
        if self.status == _NOT_EXECUTABLE:
            return f"`{self.command}` ended with 126: the shell found a command and could not run it"
        if self.status < 0:
            return f"`{self.command}` was ended by signal {-self.status}"
        return f"`{self.command}` ended with {self.status}"


class CheckRunner:
    """Runs commands, each in a shell of its own, which dies with all it started when its time is over or nobody waits.

    They get the environment without secrets, and nothing they say shows one.
    """

    def __init__(self, timeout_s: float, wrap: Wrap | None = None) -> None:
        """`wrap` puts the words of a sandbox in front of a command's."""
        self._timeout_s = timeout_s
        self._wrap = wrap
        self._environment = child_environment(os.environ, secret_names=key_names())
        self._redactor = Redactor(os.environ, secret_names=key_names())

    async def run(self, command: str, directory: Path, feed: bytes | None = None) -> CheckResult:
        """Run one in a directory, with `feed` on its standard input. Raises nothing for a command that cannot be run."""
        kept = bytearray()

        def told(piece: bytes) -> None:
            kept.extend(piece)
            del kept[:-_KEPT]

        began = time.monotonic()
        try:
            argv = ["/bin/sh", "-c", command]
            argv = self._wrap(argv) if self._wrap else argv
            running = Running(argv, cwd=directory, environment=self._environment, told=told, feed=feed)
        except (OSError, ValueError) as error:  # no such directory, a command with a NUL or as long as a book
            reason = getattr(error, "strerror", None) or str(error)
            return CheckResult(command, _NOT_EXECUTABLE, self._redactor.text(f"it cannot be started: {reason}"), 0.0)
        late = False
        try:
            async with asyncio.timeout(self._timeout_s):
                await running.ended()
        except TimeoutError:
            late = True
            await running.ask_to_end()
        finally:
            status = running.close()
        output = self._redactor.text(cleaned(bytes(kept)))[-_SHOWN:].strip()
        return CheckResult(command, None if late else status, output, time.monotonic() - began)


async def check(
    commands: Sequence[str],
    directory: Path,
    *,
    timeout_s: float,
    journalled: Journalled,
    where: Mapping[str, Any],
    wrap: Wrap | None = None,
) -> tuple[CheckResult, ...]:
    """Run all commands in a directory, one after the other, whatever the ones before came to; each text once.

    All are run so that who mends the work learns of everything at once. Each is journalled as `check.completed` with the
    members of `where`: the iteration and the task.
    """
    runner = CheckRunner(timeout_s, wrap)
    results = []
    for command in dict.fromkeys(commands):
        result = await runner.run(command, directory)
        results.append(result)
        journalled("check.completed", {**where, **_event(result)})
    return tuple(results)


def failures(results: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """Those that did not pass."""
    return tuple(result for result in results if not result.passed)


def feedback(results: Sequence[CheckResult], *, tokens: int = 2_000) -> str:
    """What failed, for the next prompt, within about `tokens`: every command with how it ended, and the end of what it said.

    Empty when all passed. Each has an equal share of the room; when there are more than fit, the rest is counted.
    """
    failed = failures(results)
    room = tokens * _CHARACTERS_A_TOKEN
    texts: list[str] = []
    for number, result in enumerate(failed):
        share = room // (len(failed) - number)
        text = _within(result, share)
        if text is None:
            texts.append(f"and {len(failed) - number} more failed")
            break
        texts.append(text)
        room -= len(text)
    return "\n\n".join(texts)


def _within(result: CheckResult, room: int) -> str | None:
    """A failure in so many characters; None when not even how it ended fits."""
    if len(result.verdict) > room:
        return None
    left = room - len(result.verdict) - len(":\n…")
    if not result.output or left <= 0:
        return result.verdict
    output = result.output if len(result.output) <= left else "…" + _whole_lines(result.output[-left:])
    return f"{result.verdict}:\n{output}"


def _whole_lines(end: str) -> str:
    """The end of an output from the beginning of a line, unless that is most of it."""
    first, newline, rest = end.partition("\n")
    return f"\n{rest}" if newline and len(first) < len(end) // 2 else end


def _event(result: CheckResult) -> dict[str, Any]:
    return {
        "command": result.command,
        "status": result.status,
        "output": result.output,
        "seconds": round(result.seconds, 3),
    }
