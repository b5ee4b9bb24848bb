"""What a loop is told to do: all of it is decided before a session exists, and kept in the journal's first event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cowork.loop.agents.work import AgentSpec
from cowork.loop.tasks.task import Task

ErrorStrategy = Literal["retry", "skip", "abort"]
WhenLimited = Literal["wait", "exit"]
SandboxMode = Literal["off", "auto", "bwrap", "sandbox-exec"]

REHEARSAL = "rehearsal"
"""The provider whose answers cost nothing."""


@dataclass(frozen=True)
class Limits:
    """What a run may use, over all its resumptions together; None where there is no limit, 0 iterations mean no limit.

    `seconds` count while it works. `failures` are failed iterations in a row, `attempts` iterations of one task that ended
    without it being done, `stagnation` iterations in a row with the same diff and the same final message. `idle_s` and
    `iteration_s` bound one iteration: seconds without output, and in all.
    """

    iterations: int = 50
    seconds: float | None = None
    tokens: int | None = None
    usd: float | None = None
    failures: int | None = 5
    attempts: int | None = 10
    stagnation: int | None = 3
    idle_s: float | None = None
    iteration_s: float | None = None


LIMIT_FLAGS: Mapping[str, str] = {
    "iterations": "--max-iterations",
    "seconds": "--max-time",
    "tokens": "--max-tokens",
    "usd": "--max-cost",
    "failures": "--max-failures",
    "attempts": "--max-attempts",
    "stagnation": "--stagnation",
    "idle_s": "--idle-timeout",
    "iteration_s": "--iteration-timeout",
}
"""What each of them is called on the command line."""


@dataclass(frozen=True)
class ErrorHandling:
    """What follows a failed iteration. `continue_on_nonzero_exit` takes an answer whose program failed as an answer."""

    strategy: ErrorStrategy = "retry"
    max_retries: int = 3
    retry_delay_ms: int = 1000
    continue_on_nonzero_exit: bool = False


@dataclass(frozen=True)
class RateLimits:
    """What follows a rate limit that outlasted the limiter's patience: others work; when all are limited, `when_all`."""

    when_all: WhenLimited = "wait"
    recover_primary: bool = True
    base_backoff_ms: int = 5000


@dataclass(frozen=True)
class Completion:
    """When work is done: the promise in the final message, and everything else that is asked for.

    `promise` is the text inside the tags, with the run's `nonce` after a colon when there is one. `checks` are commands.
    """

    promise: str = "COMPLETE"
    nonce: str = ""
    checks: tuple[str, ...] = ()
    check_timeout_s: float = 600.0
    require_diff: bool = False

    @property
    def tag(self) -> str:
        """What a final message has to hold."""
        return f"<promise>{self.promise}{':' + self.nonce if self.nonce else ''}</promise>"


@dataclass(frozen=True)
class Sandboxing:
    """Whether agents work in a sandbox: `network` on or off, and paths beside the project that they may write or read."""

    mode: SandboxMode = "off"
    network: bool = True
    allow_paths: tuple[str, ...] = ()
    read_only_paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Permitted:
    """What the built-in agent may do beside what the settings files say: the mode, None for theirs, and rules."""

    mode: str | None = None
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()


def wanted(task: Task) -> str:
    """What a task says of who is to work on it; empty when it says nothing."""
    return f"{task.agent or ''}:{task.model or ''}" if task.agent or task.model else ""


@dataclass(frozen=True)
class LoopOrder:
    """A loop to run.

    `task` is the text of the one task, or `tasks_file` the file of many. `agents` work in their order: the first as long as it
    can, the others when it is limited or useless. `task_agents` (by `wanted`) and `task_checks` are those that the file may
    name; what it
    names later does not count. `every` is the pattern in which models deliberate in every iteration, empty when they do not;
    `patterns` has the request of it, and of those that tasks name, as `loop.heads` writes them. `template` is a path or a name,
    empty for the usual one. `commit` is the template of commit messages, None when nothing is committed; with `allow_dirty`
    what the user had not committed goes along.
    """

    task: str
    tasks_file: str | None
    project: str
    agents: tuple[AgentSpec, ...]
    completion: Completion
    limits: Limits
    errors: ErrorHandling
    rates: RateLimits
    sandbox: Sandboxing
    task_agents: Mapping[str, AgentSpec] = field(default_factory=dict)
    task_checks: tuple[str, ...] = ()
    permissions: Permitted = field(default_factory=Permitted)
    template: str = ""
    contexts: tuple[str, ...] = ()
    context_tokens: int = 20_000
    every: str = ""
    patterns: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    commit: str | None = None
    allow_dirty: bool = False
    parallel: int = 1
    iteration_delay_ms: int = 0
    record: str | None = None
    replay: str | None = None
    notify: bool = True
    seed: int = 0

    def checks_of(self, task: Task) -> tuple[str, ...]:
        """The commands that must pass before a task is done: those of the run, and of its own those that count."""
        own = (check for check in task.checks if check in self.task_checks)
        return tuple(dict.fromkeys((*self.completion.checks, *own)))
