"""What an agent says while it works: heard by whoever follows, on disk where that is wanted, and never with a secret in it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any, BinaryIO

from cowork.core.files import cannot_write
from cowork.core.secrets import Redactor
from cowork.loop.agents.work import Heard, Job
from cowork.models import catalogue

_LONGEST_LINE = 2000  # characters that are held back at most, besides what may be the beginning of a secret


def redactor(*names: str) -> Redactor:
    """What knows the secrets of the environment, and the values of these variables."""
    return Redactor(os.environ, secret_names=catalogue.key_names() | frozenset(names))


class Voice:
    """Passes on what the agent `agent` says of a job, by the line, since a secret may come in pieces.

    With `writes` it is appended to the job's output as well. `heard_at` is when there was last something, by the clock of the
    event loop.
    """

    def __init__(self, agent: str, job: Job, heard: Heard, redactor: Redactor, *, writes: bool = False) -> None:
        """Raises `file.not_writable`."""
        self.about: dict[str, Any] = {"iteration": job.iteration, "task": job.task, "agent": agent}
        self.heard_at = asyncio.get_running_loop().time()
        self._heard = heard
        self._redactor = redactor
        self._pending = ""
        self._path = job.output
        self._file = _opened(job.output) if writes else None

    def clean(self, text: str) -> str:
        """A text without secrets."""
        return self._redactor.text(text)

    def say(self, piece: str) -> None:
        """Take a piece."""
        self.heard_at = asyncio.get_running_loop().time()
        self._pending += piece
        cut = self._pending.rfind("\n") + 1
        if cut:
            whole, self._pending = self._pending[:cut], self._pending[cut:]
            self._pass_on(self.clean(whole))
        elif len(self._pending) > _LONGEST_LINE + self._redactor.longest:
            clean = self.clean(self._pending)
            kept = max(0, len(clean) - self._redactor.longest)
            self._pending = clean[kept:]
            self._pass_on(clean[:kept])

    def beat(self) -> None:
        """Something came that somebody else passes on."""
        self.heard_at = asyncio.get_running_loop().time()

    def event(self, kind: str, data: dict[str, Any], *, agent: str | None = None) -> None:
        """Take an event other than text: whose it is, is added, and secrets are taken out.

        `agent` is who it is about, when that is not the agent itself.
        """
        self.heard_at = asyncio.get_running_loop().time() + data.get("wait_s", 0.0)  # who waits for a limit is not idle
        about = {**self.about, "agent": agent} if agent else self.about
        self._heard(kind, {**self._redactor.plain(data), **about})

    def flush(self) -> None:
        """Pass on what is left."""
        left, self._pending = self._pending, ""
        if left:
            self._pass_on(self.clean(left))

    def close(self) -> None:
        """Nothing more will be said."""
        try:
            self.flush()
        finally:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _pass_on(self, text: str) -> None:
        if not text:
            return
        if self._file is not None:
            try:
                self._file.write(text.encode("utf-8", "replace"))
            except OSError as error:
                raise cannot_write(self._path, error) from error
        self._heard("agent.output", {**self.about, "text": text})


def _opened(path: Path) -> BinaryIO:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.fdopen(os.open(path, flags, 0o600), "ab", buffering=0)
    except OSError as error:
        raise cannot_write(path, error) from error
