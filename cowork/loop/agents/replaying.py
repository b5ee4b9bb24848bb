"""Having recorded calls again: each answer once, with the changes it made and the error it failed with."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from cowork.core.errors import Conflict, CoworkError, InvalidInput
from cowork.core.files import read_regular
from cowork.loop.agents import failures
from cowork.loop.agents.changes import NoChanges, Shadow
from cowork.loop.agents.recording import SCHEMA, digest
from cowork.loop.agents.work import AgentSpec, Execution, Heard, Job, Kind
from cowork.loop.engine.events import is_agents
from cowork.models.chat import Usage

_MOST_BYTES = 1024 * 1024 * 1024


@dataclass(frozen=True)
class Recorded:
    """A call of a file: what it answers, and what came of it. `lost` says why its changes are not known."""

    line: int
    key: str
    task: str | None
    digest: str
    prompt: str
    agent: AgentSpec
    end: Execution | CoworkError
    events: tuple[tuple[str, dict[str, Any]], ...]
    changes: bytes
    lost: str | None


@dataclass(frozen=True)
class Given:
    """A call that a run had before it was resumed, and whether it failed."""

    key: str
    task: str | None = None
    failed: bool = False


class Tape:
    """The calls of a file. Agents may share one: what one of them was given is not given to another."""

    def __init__(self, file: Path, done: Iterable[Given] = ()) -> None:
        """`done` are the calls that a run had before it was resumed, in their order.

        Raises `replay.unreadable`, and `replay.corrupt` with the line.
        """
        self.file = file
        self.calls = read(file)
        self._left = list(self.calls)
        for given in done:
            ended = [call for call in self._left if isinstance(call.end, CoworkError) is given.failed]
            found = next((call for call in ended if (call.key, call.task) == (given.key, given.task)), None)
            found = found or self._find(given.key, given.task, None, None)
            if found:
                self._left.remove(found)

    def take(self, job: Job, agent: str) -> tuple[Recorded, str | None]:
        """The call to give again for a job, and what is odd about it. Raises `replay.exhausted`.

        It is the one with its key, its task and its prompt, else with key and task, else the next of its task (side by side,
        tasks change their iterations), else one with its key, else the next; among equals one of the same agent.
        """
        seen = digest(job.prompt)
        found = self._find(job.key, job.task, seen, agent)
        if found is None:
            where = f"iteration {job.iteration}" + (f", task {job.task}" if job.task else "")
            raise InvalidInput(
                "replay.exhausted",
                f"{self.file} holds no call left for {job.key} ({where})",
                cause=f"all of its {len(self.calls)} calls were given again",
                hint="record it again with --record, or end the run before",
                details={"key": job.key, "path": str(self.file)},
            )
        self._left.remove(found)
        if found.key != job.key:
            return found, f"line {found.line} was recorded for {found.key}, and is given for {job.key}, as the next in order"
        return found, None if found.digest == seen else f"line {found.line} was recorded for another prompt"

    def _find(self, key: str, task: str | None, seen: str | None, agent: str | None) -> Recorded | None:
        def rank(call: Recorded) -> tuple[int, bool, bool]:
            same_key, same_task = call.key == key, call.task == task
            near = 0 if same_key and same_task else 1 if same_task else 2 if same_key else 3
            return near, near == 0 and seen not in (None, call.digest), near in (0, 2) and agent not in (None, call.agent.name)

        return min(self._left, key=rank, default=None)


class Replaying:
    """An agent that does what was recorded. `spec` is who it says it is, by default the agent of the file's first call."""

    def __init__(self, tape: Tape | Path, spec: AgentSpec | None = None) -> None:
        """Raises what Tape does."""
        self._tape = tape if isinstance(tape, Tape) else Tape(tape)
        first = self._tape.calls[0].agent if self._tape.calls else AgentSpec("replay", "command", "replay", "none")
        self.spec = spec or first

    async def work(self, job: Job, heard: Heard) -> Execution:
        """Make the changes of the recorded call, and give its answer.

        Raises the error that was recorded, `replay.exhausted`, and `replay.does_not_apply`, which changes nothing.
        """
        call, note = self._tape.take(job, self.spec.name)
        await asyncio.to_thread(self._change, call, job.directory)
        for kind, data in call.events:
            heard(kind, data)
        if isinstance(call.end, CoworkError):
            raise call.end
        with job.output.open("ab") as stream:
            stream.write(call.end.message.encode("utf-8", "replace") + b"\n")
        return replace(call.end, notes=(*call.end.notes, note)) if note else call.end

    async def close(self) -> None:
        """Nothing to let go of."""

    def _change(self, call: Recorded, directory: Path) -> None:
        shadow = Shadow(directory)
        try:
            if call.lost is not None:
                raise NoChanges(f"they were not recorded: {call.lost}")
            shadow.apply(call.changes)
        except NoChanges as error:
            raise Conflict(
                "replay.does_not_apply",
                f"the changes of {self._tape.file}:{call.line} ({call.key}) cannot be made in {directory}",
                cause=str(error),
                hint="replay in the state in which it was recorded, such as a fresh clone at the same commit",
                details={"key": call.key, "line": call.line},
            ) from error
        finally:
            shadow.close()


