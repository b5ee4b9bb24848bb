"""Several models at a table, deliberating on every job by a pattern."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

from cowork.core.clock import Clock
from cowork.core.errors import LimitReached
from cowork.core.settings import Settings
from cowork.loop.agents.timing import in_time
from cowork.loop.agents.voice import Voice, redactor
from cowork.loop.agents.work import AgentSpec, Execution, Heard, Job
from cowork.loop.connections import Connections
from cowork.loop.output import OutputLog
from cowork.loop.replay import Record, recorded
from cowork.loop.request import LoopRequest
from cowork.loop.seats import ModelSeats
from cowork.loop.spending import Spent
from cowork.loop.subagents import command_run
from cowork.models.chat import Usage
from cowork.models.errors import DownError, ProviderError, WaitError
from cowork.models.limiter import Limiter
from cowork.patterns.results import PatternResult
from cowork.patterns.steps import play
from cowork.sessions.journal import Event

Committed = Callable[[str, dict[str, Any]], Awaitable[object]]
RecordOf = Callable[[Job], Record]

_OURS = {"check.completed": "draft.checked"}  # what the loop calls otherwise, for its own checks are another thing
_THEIRS = {ours: theirs for theirs, ours in _OURS.items()}
_LIMITED = frozenset({"rate_limited", "unasked", "not_needed"})
_BROKE = frozenset({"skipped_budget", "unasked", "not_needed"})


def pattern_spec(request: LoopRequest) -> AgentSpec:
    """What a table is called among agents."""
    return AgentSpec(request.pattern.name, "pattern", "pattern", request.pattern.name)


def records(events: Iterable[Event]) -> RecordOf:
    """What a journal holds of earlier attempts at a job with the same prompt, so that no answer is paid for twice.

    Raises KeyError, TypeError or ValueError, when a job is looked up, for events that are not as they were written.
    """
    by_job: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        data = event["data"]
        if "job" in data and "asks" in data:
            kind = _THEIRS.get(event["type"], event["type"])
            by_job.setdefault((data["job"], data["asks"]), []).append({**event, "type": kind})
    return lambda job: recorded(by_job.get((job.key, _digest(job.prompt)), ()))


class PatternAgent:
    """Plays the request's pattern with the job's prompt as its task. The table changes nothing: what it says is all.

    Every answer is `committed`, by default told to whoever hears of the job, before it counts; `record` knows those that are
    on record already.
    """

    def __init__(
        self,
        request: LoopRequest,
        settings: Settings,
        clock: Clock,
        limiter: Limiter,
        *,
        spec: AgentSpec | None = None,
        record: RecordOf | None = None,
        committed: Committed | None = None,
    ) -> None:
        self.spec = spec or pattern_spec(request)
        self._request = request
        self._settings = settings
        self._clock = clock
        self._limiter = limiter
        self._record = record
        self._committed = committed
        self._redactor = redactor()

    async def work(self, job: Job, heard: Heard) -> Execution:
        """Do the job.

        Raises WaitError when limits kept every seat from answering, `loop.budget_spent`, another ProviderError when there is no
        answer for other reasons, `loop.agent_idle` and `loop.agent_late`.
        """
        voice = Voice(self.spec.name, job, heard, self._redactor)
        table = _Table(self, job, voice, heard)
        started = self._clock.monotonic()
        result, spent = await in_time(self._play(job, table), job, self.spec.name, lambda: voice.heard_at)
        if result.answer is None or result.outcome == "failed":
            raise self._failure(result, table)
        degraded = ("the table lost a seat: its result is not the full one",) if result.outcome == "degraded" else ()
        return Execution(
            message=voice.clean("\n\n".join(filter(None, (result.answer, result.document)))).strip(),
            exit_code=None,
            usage=Usage(*spent.tokens()),
            usd=spent.usd(),
            model=self.spec.model,
            seconds=round(self._clock.monotonic() - started, 3),
            notes=tuple(map(voice.clean, (*degraded, *result.problems, *result.notes))),
        )

    async def close(self) -> None:
        """Nothing to let go of: every job closes what it opened."""

    async def commit(self, kind: str, data: dict[str, Any], heard: Heard) -> None:
        """Have an event on record."""
        if self._committed is not None:
            await self._committed(kind, data)
            return
        told = heard(kind, data)
        if inspect.isawaitable(told):
            await told

    async def _play(self, job: Job, table: _Table) -> tuple[PatternResult, Spent]:
        request = replace(self._request, task=job.prompt, seed=job.seed or self._request.seed)
        record = self._record(job) if self._record else None
        async with Connections.beside(self._limiter, self._settings, self._clock) as connections:
            for target in {target: None for seat in request.seats for target in (seat.target, *seat.fallbacks)}:
                connections.model(target, command_run(target, table.journalled, job.directory))
            with OutputLog(job.output) as log:
                seats = ModelSeats(
                    request,
                    self._settings,
                    self._clock,
                    table.journalled,
                    lambda seat, text: table.write(log, seat, text),
                    record,
                    committed=table.committed,
                    connections=connections,
                    directory=job.directory,
                )
                async with seats:
                    result = await play(seats, request.pattern, request.setup, request.steps)
        return result, seats.spent

    def _failure(self, result: PatternResult, table: _Table) -> ProviderError | LimitReached:
        states, why = set(result.states.values()), "; ".join(result.problems)
        name, provider = self.spec.model, self.spec.provider
        if states <= _BROKE:
            return LimitReached("loop.budget_spent", "the budget ended before a seat gave an answer", cause=why or None)
        if states <= _LIMITED:
            reset = min(table.resets, default=None)
            hint = why or "wait, or name other seats"
            return WaitError("every seat is rate limited", provider=provider, model=name, retry_after=reset, hint=hint)
        hint = why or "name other seats, or fallbacks for them"
        return DownError("no seat gave an answer", provider=provider, model=name, hint=hint)


class _Table:
    """What is heard of a table during one job."""

    def __init__(self, agent: PatternAgent, job: Job, voice: Voice, heard: Heard) -> None:
        self.resets: list[float] = []  # seconds until limits are over that were met
        self._agent = agent
        self._voice = voice
        self._heard = heard
        self._mark = {"job": job.key, "asks": _digest(job.prompt)}

    def journalled(self, kind: str, data: dict[str, Any]) -> None:
        """An event that need not be forced to the disk."""
        if data.get("retry_after_s") is not None:
            self.resets.append(data["retry_after_s"])
        self._voice.event(_OURS.get(kind, kind), {**data, **self._mark})

    async def committed(self, kind: str, data: dict[str, Any]) -> None:
        """An event that has to be on record before its answer counts."""
        self._voice.beat()
        await self._agent.commit(kind, {**data, **self._mark, **self._voice.about}, self._heard)

    def write(self, log: OutputLog, seat: str, text: str) -> None:
        """A piece of what a seat says."""
        clean = self._voice.clean(text)
        log.write(seat, clean)
        self._voice.beat()
        self._heard("agent.output", {**self._voice.about, "agent": f"{self._voice.about['agent']}/{seat}", "text": clean})


def _digest(prompt: str) -> str:
    return hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).hexdigest()[:32]
