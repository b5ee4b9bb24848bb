"""How a loop stands, as it is seen from outside: computed from its journal alone, event by event."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cowork.core.clock import rfc3339
from cowork.core.text import one_line
from cowork.loop.control.folding import Fold
from cowork.loop.control.spent import Spent
from cowork.loop.results import Cost, Tokens
from cowork.sessions import lock
from cowork.sessions.places import Workplace
from cowork.sessions.reading import Event


@dataclass(frozen=True)
class TaskName:
    """A task by its id and title."""

    id: str
    title: str


@dataclass(frozen=True)
class LimitedAgent:
    """An agent that is rate limited until a time, RFC 3339."""

    agent: str
    until: str
    message: str


@dataclass(frozen=True)
class OpenQuestion:
    """What an agent asks before it goes on with a task."""

    task: str
    question: str


@dataclass(frozen=True)
class LastIteration:
    """The last iteration that is over, and its outcome: completed, continued, rejected, blocked, failed or skipped."""

    iteration: int
    task: str | None
    agent: str
    outcome: str
    seconds: float
    summary: str


@dataclass(frozen=True)
class Worker:
    """The process that runs the session, and since when."""

    pid: int
    host: str
    since: str


@dataclass(frozen=True)
class LoopPage:
    """How a session stands.

    `mode`: loop, or pattern for a single run of one. `status`: running, interrupted (nobody runs it and it has no end), or how
    it ended. `state` is that of its process: idle, running, pausing, paused or stopping. `lock` says whether its process is
    alive: free, held, stale, reused, elsewhere, corrupt. `max_iterations` is null without a limit. `agents_limited` are those
    that are limited now. `seconds` are those it worked. `waits_for` says in words what it needs to go on, null for nothing.
    """

    session_id: str
    mode: str
    status: str
    state: str
    lock: str
    worker: Worker | None
    project: str
    task: str
    pattern: str | None
    iteration: int
    max_iterations: int | None
    iteration_since: str | None
    attempt: int | None
    current_task: TaskName | None
    agent: str | None
    agents: tuple[str, ...]
    agents_limited: tuple[LimitedAgent, ...]
    tasks_done: int | None
    tasks_total: int | None
    questions: tuple[OpenQuestion, ...]
    tokens: Tokens
    cost: Cost
    seconds: float
    last: LastIteration | None
    reason: str | None
    message: str | None
    waits_for: str | None
    created_at: str
    updated_at: str
    events: int
    path: str


def page(place: Workplace, events: Iterable[Event], now: datetime) -> LoopPage:
    """How a session stands. Raises `session.journal_corrupt` when it never started."""
    fold = Fold(place)
    for event in events:
        fold.add(event)
    return page_of(place, fold, now)


def page_of(place: Workplace, fold: Fold, now: datetime) -> LoopPage:
    """The same from events that were folded as they came."""
    fold.require_beginning()
    found = lock.inspect(place.lock)
    alive = found.state == "held"
    status = fold.status or ("running" if alive else "interrupted")
    limited = tuple(
        LimitedAgent(agent, until, message)
        for agent, (until, message) in sorted(fold.limited.items())
        if until > rfc3339(now) and fold.status is None
    )
    spent: Spent = fold.spent
    return LoopPage(
        session_id=place.session_id,
        mode=fold.mode,
        status=status,
        state=fold.state if alive and fold.status is None else "idle",
        lock=found.state,
        worker=Worker(found.holder.pid, found.holder.host, found.holder.at) if alive and found.holder else None,
        project=fold.project,
        task=fold.task,
        pattern=fold.pattern,
        iteration=fold.iteration,
        max_iterations=fold.max_iterations or None,
        iteration_since=fold.iteration_since if alive else None,
        attempt=fold.attempt,
        current_task=TaskName(*fold.current_task) if fold.current_task else None,
        agent=fold.agent,
        agents=fold.agents,
        agents_limited=limited,
        tasks_done=fold.tasks_done,
        tasks_total=fold.tasks_total,
        questions=tuple(OpenQuestion(task, question) for task, question in fold.questions.items()),
        tokens=Tokens(spent.input, spent.output, spent.source),
        cost=Cost(spent.cost, spent.cost is not None, fold.max_usd),
        seconds=fold.seconds,
        last=LastIteration(**fold.last) if fold.last else None,
        reason=fold.reason,
        message=fold.message,
        waits_for=_waits_for(place.session_id, status, fold, limited),
        created_at=fold.created_at,
        updated_at=fold.updated_at,
        events=fold.events,
        path=str(place.path),
    )


def _waits_for(session: str, status: str, fold: Fold, limited: tuple[LimitedAgent, ...]) -> str | None:
    if fold.questions and status in ("blocked", "running", "interrupted"):
        task = shlex.quote(one_line(next(iter(fold.questions))))
        return f"an answer: cowork loop answer {session} {task} TEXT"
    if status == "running":
        if fold.state == "paused":
            return f"to be told to go on: cowork loop resume {session}"
        if fold.all_limited_until:
            return f"the earliest reset of a rate limit: {fold.all_limited_until}"
        return None
    if status == "rate-limited" and limited:
        return f"the reset of {limited[0].agent}'s rate limit, {limited[0].until}, and then: cowork loop resume {session}"
    return None if status == "completed" else f"to be gone on with: cowork loop resume {session}"
