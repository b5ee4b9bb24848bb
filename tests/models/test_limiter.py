"""The one place that waits: for what waiting helps, as long as the server says, together with everybody who asks the same."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from cowork.models import errors
from cowork.models.chat import ChatReply, ChatRequest, OnText
from cowork.models.errors import DownError, ProviderError, WaitError
from cowork.models.limiter import BASE_WAIT_S, LONGEST_WAIT_S, Limiter
from tests.support import FakeClock

REQUEST = ChatRequest("Say hello.")


class SharedClock(FakeClock):
    """A clock by which several can sleep at the same time."""

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        waking = self.monotonic() + seconds
        await asyncio.sleep(0)  # the others go to sleep meanwhile
        self.advance(max(0.0, waking - self.monotonic()))


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
    """A limiter with a clock, and what it announced."""

    def __init__(self, *, retries: int = 1) -> None:
        self.clock = SharedClock()
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.limiter = Limiter(self.clock, lambda type_, data: self.events.append((type_, data)), retries=retries)

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


class TestOneCall:
    def test_that_succeeds_neither_waits_nor_announces_anything(self) -> None:
        room = Room()
        model = room.model()

        assert [reply.text for reply in room.ask(model)] == ["Hello"]
        assert (model.asked_at, room.clock.slept, room.events, room.limiter.retried) == ([0.0], [], [], 0)

    @pytest.mark.parametrize("kind", [WaitError, DownError])
    def test_is_tried_again_once_after_the_base_wait(self, kind: type[ProviderError]) -> None:
        room = Room()
        model = room.model(failing(kind))

        room.ask(model)

        assert model.asked_at == [0.0, BASE_WAIT_S]
        assert room.limiter.retried == 1

    @pytest.mark.parametrize("named", [0.0, 0.25, 17.0, LONGEST_WAIT_S])
    def test_waits_the_time_that_the_server_names(self, named: float) -> None:
        room = Room()
        model = room.model(failing(WaitError, named))

        room.ask(model)

        assert model.asked_at == [0.0, named]

    def test_that_fails_again_raises_the_last_error(self) -> None:
        room = Room()
        last = failing(DownError)
        model = room.model(failing(WaitError), last)

        assert room.refused(model) is last
        assert len(model.asked_at) == 2
        assert room.limiter.retried == 1

    def test_waits_three_times_longer_each_time(self) -> None:
        room = Room(retries=3)
        model = room.model(*(failing(DownError) for _ in range(3)))

        room.ask(model)

        assert room.clock.slept == [2.0, 6.0, 18.0]
        assert room.limiter.retried == 3

    def test_may_be_told_not_to_try_again(self) -> None:
        room = Room(retries=0)
        model = room.model(failing(WaitError, 1))

        room.refused(model)

        assert model.asked_at == [0.0]

    @pytest.mark.parametrize("named", [LONGEST_WAIT_S + 0.1, 3600.0])
    def test_is_not_kept_waiting_longer_than_the_longest_wait(self, named: float) -> None:
        room = Room()
        model = room.model(failing(WaitError, named))

        assert room.refused(model).retry_after == named
        assert (model.asked_at, room.clock.slept, room.events) == ([0.0], [], [])

    @pytest.mark.parametrize(
        "kind",
        [
            errors.AuthError,
            errors.FundsError,
            errors.DailyQuotaError,
            errors.RegionError,
            errors.BadModelError,
            errors.TooBigError,
            errors.ContentError,
            errors.MalformedError,
        ],
    )
    def test_is_not_tried_again_when_waiting_does_not_help(self, kind: type[ProviderError]) -> None:
        room = Room()
        model = room.model(failing(kind, retry_after=1))

        assert type(room.refused(model)) is kind
        assert (model.asked_at, room.events, room.limiter.retried) == ([0.0], [], 0)

    def test_that_breaks_for_another_reason_is_left_alone(self) -> None:
        room = Room()

        class Broken(Scripted):
            async def reply(self, request: ChatRequest, on_text: OnText) -> ChatReply:
                raise BrokenPipeError("nobody reads")

        with pytest.raises(BrokenPipeError):
            room.ask(Broken(room.clock))
        assert room.events == []


def test_a_retry_is_announced_with_its_reason_its_wait_and_the_text_it_discards() -> None:
    room = Room()
    asyncio.run(room.call(room.model(failing(DownError, partial="Half an answer")), call=3, seat="judge"))

    assert room.events == [
        (
            "call.retrying",
            {
                "call": 3,
                "seat": "judge",
                "reason": "provider.unavailable",
                "message": "acme/m-1: no",
                "wait_s": 2.0,
                "attempt": 1,
                "discarded_characters": 14,
            },
        )
    ]


class TestCallsTogether:
    def test_later_calls_of_a_provider_wait_behind_the_first_ones_wait(self) -> None:
        room = Room()
        first, second = room.model(failing(WaitError, 10)), room.model()

        async def one_after_the_other() -> None:
            waiting = asyncio.create_task(room.call(first))
            while not room.clock.slept:
                await asyncio.sleep(0)
            await room.call(second)
            await waiting

        asyncio.run(one_after_the_other())

        assert first.asked_at == [0.0, 10.0]
        assert second.asked_at == [10.0]
        assert room.clock.slept == [10.0, 10.0]
        assert room.limiter.retried == 1

    def test_another_provider_does_not_wait(self) -> None:
        room = Room()
        first, other = room.model(failing(WaitError, 10)), room.model(provider="other")

        async def one_after_the_other() -> None:
            waiting = asyncio.create_task(room.call(first))
            while not room.clock.slept:
                await asyncio.sleep(0)
            await room.call(other)
            await waiting

        asyncio.run(one_after_the_other())

        assert other.asked_at == [0.0]
        assert room.clock.slept == [10.0]

    @pytest.mark.parametrize("waits", [(20, 5), (5, 20)])
    def test_the_longest_wait_that_was_named_holds_for_all(self, waits: tuple[float, float]) -> None:
        room = Room()
        models = [room.model(failing(WaitError, wait)) for wait in waits]

        room.ask(*models)

        assert max(model.asked_at[1] for model in models) == 20
        assert models[waits.index(20)].asked_at[1] == 20
        assert room.limiter.retried == 2

    def test_nobody_waits_once_the_wait_is_over(self) -> None:
        room = Room()
        room.ask(room.model(failing(WaitError, 10)))
        slept = list(room.clock.slept)

        room.ask(room.model())

        assert room.clock.slept == slept

    @pytest.mark.parametrize("wait", [0.0000001, 0.1 + 0.2, 1 / 3, 28.123456789])
    def test_a_wait_that_does_not_divide_evenly_ends(self, wait: float) -> None:
        room = Room()
        model = room.model(failing(WaitError, wait))

        room.ask(model)

        assert len(model.asked_at) == 2
        assert len(room.clock.slept) <= 2
