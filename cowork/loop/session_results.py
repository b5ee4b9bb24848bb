"""What the verbs that show sessions answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cowork.loop.engine.results import LoopReport
from cowork.loop.results import AgentSwitch, Cost, LoopRun, Tokens


@dataclass(frozen=True)
class SessionItem:
    """A session in a list. `status`: running, completed, degraded, limit, stagnated, blocked, rate-limited, failed, aborted or
    interrupted. `pattern`: that of the run, `work` for a loop that lets an agent work. `iteration` is the last that began.
    """

    session_id: str
    status: str
    pattern: str
    task: str
    answer: str | None
    rehearsal: bool
    created_at: str
    updated_at: str
    iteration: int = 0
    loop_enabled: bool = False
    project: str | None = None


@dataclass(frozen=True)
class SessionList:
    """Sessions, newest first."""

    items: tuple[SessionItem, ...]
    count: int


@dataclass(frozen=True)
class SessionDetail:
    """A session; `session.json` is this, computed from the journal.

    `status` is as in a list, or pausing, paused or stopping. `loop_enabled` says whether it iterates, and
    `multi_model_per_iteration` whether models deliberate each time. `completion_promise` is null where none is asked for,
    `max_iterations` 0 where there is no limit. `rate_limited_agents` says until when. `iterations` are those that are over.
    `questions` wait for an answer, by task. `result` is the whole result of a pattern's run, null while it runs, when it ended
    without one, and for loops. `report` is what `loop run` answers of a loop, with its tasks as their file has them now: only
    where one session is shown.
    """

    session_id: str
    status: str
    pattern: str
    task: str
    rehearsal: bool
    created_at: str
    updated_at: str
    iteration: int
    max_iterations: int
    completion_promise: str | None
    loop_enabled: bool
    multi_model_per_iteration: bool
    fallback_agents: tuple[str, ...]
    rate_limited_agents: Mapping[str, str]
    current_agent: str
    agent_switch_history: tuple[AgentSwitch, ...]
    iterations: int
    failures: int
    tokens: Tokens
    cost: Cost
    seconds: float
    commits: int
    resumes: int
    questions: Mapping[str, str]
    project: str | None
    tasks_file: str | None
    events: int
    error: str | None
    reason: str | None
    message: str | None
    path: str
    result: LoopRun | None
    report: LoopReport | None = None
