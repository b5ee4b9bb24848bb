"""One turn: ask a model once, with the shared limiter, and keep what it cost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cowork.core.clock import Clock
from cowork.core.settings import Settings
from cowork.models.chat import ChatReply, ChatRequest
from cowork.models.limiter import Limiter
from cowork.models.retrying import RetryPolicy
from cowork.models.select import Target, open_model

OnEvent = Callable[[str, dict[str, Any]], object]


@dataclass(frozen=True)
class TurnResult:
    """A model's answer. `tokens_source` is reported, estimated or unknown."""

    text: str
    provider: str
    model: str
    rehearsal: bool
    stop_reason: str | None
    input_tokens: int
    output_tokens: int
    tokens_source: str
    seconds: float


def run_turn(target: Target, request: ChatRequest, settings: Settings, clock: Clock, on_event: OnEvent) -> TurnResult:
    """Ask once. Events: `text` with each piece, `call.retrying` before a second try. Raises ProviderError."""
    started = clock.monotonic()
    reply = asyncio.run(_ask(target, request, settings, clock, on_event))
    return TurnResult(
        text=reply.text,
        provider=target.provider,
        model=reply.model,
        rehearsal=target.rehearsal,
        stop_reason=reply.stop_reason,
        input_tokens=reply.usage.input_tokens,
        output_tokens=reply.usage.output_tokens,
        tokens_source=reply.usage.source,
        seconds=round(clock.monotonic() - started, 3),
    )


async def _ask(target: Target, request: ChatRequest, settings: Settings, clock: Clock, on_event: OnEvent) -> ChatReply:
    model = open_model(target, settings)
    limiter = Limiter(clock, on_event, RetryPolicy.of(settings))
    try:
        return await limiter.reply(model, request, lambda text: on_event("text", {"text": text}))
    finally:
        await model.close()
