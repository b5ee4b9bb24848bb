"""How a loop stands, as it is seen from outside: computed from its journal alone, event by event."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cowork.core.clock import rfc3339
from cowork.core.text import one_line
from cowork.loop.control.folding import Fold, PatternState
from cowork.loop.control.inbox import answered
from cowork.loop.ends import Ended, flags_of
from cowork.loop.engine import pages
from cowork.loop.engine.results import used_of
from cowork.loop.engine.state import LoopState, Summary
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

    def ended(self) -> Ended:
        """How it ended, to be told to a script."""
        asked = (self.questions[0].task, self.questions[0].question) if self.questions else None
        tasks = self.tasks_done or 0, self.tasks_total or 0
        used = used_of(self.iteration, self.seconds, self.tokens, self.cost)
        return Ended(self.session_id, self.status, self.reason or "", self.message, *tasks, asked, used)


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
    known = _loop(fold.loop, rfc3339(now)) if fold.loop else _pattern(fold.single) if fold.single else {}
    page = LoopPage(
        session_id=place.session_id,
        status=fold.status or ("running" if alive else "interrupted"),
        state=fold.state if alive and fold.status is None else "idle",
        lock=found.state,
        worker=Worker(found.holder.pid, found.holder.host, found.holder.at) if alive and found.holder else None,
        waits_for=None,
        events=fold.events,
        path=str(place.path),
        **known,
    )
    until = fold.loop.waits_until if fold.loop else ""
    settled = answered(place) if page.questions else frozenset[str]()
    return replace(page, iteration_since=page.iteration_since if alive else None, waits_for=_waits_for(page, until, settled))


def _loop(state: LoopState, now: str) -> dict[str, Any]:
    """What the page says of a working loop."""
    order = pages.order_of(state)
    last = state.entries[-1] if state.entries else None
    heeded = state.end in (None, "rate-limited")
    limited = ((agent, until) for agent, until in sorted(state.limited.items()) if until > now and heeded)
    return {
        "mode": "loop",
        "project": order.project,
        "task": pages.task_of(order),
        "pattern": order.every or None,
        "iteration": state.iteration,
        "max_iterations": state.limits.iterations or None,
        "iteration_since": (state.open[max(state.open)].since or None) if state.open else None,
        "attempt": state.attempt,
        "current_task": TaskName(*state.current) if state.current else None,
        "agent": state.agent or None,
        "agents": tuple(agent.name for agent in order.agents),
        "agents_limited": tuple(LimitedAgent(agent, until, state.words.get(agent, "")) for agent, until in limited),
        "tasks_done": state.done_tasks if state.total_tasks else None,
        "tasks_total": state.total_tasks or None,
        "questions": tuple(OpenQuestion(task, question) for task, question in state.asked.items()),
        "tokens": pages.tokens(state),
        "cost": pages.cost(state),
        "seconds": round(state.seconds, 3),
        "last": _last(last) if last else None,
        "reason": state.reason or None,
        "message": state.message or None,
        "created_at": state.created_at,
        "updated_at": state.updated_at,
    }


def _last(found: Summary) -> LastIteration:
    return LastIteration(found.iteration, found.task, found.agent, found.outcome, found.seconds, found.summary)


def _pattern(state: PatternState) -> dict[str, Any]:
    """What it says of one run of a pattern."""
    spent = state.spent
    return {
        "mode": "pattern",
        "project": "",
        "task": state.task,
        "pattern": state.pattern,
        "iteration": state.iteration,
        "max_iterations": 1,
        "iteration_since": state.since,
        "attempt": None,
        "current_task": None,
        "agent": None,
        "agents": state.seats,
        "agents_limited": (),
        "tasks_done": None,
        "tasks_total": None,
        "questions": (),
        "tokens": Tokens(spent.input, spent.output, spent.source),
        "cost": Cost(spent.cost, spent.cost is not None, state.cap),
        "seconds": state.seconds,
        "last": None,
        "reason": state.reason,
        "message": state.message,
        "created_at": state.created_at,
        "updated_at": state.updated_at,
    }


def _waits_for(page: LoopPage, until: str, settled: Collection[str]) -> str | None:
    session, status = page.session_id, page.status
    asked = [question.task for question in page.questions if question.task not in settled]
    if page.questions and not asked and status in ("blocked", "interrupted"):
        return f"answered, waits for: cowork loop resume {session}"
    if asked and status in ("blocked", "running", "interrupted"):
        task = shlex.quote(one_line(asked[0]))
        return f"an answer: cowork loop answer {session} {task} TEXT"
    if status == "running":
        if page.state == "paused":
            return f"to be told to go on: cowork loop resume {session}"
        return f"the earliest reset of a rate limit: {until}" if until else None
    if status == "rate-limited" and page.agents_limited:
        first = min(page.agents_limited, key=lambda limited: limited.until)
        return f"the reset of {first.agent}'s rate limit, {first.until}, and then: cowork loop resume {session}"
    if status == "completed":
        return None
    return f"to be gone on with: cowork loop resume {session} {flags_of(page.ended()) if page.mode == 'loop' else ''}".rstrip()
