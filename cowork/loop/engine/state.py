"""How a run stands, computed from its journal alone: the same events give the same state, live and after a crash."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from cowork.loop.engine.events import End
from cowork.loop.engine.order import Limits, LoopOrder

Phase = Literal["idle", "running", "pausing", "paused", "stopping"]
Outcome = Literal["completed", "continued", "rejected", "blocked", "failed"]

MOST_SWITCHES = 100
MOST_ENTRIES = 20
"""Iterations whose summaries are kept for the prompts to come."""


@dataclass
class TaskState:
    """What the run knows of a task beside its file.

    `over` is set once it is left alone: done, blocked, failed or skipped, with the `reason` in a word. `attempts` are
    iterations that ended without it being done, `failures` failed ones in a row, `repeats` those in a row that said and
    changed the same. `remark` is for its next prompt. `agent` worked on it last, and `avoid` are those that came to a
    standstill on it.
    """

    over: Literal["done", "blocked", "failed", "skipped"] | None = None
    reason: str = ""
    attempts: int = 0
    failures: int = 0
    repeats: int = 1
    last_message: str = ""
    last_diff: str | None = None
    rejection: tuple[str, ...] = ()
    remark: str = ""
    question: str = ""
    answers: tuple[tuple[str, str], ...] = ()
    avoid: tuple[str, ...] = ()
    base: str | None = None
    failed_with: str = ""
    agent: str = ""


@dataclass
class OpenIteration:
    """An iteration that is not over.

    `since` is when it began, empty for one that was cut short. `counsel` is what models advised, `answer` what
    `agent.completed` said, `checks` what commands came to, and `told` the kinds of events that it has written: after a crash
    none is written again. `told_remark` says that its prompt has the task's remark, `asking` that an agent was asked who
    may have spent something, and has not ended; `costs` whether its agent may.
    """

    number: int
    task: str
    agent: str = ""
    since: str = ""
    counsel: str | None = None
    answer: dict[str, Any] | None = None
    checks: dict[str, tuple[int | None, str]] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    completing: bool = False
    told_remark: bool = False
    asking: bool = False
    costs: bool = True


@dataclass(frozen=True)
class Switch:
    """One agent took the place of another."""

    at: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class Summary:
    """An iteration that is over, as later prompts hear of it."""

    iteration: int
    task: str
    outcome: str
    summary: str
    at: str
    agent: str = ""
    seconds: float = 0.0


@dataclass
class LoopState:
    """A run. `iterations` are those that are over, `iteration` is the number of the last that began.

    Tokens and money are what is known; `usd_known` is false once any cost was not. `seconds` were worked by `clocked_at`. `end`
    is None until a terminal event, and again after the run is resumed. `current` is the task that was chosen last, by its id
    and title, until it is over, and `attempt` the one that the last iteration is of it. `limited` says until when agents are
    rate limited, `words` what they said about it, and `waits_until` is set while all are. `found` are tasks that somebody
    marked as done while no agent worked, `marked` those that were marked while one did, with how often; `settled` says that
    the process which worked last looked for such marks before it ended.
    """

    order: LoopOrder | None = None
    found: set[str] = field(default_factory=set)
    marked: dict[str, int] = field(default_factory=dict)
    settled: bool = True
    phase: Phase = "idle"
    end: End | None = None
    reason: str = ""
    message: str = ""
    iteration: int = 0
    iterations: int = 0
    failures: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    tokens_known: bool = True
    tokens_estimated: bool = False
    usd: float = 0.0
    usd_known: bool = True
    seconds: float = 0.0
    limits: Limits = field(default_factory=Limits)
    tasks: dict[str, TaskState] = field(default_factory=dict)
    open: dict[int, OpenIteration] = field(default_factory=dict)
    agent: str = ""
    current: tuple[str, str] | None = None
    attempt: int | None = None
    limited: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    waits_until: str = ""
    waits: dict[str, float] = field(default_factory=dict)
    backoffs: dict[str, int] = field(default_factory=dict)
    switches: deque[Switch] = field(default_factory=lambda: deque(maxlen=MOST_SWITCHES))
    entries: deque[Summary] = field(default_factory=lambda: deque(maxlen=MOST_ENTRIES))
    last_error: str = ""
    stopping: str = ""
    total_tasks: int = 0
    done_tasks: int = 0
    unmerged: dict[str, dict[str, Any]] = field(default_factory=dict)
    uncommitted: dict[str, str] = field(default_factory=dict)
    commits: int = 0
    created_at: str = ""
    updated_at: str = ""
    clocked_at: str = ""
    seq: int = 0
    resumes: int = 0

    def task(self, name: str) -> TaskState:
        """The state of a task, a fresh one for a task that was not heard of."""
        return self.tasks.setdefault(name, TaskState())

    @property
    def asked(self) -> dict[str, str]:
        """Questions that nobody answered, by task."""
        return {name: task.question for name, task in self.tasks.items() if task.over == "blocked"}


def fold(events: Iterable[dict[str, Any]]) -> LoopState:
    """The state that events come to. Raises KeyError, TypeError or ValueError when they are not as they were written."""
    from cowork.loop.engine.folding import apply

    state = LoopState()
    for event in events:
        apply(state, event)
    return state
