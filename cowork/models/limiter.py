"""The one place that waits and tries again; shared by everything that asks the same provider key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cowork.core.clock import Clock
from cowork.models.chat import ChatModel, ChatReply, ChatRequest, OnText
from cowork.models.errors import ProviderError

OnEvent = Callable[[str, dict[str, Any]], object]

BASE_WAIT_S = 2.0
LONGEST_WAIT_S = 30.0
RETRIES = 1
_TICK_S = 0.001  # less is rounding


class Limiter:
    """Retries what waiting can help, once per call by default: the server's time, else base x 3^attempt.

    A wait longer than `LONGEST_WAIT_S` is not taken: the caller hears the error and decides. While one call of a
    provider waits, later calls of that provider wait with it instead of hammering.
    """

    def __init__(self, clock: Clock, on_event: OnEvent, *, retries: int = RETRIES) -> None:
        self._clock = clock
        self._on_event = on_event
        self._retries = retries
        self._open_at: dict[str, float] = {}
        self.retried = 0

    async def reply(self, model: ChatModel, request: ChatRequest, on_text: OnText, **about: Any) -> ChatReply:
        """`model.reply`, with waiting. Raises the last ProviderError. Retries are announced as `call.retrying`."""
        for attempt in range(self._retries + 1):
            await self._gate(model.provider)
            try:
                return await model.reply(request, on_text)
            except ProviderError as error:
                wait = error.retry_after if error.retry_after is not None else BASE_WAIT_S * 3**attempt
                if not error.retryable or attempt == self._retries or wait > LONGEST_WAIT_S:
                    raise
                open_at = self._clock.monotonic() + wait
                self._open_at[model.provider] = max(open_at, self._open_at.get(model.provider, open_at))
                self.retried += 1
                self._on_event(
                    "call.retrying",
                    {
                        **about,
                        "reason": error.code,
                        "message": error.message,
                        "wait_s": wait,
                        "attempt": attempt + 1,
                        "discarded_characters": len(error.partial),
                    },
                )
        raise AssertionError("the loop returns or raises")

    async def _gate(self, provider: str) -> None:
        while (left := self._open_at.get(provider, 0.0) - self._clock.monotonic()) > _TICK_S:
            await self._clock.sleep(left)
