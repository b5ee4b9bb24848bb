"""What all agents of one run share, and what each of them has for itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cowork.agent.belonging import source_trust
from cowork.agent.conversation import Conversation
from cowork.agent.gate import Ask, PermissionGate
from cowork.agent.hooking import HookPort
from cowork.agent.permissions import Permissions
from cowork.agent.recorder import Recorder
from cowork.agent.results import Question
from cowork.agent.tools.base import Tool, Workspace
from cowork.core.clock import Clock
from cowork.core.errors import LimitReached
from cowork.core.settings import Settings
from cowork.hooks.dispatch import Hooks
from cowork.hooks.records import Source
from cowork.models.chat import ChatModel
from cowork.models.limiter import Limiter
from cowork.models.select import Target, open_model
from cowork.prompts.builder import AssembledPrompt
from cowork.trust.state import Trust

Answer = Callable[[Question], Awaitable[str | None]]
"""Asks the user a question of the agent's; None where nobody answers."""


@dataclass
class Budget:
    """How many answers all models of a run may still give together."""

    left: int

    def take(self) -> None:
        """One more. Raises `agent.call_limit`."""
        if self.left <= 0:
            raise LimitReached(
                "agent.call_limit",
                "the run has used up its model calls",
                hint="raise the setting agent_max_calls, or give a smaller task",
            )
        self.left -= 1


class ModelPool:
    """Opens each model once and closes all of them at the end."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: dict[Target, ChatModel] = {}

    def model(self, target: Target) -> ChatModel:
        """The open model. Raises what `open_model` raises."""
        if target not in self._open:
            self._open[target] = open_model(target, self._settings)
        return self._open[target]

    async def close(self) -> None:
        """Let go of all connections."""
        for model in self._open.values():
            await model.close()
        self._open.clear()


@dataclass
class RunContext:
    """One run. `hooks_for` gives the hooks of an agent that brings sources of its own; `extra_tools` are those of servers."""

    session_id: str
    project: Path
    outputs: Path
    journal: Path
    trust: Trust
    settings: Settings
    clock: Clock
    limiter: Limiter
    recorder: Recorder
    models: ModelPool
    budget: Budget
    environment: Mapping[str, str]
    hooks_for: Callable[[Sequence[Source]], Hooks]
    ask: Ask | None
    answer: Answer | None
    extra_tools: Mapping[str, Tool] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)

    @property
    def trusted(self) -> bool:
        """Whether the user trusts the project that agents and skills come from, as it is now: an agent may have written what
        its files would run.
        """
        now, before = source_trust(self.project), source_trust(self.project, self.trust)
        return before.trusted and now.digest == before.digest

    def name(self, parent: str, agent: str) -> str:
        """A name for a subagent that no other of the run has: `main/Explore-2`."""
        number = self.names[agent] = self.names.get(agent, 0) + 1
        return f"{parent}/{agent}-{number}"


@dataclass
class Seat:
    """One agent at work. `path` is its name in the journal, `depth` how many agents are above it."""

    path: str
    agent: str
    depth: int
    prompt: AssembledPrompt
    tools: Mapping[str, Tool]
    workspace: Workspace
    permissions: Permissions
    gate: PermissionGate
    hooks: HookPort | None
    target: Target
    max_turns: int
    conversation: Conversation = field(default_factory=Conversation)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Finished:
    """How an agent's conversation ended; `reason` says why when it is not `completed`."""

    status: str
    text: str
    turns: int
    reason: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
