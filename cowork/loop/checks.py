"""The user's own commands that judge a draft: `--check`. What they decide is worth more than what any model says."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from cowork.loop.checking import CheckResult, CheckRunner, Journalled

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
        self._runner = CheckRunner(timeout_s)
        self._journalled = journalled

    async def failure(self, draft: str) -> str | None:
        """What the first failing command said, None when all pass or there is none."""
        raw = draft.encode("utf-8", "replace")
        digest = hashlib.sha256(raw).hexdigest()[:32]
        for command in self._commands:
            if (command, digest) in self._recorded:
                result = CheckResult(command, *self._recorded[command, digest], 0.0)
            else:
                result = await self._runner.run(command, self._directory or Path.cwd(), raw)
                found = {"command": command, "draft": digest, "status": result.status, "output": result.output}
                self._journalled("check.completed", found)
            if not result.passed:
                return f"{result.verdict}:\n{result.output}".rstrip(":\n")
        return None
