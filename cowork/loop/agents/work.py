"""What an agent is given for one iteration, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from cowork.models.chat import Usage

Heard = Callable[[str, dict[str, Any]], object]
"""Hears of events while an agent works: `agent.output` with `text` for every piece of what it says, subagents, tool calls."""

Kind = Literal["command", "builtin", "model", "pattern"]


@dataclass(frozen=True)
class AgentSpec:
    """An agent as it is named. `name` is how journals and people know it; `kind` says how it works.

    `command` is a command-line agent, `builtin` the agent of this program with its tools, `model` a model that only answers,
    `pattern` several models at a table. `settings` are what the configuration's entry of that name adds, as plain data.
    """

    name: str
    kind: Kind
    provider: str
    model: str
    settings: tuple[tuple[str, Any], ...] = ()

    @property
    def label(self) -> str:
        """`provider/model`."""
        return f"{self.provider}/{self.model}"


@dataclass(frozen=True)
class Job:
    """One piece of work: the prompt, where to work, and how long it may take. `idle_s` are seconds without any output.

    Everything that the agent prints is appended to the file `output` as it comes. `key` names the piece within its run, the
    same when it is done again after a crash.
    """

    key: str
    prompt: str
    directory: Path
    output: Path
    iteration: int
    task: str | None = None
    total_s: float | None = None
    idle_s: float | None = None
    seed: int = 0


@dataclass(frozen=True)
class Execution:
    """What came of a job: the agent's final message, alone, and how its program ended; `exit_code` None where there is none.

    `usd` is None when the cost is not known. `model` is who really answered.
    """

    message: str
    exit_code: int | None
    usage: Usage
    usd: float | None
    model: str
    seconds: float
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the program ended with a failure, whatever it said."""
        return self.exit_code not in (None, 0)


class Agent(Protocol):
    """Somebody who works. However `work` ends, also by cancellation, everything it started has ended."""

    spec: AgentSpec

    async def work(self, job: Job, heard: Heard) -> Execution:
        """Do the job. Raises `models.errors.ProviderError` (WaitError and DailyQuotaError when a limit is in the way),
        LimitReached for an agent that used up its turns, `loop.agent_idle` or `loop.agent_late` when its time is over.
        """

    async def close(self) -> None:
        """Let go of connections."""
