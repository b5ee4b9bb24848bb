"""The one protocol every model is spoken to by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

OnText = Callable[[str], object]


@dataclass(frozen=True)
class ChatRequest:
    """One question to a model: a system text, one user text, and the longest answer wanted, in tokens."""

    prompt: str
    system: str = ""
    max_tokens: int = 2048
    seed: int = 0  # used by rehearsal only: same seed, same answer


@dataclass(frozen=True)
class Usage:
    """Tokens of one call. `source` is `reported` by the provider, `estimated`, or `unknown` (then both are 0)."""

    input_tokens: int = 0
    output_tokens: int = 0
    source: str = "unknown"


@dataclass(frozen=True)
class ChatReply:
    """A model's whole answer."""

    text: str
    model: str
    usage: Usage = field(default_factory=Usage)
    stop_reason: str | None = None


class ChatModel(Protocol):
    """A model that answers. `rehearsal` is true for the built-in one that is no model at all."""

    provider: str
    model: str
    rehearsal: bool

    async def reply(self, request: ChatRequest, on_text: OnText) -> ChatReply:
        """Ask once, streaming text to `on_text` as it comes. Raises ProviderError; never retries."""

    async def close(self) -> None:
        """Let go of connections."""