def read(path: Path) -> tuple[Recorded, ...]:
    """The calls of a file. A last line without an end is left out; raises `replay.unreadable` and `replay.corrupt`."""
    try:
        raw = read_regular(path, _MOST_BYTES)
    except OSError as error:
        hint = "make one with --record FILE"
        raise InvalidInput("replay.unreadable", f"cannot read {path}", cause=error.strerror or str(error), hint=hint) from error
    if len(raw) > _MOST_BYTES:
        raise InvalidInput("replay.unreadable", f"{path} is larger than {_MOST_BYTES} bytes", hint="record a shorter run")
    lines = raw.split(b"\n")[:-1]
    return tuple(_recorded(path, number, line) for number, line in enumerate(lines, 1) if line.strip())


def _recorded(path: Path, number: int, line: bytes) -> Recorded:
    try:
        return _call(number, json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise InvalidInput(
            "replay.corrupt",
            f"{path}:{number}: this is no recorded call",
            cause=f"{type(error).__name__}: {error}"[:200],
            hint="take the line out, or record it again",
            details={"path": str(path), "line": number},
        ) from error


def _call(number: int, plain: Mapping[str, Any]) -> Recorded:
    if plain["schema"] != SCHEMA:
        raise ValueError(f"unknown schema {plain['schema']!r}")
    agent = plain["agent"]
    if agent["kind"] not in get_args(Kind):
        raise ValueError(f"unknown kind of agent {agent['kind']!r}")
    lost = plain.get("changes_lost")
    events = tuple((_text(kind), {**data}) for kind, data in plain["events"])
    if foreign := next((kind for kind, _ in events if not is_agents(kind)), None):
        raise ValueError(f"an agent tells of no {foreign!r}")
    return Recorded(
        line=number,
        key=_text(plain["key"]),
        task=None if plain["task"] is None else _text(plain["task"]),
        digest=_text(plain["digest"]),
        prompt=_text(plain["prompt"]),
        agent=AgentSpec(_text(agent["name"]), agent["kind"], _text(agent["provider"]), _text(agent["model"])),
        end=failures.again(plain["error"]) if "error" in plain else _execution(plain["execution"]),
        events=events,
        changes=b"" if lost is not None else _text(plain["changes"]).encode("utf-8", "surrogateescape"),
        lost=lost if lost is None else _text(lost),
    )


def _execution(plain: Mapping[str, Any]) -> Execution:
    usage, code, usd = plain["usage"], plain["exit_code"], plain["usd"]
    return Execution(
        message=_text(plain["message"]),
        exit_code=None if code is None else int(code),
        usage=Usage(
            int(usage["input_tokens"]), int(usage["output_tokens"]), _text(usage["source"]), int(usage["cached_input_tokens"])
        ),
        usd=None if usd is None else float(usd),
        model=_text(plain["model"]),
        seconds=float(plain["seconds"]),
        notes=tuple(_text(note) for note in plain["notes"]),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
