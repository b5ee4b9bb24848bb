"""The user's own commands that judge a draft: `--check`. What they decide is worth more than what any model says."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cowork.core.cleaning import cleaned
from cowork.core.processes import Running
from cowork.core.secrets import Redactor, child_environment
from cowork.models.catalogue import key_names

_SHOWN = 4_000  # characters of what a failing command said, its end
_KEPT = 64_000  # bytes

Journalled = Callable[[str, dict[str, Any]], object]
Checked = tuple[str, str]
"""A command, and the digest of the draft that it was given."""


class Checks:
    """Runs commands on drafts: each in a shell, in `directory` or else the working directory, with the draft on its stdin.

    A draft passes when every command ends with 0. Commands get the environment without secrets, and die with all they started
    when their time is over. What is on record of an earlier run of the session is not run again.
    """

    def __init__(
        self,
        commands: Sequence[str],
        timeout_s: float,
        journalled: Journalled,
        recorded: Mapping[Checked, tuple[int | None, str]] | None = None,
        directory: Path | None = None,
    ) -> None:
        self._directory = directory
        self._commands = tuple(commands)
        self._recorded = recorded or {}
        self._timeout_s = timeout_s
        self._journalled = journalled
        self._environment = child_environment(os.environ, secret_names=key_names())
        self._redactor = Redactor(os.environ, secret_names=key_names())

    async def failure(self, draft: str) -> str | None:
        """What the first failing command said, None when all pass or there is none."""
        digest = hashlib.sha256(draft.encode("utf-8", "replace")).hexdigest()[:32]
        for command in self._commands:
            if (command, digest) in self._recorded:
                status, said = self._recorded[command, digest]
            else:
                status, said = await self._run(command, draft)
                found = {"command": command, "draft": digest, "status": status, "output": said}
                self._journalled("check.completed", found)
            if status != 0:
                how = "did not end in time" if status is None else f"ended with {status}"
                return f"`{command}` {how}:\n{said}".rstrip(":\n")
        return None

    async def _run(self, command: str, draft: str) -> tuple[int | None, str]:
        kept = bytearray()

        def told(piece: bytes) -> None:
            kept.extend(piece)
            del kept[:-_KEPT]

        running = Running(
            ["/bin/sh", "-c", command],
            cwd=self._directory or Path.cwd(),
            environment=self._environment,
            told=told,
            feed=draft.encode("utf-8", "replace"),
        )
        late = False
        try:
            async with asyncio.timeout(self._timeout_s):
                await running.ended()
        except TimeoutError:
            late = True
            await running.ask_to_end()
        finally:
            status = running.close()
        return (None if late else status), self._redactor.text(cleaned(bytes(kept)))[-_SHOWN:].strip()
