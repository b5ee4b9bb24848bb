"""What an agent's output comes down to, whichever program wrote it. What only describes a session has no event.

`parent` is the id of the subagent that something belongs to, empty for the agent that was asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from cowork.models.chat import Usage


@dataclass(frozen=True)
class Text:
    """A piece of what the agent says. Pieces with one `message` belong together; without one, those that follow each other."""

    text: str
    message: str = ""
    parent: str = ""


@dataclass(frozen=True)
class ToolStarted:
    """The agent uses a tool."""

    id: str
    name: str
    parent: str = ""


@dataclass(frozen=True)
class ToolEnded:
    """A tool, or the subagent that has this id, is done."""

    id: str
    failed: bool = False
    parent: str = ""


@dataclass(frozen=True)
class SubagentStarted:
    """The agent sends for another. One in the `background` is over when SubagentEnded says so, not when its tool ends."""

    id: str
    parent: str = ""
    kind: str = ""
    description: str = ""
    prompt: str = ""
    background: bool = False


@dataclass(frozen=True)
class SubagentEnded:
    """A subagent is done, and says so itself."""

    id: str
    failed: bool = False


@dataclass(frozen=True)
class Used:
    """Tokens used: of one step, known by `key`, where a later record takes the place of an earlier; or a `total` of all.

    `usd` is what they cost, as the agent reckons; None when it does not say.
    """

    usage: Usage
    key: str = ""
    total: bool = False
    usd: float | None = None


@dataclass(frozen=True)
class Failed:
    """Something went wrong. Unless it is `final`, an agent that finishes has got over it. `status` is that of HTTP."""

    message: str
    status: int | None = None
    final: bool = False


@dataclass(frozen=True)
class Finished:
    """The agent is done. `text` is its answer, None where that is its last message."""

    text: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Named:
    """The model that answers."""

    model: str


Event = Text | ToolStarted | ToolEnded | SubagentStarted | SubagentEnded | Used | Failed | Finished | Named
