"""Calls that share a provider wait together instead of hammering it."""

from __future__ import annotations

import asyncio

import pytest

from cowork.models.errors import WaitError
from tests.models.calls import Room, failing


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

        assert [model.asked_at for model in models] == [[0.0, 20.0], [0.0, 20.0]]
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
