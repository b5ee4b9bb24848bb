"""What the verbs of working loops answer."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.plan import Step
from cowork.loop.ends import Ended
from cowork.loop.results import AgentSwitch, Cost, LoopRun, Tokens
from cowork.loop.tasks.task import Status


@dataclass(frozen=True)
class TaskResult:
    """A task of a run. `status`: pending, ready, active, done, blocked, failed or skipped; `why` says what keeps it from being
    done, and `question` is what an agent asked.
    """

    id: str
    title: str
    status: Status
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
class LoopReport:
    """A working loop that is over, or with `dry_run` the plan of one; `session_id` is None for a plan.

    `status`: completed, limit, stagnated, blocked, rate-limited, failed, aborted, interrupted; detached when it goes on in the
    background, continued when it was paused and goes on where it runs. `reason` is a word for scripts. Tokens, cost and
    `iterations` are of all its resumptions together.
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

    def ended(self) -> Ended:
        """How it ended, to be told to a script."""
        asked = next(((task.id, task.question) for task in self.tasks if task.question), None)
        return Ended(self.session_id or "", self.status, self.reason, self.message, self.done, self.total, asked)


Resumed = LoopRun | LoopReport
"""What `loop resume` answers: a pattern's result, or how a working loop ended."""
