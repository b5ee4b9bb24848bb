"""What happens in a run: journalled whole, shown as much as was asked for. No secret of the environment gets into either."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol

from cowork.agent.results import Question, ToolUse
from cowork.core.secrets import Redactor
from cowork.models.chat import Usage

OnEvent = Callable[[str, dict[str, Any]], object]
Trace = Literal["off", "minimal", "moderate", "full"]
TRACES: tuple[Trace, ...] = ("off", "minimal", "moderate", "full")

_ENDS = frozenset({"subagent.started", "subagent.completed"})
_TEXTS = frozenset({"text", "turn.started", "turn.completed", "hook.ran"})
_LONGEST_LINE = 2000  # characters of streamed text held back at most, to find a secret that comes in pieces


class Sink(Protocol):
    """Where events go: a journal of the run's own, or that of whoever lets the agent work."""

    def append(self, kind: str, data: dict[str, Any]) -> object:
        """Take an event. Raises `file.not_writable`."""


class Recorder:
    """Takes events of the agent `agent` ("main", "main/Explore-1") and keeps count of what the run cost.

    The journal gets everything but streamed text, which is in `turn.completed` whole. The listener gets everything of the main
    agent, and of subagents what `trace` says: off nothing, minimal their start and end, moderate also their calls, full all.
    """

    def __init__(self, journal: Sink, redactor: Redactor, listener: OnEvent, trace: Trace) -> None:
        self._journal = journal
        self._redactor = redactor
        self._listener = listener
        self._trace = trace
        self._pending: dict[str, str] = {}
        self.uses: list[ToolUse] = []
        self.questions: list[Question] = []
        self.usages: list[Usage] = []

    def clean(self, text: str) -> str:
        """A text without secrets: for models, who are somebody else too."""
        return self._redactor.text(text)

    def emit(self, agent: str, kind: str, data: dict[str, Any]) -> None:
        """An event for the journal and for who listens. Raises `file.not_writable`."""
        self.flush(agent)
        clean = self._redactor.plain({"agent": agent, **data})
        self._journal.append(kind, clean)
        self._show(agent, kind, clean)

    def text(self, agent: str, piece: str) -> None:
        """A piece of an answer under way: shown by the line, since a secret may come in pieces."""
        held = self._pending.get(agent, "") + piece
        cut = held.rfind("\n") + 1 or (len(held) if len(held) > _LONGEST_LINE else 0)
        self._pending[agent] = held[cut:]
        if cut:
            self._show(agent, "text", {"agent": agent, "text": self.clean(held[:cut])})

    def flush(self, agent: str) -> None:
        """Show what is left of an answer."""
        held = self._pending.pop(agent, "")
        if held:
            self._show(agent, "text", {"agent": agent, "text": self.clean(held)})

    def _show(self, agent: str, kind: str, data: dict[str, Any]) -> None:
        if agent == "main" or self._wanted(kind):
            self._listener(kind, data)

    def _wanted(self, kind: str) -> bool:
        if kind in _ENDS:
            return self._trace != "off"
        return self._trace == "full" or (self._trace == "moderate" and kind not in _TEXTS)


def total(usages: list[Usage]) -> Usage:
    """The tokens of several calls; as sure as the least sure of them."""
    sources = {usage.source for usage in usages}
    source = next((name for name in ("unknown", "estimated", "reported") if name in sources), "unknown")
    return Usage(sum(usage.input_tokens for usage in usages), sum(usage.output_tokens for usage in usages), source)
