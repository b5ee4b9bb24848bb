"""The one place that waits: for what waiting helps, and as long as the server says."""

from __future__ import annotations

import asyncio

import pytest

from cowork.core.paths import home
from cowork.models import errors
from cowork.models.chat import ChatReply, ChatRequest, OnText
from cowork.models.errors import DownError, ProviderError, WaitError
from cowork.models.retrying import BASE_WAIT_S, LONGEST_WAIT_S
from tests.models.calls import Room, Scripted, failing


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

        assert room.clock.slept == [5.0, 15.0, 30.0]
        assert room.limiter.retried == 3

    def test_waits_a_random_part_of_that_drawn_each_time(self) -> None:
        room = Room(retries=3, draw=iter([0.5, 0.0, 0.9]).__next__)
        model = room.model(*(failing(DownError) for _ in range(3)))

        room.ask(model)

        assert model.asked_at == [0.0, 2.5, 2.5, 29.5]

    def test_waits_no_longer_for_ever_so_many_tries(self) -> None:
        room = Room(retries=2000)
        model = room.model(*(failing(DownError) for _ in range(2000)))

        room.ask(model)

        assert max(room.clock.slept) == LONGEST_WAIT_S

    def test_is_left_alone_where_waiting_is_switched_off(self) -> None:
        room = Room(enabled=False, account="k")
        last = failing(WaitError, 1)

        assert room.refused(room.model(last)) is last
        room.ask(room.model())
        assert (room.clock.slept, room.events) == ([], [])
        assert not home().exists()

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


class TestACallWithADeadline:
    def deadline(self, room: Room, seconds: float) -> float:
        return room.clock.monotonic() + seconds

    def test_takes_a_wait_that_ends_with_it(self) -> None:
        room = Room()
        model = room.model(failing(WaitError, 10))

        asyncio.run(room.call(model, deadline=self.deadline(room, 10)))

        assert model.asked_at == [0.0, 10.0]

    def test_takes_no_wait_that_goes_beyond_it(self) -> None:
        room = Room()
        said = failing(WaitError, 10)

        with pytest.raises(WaitError) as caught:
            asyncio.run(room.call(room.model(said), deadline=self.deadline(room, 9.9)))

        assert caught.value is said
        assert (room.clock.slept, room.events, room.limiter.retried) == ([], [], 0)

    @pytest.mark.parametrize("kind", [WaitError, DownError])
    def test_does_not_wait_behind_others_beyond_it(self, kind: type[ProviderError]) -> None:
        room = Room()
        second = room.model()

        async def behind_another() -> None:
            waiting = asyncio.create_task(room.call(room.model(failing(kind, 10))))
            while not room.clock.slept:
                await asyncio.sleep(0)
            with pytest.raises(kind) as caught:
                await room.call(second, deadline=self.deadline(room, 5))
            assert caught.value.retry_after == pytest.approx(10)
            await waiting

        asyncio.run(behind_another())
        assert second.asked_at == []


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
                "wait_s": 5.0,
                "attempt": 1,
                "discarded_characters": 14,
            },
        )
    ]
