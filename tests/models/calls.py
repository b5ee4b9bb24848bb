"""A limiter to make calls through, by a clock that several can sleep by, of models that fail as told."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from cowork.models.chat import ChatReply, ChatRequest, OnText
from cowork.models.errors import ProviderError
from cowork.models.limiter import Limiter
from cowork.models.retrying import Draw, RetryPolicy
from tests.support import FakeClock

REQUEST = ChatRequest("Say hello.")


class SharedClock(FakeClock):
    """A clock by which several can sleep at the same time: once all do, it moves on to the one who wakes first."""

    def __init__(self) -> None:
        super().__init__()
        self._waking: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        waking = self.monotonic() + seconds
        self._waking.append(waking)
        for _ in range(5):
            await asyncio.sleep(0)  # the others go to sleep meanwhile
        while waking > min(self._waking):
            await asyncio.sleep(0)
        self.advance(max(0.0, waking - self.monotonic()))
        self._waking.remove(waking)


class Scripted:
    """A model that fails with each of `failures` in turn and answers then; it notes when it was asked."""

    model = "m-1"
    rehearsal = False

    def __init__(self, clock: FakeClock, *failures: ProviderError, provider: str = "acme") -> None:
        self.provider = provider
        self.asked_at: list[float] = []
        self._clock = clock
        self._start = clock.monotonic()
        self._failures = list(failures)

    async def reply(self, request: ChatRequest, on_text: OnText) -> ChatReply:
        self.asked_at.append(round(self._clock.monotonic() - self._start, 3))
        await asyncio.sleep(0)
        if self._failures:
            raise self._failures.pop(0)
        on_text("Hello")
        return ChatReply("Hello", self.model)

    async def close(self) -> None:
        pass


class Room:
    """A limiter with a clock, and what it announced. It draws 1, the longest it can wait, unless told to draw something else.

    With an `account`, its keys are shared with other rooms. `clock` may be that of another room.
    """

    def __init__(
        self,
        *,
        retries: int = 1,
        enabled: bool = True,
        draw: Draw = lambda: 1.0,
        account: str | None = None,
        clock: SharedClock | None = None,
    ) -> None:
        self.clock = clock or SharedClock()
        self.events: list[tuple[str, dict[str, Any]]] = []
        policy = RetryPolicy(enabled=enabled, retries=retries)
        self.limiter = Limiter(
            self.clock, lambda *event: self.events.append(event), policy, draw=draw, account=lambda _model: account
        )

    def model(self, *failures: ProviderError, provider: str = "acme") -> Scripted:
        return Scripted(self.clock, *failures, provider=provider)

    def call(self, model: Scripted, **about: Any) -> Coroutine[Any, Any, ChatReply]:
        return self.limiter.reply(model, REQUEST, lambda _text: None, **about)

    def ask(self, *models: Scripted) -> list[ChatReply]:
        async def together() -> list[ChatReply]:
            return await asyncio.gather(*(self.call(model) for model in models))

        return asyncio.run(together())

    def refused(self, model: Scripted) -> ProviderError:
        with pytest.raises(ProviderError) as caught:
            self.ask(model)
        return caught.value


def failing(kind: type[ProviderError], retry_after: float | None = None, partial: str = "") -> ProviderError:
    return kind("no", provider="acme", model="m-1", retry_after=retry_after, partial=partial)
