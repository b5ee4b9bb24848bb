"""Writing down what agents do, call by call, so that a run can be had again without them.

A line of the file is a call: the key and the prompt that it answers, what came of it, and the changes it made in the working
directory. Values of secrets are not in it. See `replaying` for the way back.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cowork.core.errors import CoworkError
from cowork.core.files import cannot_write
from cowork.core.secrets import Redactor
from cowork.loop.agents import failures
from cowork.loop.agents.changes import NoChanges, Shadow
from cowork.loop.agents.work import Agent, Execution, Heard, Job

SCHEMA = "cowork.recorded_call/1"
_MOST_EVENTS, _MOST_SAID = 2000, 256 * 1024


class Recording:
    """An agent whose calls are written down in a file. Many may write to one file, also from other processes."""

    def __init__(self, agent: Agent, file: Path, redactor: Redactor | None = None) -> None:
        self.spec = agent.spec
        self._agent = agent
        self._file = file
        self._redactor = redactor or Redactor(os.environ)
        self._shadows: dict[Path, Shadow] = {}

    async def work(self, job: Job, heard: Heard) -> Execution:
        """What the agent does, once it is on disk. Raises what the agent does, and `file.not_writable`."""
        events = _Events()

        def hear(kind: str, data: dict[str, Any]) -> object:
            events.add(kind, data)
            return heard(kind, data)

        before = await asyncio.to_thread(self._tree, job.directory)
        try:
            execution = await self._agent.work(job, hear)
        except CoworkError as error:
            await self._record(job, before, events, {"error": failures.told(error)})
            raise
        await self._record(job, before, events, {"execution": asdict(execution)})
        return execution

    async def close(self) -> None:
        """Let go of the agent, and of what was needed to see its changes."""
        for shadow in self._shadows.values():
            await asyncio.to_thread(shadow.close)
        self._shadows.clear()
        await self._agent.close()

    def _tree(self, directory: Path) -> str | NoChanges:
        shadow = self._shadows.setdefault(directory, Shadow(directory, (self._file,)))
        try:
            return shadow.tree()
        except NoChanges as error:
            return error

    async def _record(self, job: Job, before: str | NoChanges, events: _Events, end: Mapping[str, Any]) -> None:
        changes = await asyncio.to_thread(self._changes, job.directory, before)
        about = {"name": self.spec.name, "kind": self.spec.kind, "provider": self.spec.provider, "model": self.spec.model}
        call = {
            "schema": SCHEMA,
            "key": job.key,
            "iteration": job.iteration,
            "task": job.task,
            "agent": about,
            "digest": digest(job.prompt),
            "prompt": job.prompt,
            **end,
            "events": events.held,
            **changes,
        }
        # Escaped, any text can be had again, also a patch that is no UTF-8. Redacted are the values, before they are escaped.
        line = json.dumps(self._redactor.plain(call), ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        await asyncio.to_thread(append, self._file, line)

    def _changes(self, directory: Path, before: str | NoChanges) -> dict[str, str]:
        after = before if isinstance(before, NoChanges) else self._tree(directory)
        if isinstance(before, NoChanges) or isinstance(after, NoChanges):
            return {"changes_lost": str(after)}
        try:
            return {"changes": self._shadows[directory].patch(before, after).decode("utf-8", "surrogateescape")}
        except NoChanges as error:
            return {"changes_lost": str(error)}


class _Events:
    """What was heard of a call; pieces of what it says are one. There is an end to how much is kept."""

    def __init__(self) -> None:
        self.held: list[list[Any]] = []
        self._said = 0

    def add(self, kind: str, data: Mapping[str, Any]) -> None:
        self._said += sum(len(value) for value in data.values() if isinstance(value, str))
        if self._said > _MOST_SAID or len(self.held) >= _MOST_EVENTS:
            return
        last = self.held[-1] if self.held else None
        if last and kind == "agent.output" == last[0] and {**last[1], "text": ""} == {**data, "text": ""}:
            last[1]["text"] += data["text"]
        else:
            self.held.append([kind, dict(data)])


def digest(prompt: str) -> str:
    """What tells a prompt from others."""
    return hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def append(path: Path, line: bytes) -> None:
    """Add a whole line to a file, durably. A line that a crash left unfinished is cut off. Raises `file.not_writable`."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            _mend(handle)
            if os.write(handle, line) != len(line):
                raise OSError("the disk took only part of a line")
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise cannot_write(path, error) from error


def _mend(handle: int) -> None:
    size = os.fstat(handle).st_size
    if not size or os.pread(handle, 1, size - 1) == b"\n":
        return
    whole, end = 0, size
    while end > 0 and not whole:
        start = max(0, end - 64 * 1024)
        found = os.pread(handle, end - start, start).rfind(b"\n")
        whole, end = (start + found + 1, end) if found >= 0 else (0, start)
    os.ftruncate(handle, whole)
