"""What the verbs of working loops answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cowork.core.plan import Step
from cowork.loop.results import Cost, LoopRun, Tokens


@dataclass(frozen=True)
class AgentSwitch:
    """One agent took the place of another. `reason`: primary, limited, unusable, stagnation or task."""

    at: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class TaskResult:
    """A task of a run. `status`: pending, ready, active, done, blocked, failed or skipped; `why` says what keeps it from being
    done, and `question` is what an agent asked.
    """

    id: str
    title: str
    status: str
    attempts: int
    why: str
    question: str | None


@dataclass(frozen=True)
class Unmerged:
    """A task's branch that was not merged, and is kept: the reason, and the files that are in conflict."""

    task: str
    branch: str
    reason: str
    files: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class LoopSession:
    """How a working loop stands; `session.json` is this. It is computed from the journal.

    `status` is idle, running, pausing, paused or stopping while it is not over, and then completed, limit, stagnated, blocked,
    rate-limited, failed, aborted or interrupted. `rate_limited_agents` says until when. `iterations` are those that are over.
    """

    session_id: str
    status: str
    pattern: str
    task: str
    iteration: int
    max_iterations: int
    completion_promise: str
    created_at: str
    updated_at: str
    loop_enabled: bool
    multi_model_per_iteration: bool
    fallback_agents: tuple[str, ...]
    rate_limited_agents: Mapping[str, str]
    current_agent: str
    agent_switch_history: tuple[AgentSwitch, ...]
    project: str
    tasks_file: str | None
    iterations: int
    failures: int
    tokens: Tokens
    cost: Cost
    seconds: float
    reason: str
    message: str
    questions: Mapping[str, str]
    commits: int
    resumes: int
    events: int


@dataclass(frozen=True)
class LoopReport:
    """A working loop that is over, or with `dry_run` the plan of one; `session_id` is None for a plan.

    `status`: completed, limit, stagnated, blocked, rate-limited, failed, aborted, interrupted; detached when it goes on in the
    background. `reason` is a word for scripts. Tokens and cost are of all its resumptions together. `iterations` are of all.
    """

    session_id: str | None
    status: str
    reason: str
    message: str
    task: str
    tasks_file: str | None
    agents: tuple[str, ...]
    agent: str
    iterations: int
    max_iterations: int
    tasks: tuple[TaskResult, ...]
    done: int
    total: int
    output: str | None
    tokens: Tokens
    cost: Cost
    seconds: float
    commits: int
    unmerged: tuple[Unmerged, ...]
    switches: tuple[AgentSwitch, ...]
    notes: tuple[str, ...]
    rehearsal: bool
    dry_run: bool
    plan: tuple[Step, ...]


Resumed = LoopRun | LoopReport
"""What `loop resume` answers: a pattern's result, or how a working loop ended."""
