"""Open models and the limiter: what several runs at the same time share."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self

from cowork.core.clock import Clock
from cowork.core.settings import Settings
from cowork.models.chat import ChatModel
from cowork.models.limiter import Limiter, OnEvent
from cowork.models.retrying import RetryPolicy
from cowork.models.select import Target, open_model

if TYPE_CHECKING:
    from cowork.models.command_line.model import CommandRun


class Connections:
    """Each model is opened once; a key that is closed for one run is closed for all of them."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._limiter = Limiter(clock, lambda *_: None, RetryPolicy.of(settings))
        self._models: dict[Target, ChatModel] = {}
        self._stack = AsyncExitStack()

    @classmethod
    def beside(cls, limiter: Limiter, settings: Settings, clock: Clock) -> Connections:
        """Models of its own, under a limiter that others use, too."""
        found = cls(settings, clock)
        found._limiter = limiter
        return found

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of every model."""
        await self._stack.aclose()

    def model(self, target: Target, run: CommandRun | None = None) -> ChatModel:
        """The open model; `run` says how a command-line agent is run, where it is not open yet.

        Raises `provider.auth` when its key is missing, or a configuration error of its address.
        """
        if target not in self._models:
            self._models[target] = model = open_model(target, self._settings, run)
            self._stack.push_async_callback(model.close)
        return self._models[target]

    def limiter(self, on_event: OnEvent) -> Limiter:
        """The limiter of one run, that hears of its own calls alone."""
        return self._limiter.shared(on_event)
