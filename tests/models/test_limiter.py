"""The one place that waits: for what waiting helps, and as long as the server says."""

from __future__ import annotations

import asyncio

import pytest

from cowork.models import errors
from cowork.models.chat import ChatReply, ChatRequest, OnText
from cowork.models.errors import DownError, ProviderError, WaitError
from cowork.models.limiter import BASE_WAIT_S, LONGEST_WAIT_S
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
