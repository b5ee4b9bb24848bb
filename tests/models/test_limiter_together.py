"""Calls that share a provider wait together instead of hammering it."""

from __future__ import annotations

import asyncio
import random

import pytest

from cowork.models.chat import ChatReply, ChatRequest, OnText
from cowork.models.errors import MalformedError, ProviderError, WaitError
from tests.models.calls import Room, Scripted, failing
from tests.support import FakeClock


class TestCallsTogether:
    def test_later_calls_of_a_provider_wait_behind_the_first_ones_wait(self) -> None:
        room = Room(draw=lambda: 0.5)
        first, second = room.model(failing(WaitError, 10)), room.model()

        async def one_after_the_other() -> None:
            waiting = asyncio.create_task(room.call(first))
            while not room.clock.slept:
                await asyncio.sleep(0)
            await room.call(second)
            await waiting

        asyncio.run(one_after_the_other())

        assert first.asked_at == [0.0, 10.0]
        assert second.asked_at == [10.501]  # a moment after the first, which has shown that the key is open
        assert room.limiter.retried == 1
        assert room.events[-1] == ("call.waiting", {"reason": "provider.rate_limited", "wait_s": 10.0})

    def test_runs_that_share_a_limiter_wait_together_and_hear_of_their_own_calls(self) -> None:
        room, heard = Room(draw=lambda: 0.5), list[str]()
        first, second = room.model(failing(WaitError, 10)), room.model()
        other = room.limiter.shared(lambda kind, _data: heard.append(kind))

        async def one_after_the_other() -> None:
            waiting = asyncio.create_task(room.call(first))
            while not room.clock.slept:
                await asyncio.sleep(0)
            await other.reply(second, ChatRequest("x"), lambda _text: None)
            await waiting

        asyncio.run(one_after_the_other())

        assert second.asked_at == [10.501]
        assert heard == ["call.waiting"]
        assert [kind for kind, _ in room.events] == ["call.retrying"]

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

        assert min(model.asked_at for model in models) == [0.0, 20.0]
        assert max(model.asked_at for model in models)[1] <= 21.001
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


class TestWhenTheKeyOpens:
    """Sixteen calls wait for it."""

    def test_one_goes_first_and_the_rest_follow_one_by_one_within_a_second(self) -> None:
        draws = random.Random(7)
        room = Room(draw=draws.random)
        models = [room.model(failing(WaitError, 10)) for _ in range(16)]

        room.ask(*models)

        again = sorted(model.asked_at[1] for model in models)
        assert {model.asked_at[0] for model in models} == {0.0}
        assert again[0] == 10.0
        assert again[1] > 10.0
        assert again[-1] <= 11.002
        assert len(set(again)) > 12

    def test_the_rest_wait_on_when_the_first_is_refused_again(self) -> None:
        room = Room()
        first = room.model(failing(WaitError, 10), failing(WaitError, 7))
        others = [room.model(failing(WaitError, 5)) for _ in range(3)]

        async def together() -> list[object]:
            calls = [room.call(model) for model in (first, *others)]
            return await asyncio.gather(*calls, return_exceptions=True)

        gone = asyncio.run(together())

        assert [type(answer) for answer in gone] == [WaitError, ChatReply, ChatReply, ChatReply]
        assert first.asked_at == [0.0, 10.0]
        assert all(model.asked_at[1] >= 17.0 for model in others)

    def test_the_first_piece_of_text_lets_the_rest_in(self) -> None:
        room = Room()
        talking, second = Talking(room.clock, failing(WaitError, 10)), room.model()

        async def together() -> None:
            long = asyncio.create_task(room.call(talking))
            while len(talking.asked_at) < 2:
                await asyncio.sleep(0)
            await room.call(second)
            talking.done.set()
            await long

        asyncio.run(together())

        assert 10.0 < second.asked_at[0] < 12.0

    def test_a_first_call_that_is_not_refused_for_ten_seconds_was_let_in(self) -> None:
        room = Room()
        silent = Talking(room.clock, failing(WaitError, 10), says="")
        others = [room.model() for _ in range(3)]

        async def together() -> None:
            long = asyncio.create_task(room.call(silent))
            while len(silent.asked_at) < 2:
                await asyncio.sleep(0)
            await asyncio.gather(*(room.call(model) for model in others))
            silent.done.set()
            await long

        asyncio.run(together())

        assert all(20.0 <= model.asked_at[0] < 22.0 for model in others)

    def test_another_goes_first_when_the_first_is_cancelled(self) -> None:
        room = Room()
        silent, second = Talking(room.clock, failing(WaitError, 10), says=""), room.model()

        async def cancelled() -> None:
            long = asyncio.create_task(room.call(silent))
            while len(silent.asked_at) < 2:
                await asyncio.sleep(0)
            waiting = asyncio.create_task(room.call(second))
            await asyncio.sleep(0)
            long.cancel()
            await asyncio.gather(long, return_exceptions=True)
            await waiting
            assert asyncio.all_tasks() == {asyncio.current_task()}

        asyncio.run(cancelled())

        assert 10.0 <= second.asked_at[0] < 12.0

    def test_an_answer_to_an_earlier_call_does_not_open_it(self) -> None:
        room = Room()
        early, first = Talking(room.clock, says=""), Talking(room.clock, failing(WaitError, 10), says="")
        late = room.model()

        async def together() -> None:
            answered = asyncio.create_task(room.call(early))
            while not early.asked_at:
                await asyncio.sleep(0)
            room.clock.advance(1)
            silent = asyncio.create_task(room.call(first))
            while not first.asked_at:
                await asyncio.sleep(0)
            early.done.set()
            await answered
            while len(first.asked_at) < 2:
                await asyncio.sleep(0)
            await room.call(late)
            first.done.set()
            await silent

        asyncio.run(together())

        assert first.asked_at == [1.0, 11.0]
        assert late.asked_at[0] >= 21.0, "it did not wait for the first"

    def test_a_refusal_for_another_reason_opens_it(self) -> None:
        room = Room()
        wrong = room.model(failing(WaitError, 10), failing(MalformedError))
        room.refused(wrong)

        models = [room.model() for _ in range(3)]
        room.ask(*models)

        assert [model.asked_at for model in models] == [[0.0]] * 3


class Talking(Scripted):
    """A model that fails as told, then says a word and goes on until `done`."""

    def __init__(self, clock: FakeClock, *failures: ProviderError, says: str = "Hm") -> None:
        super().__init__(clock, *failures)
        self.done = asyncio.Event()
        self._says = says

    async def reply(self, request: ChatRequest, on_text: OnText) -> ChatReply:
        def said(_text: str) -> None:
            if self._says:
                on_text(self._says)

        answer = await super().reply(request, said)
        await self.done.wait()
        return answer
