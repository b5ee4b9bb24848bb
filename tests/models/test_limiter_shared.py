"""A key that one process was told to spare is spared by all processes of the user. Two rooms stand for two processes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from cowork.models import closings, errors
from cowork.models.errors import DailyQuotaError, DownError, FundsError, ProviderError, WaitError
from cowork.models.limiter import DAILY_S, FUNDS_S
from tests.models.calls import Room, Scripted, SharedClock, failing

ACCOUNT = closings.account("acme", "sk-0123456789")


@pytest.fixture
def clock() -> SharedClock:
    return SharedClock()


@pytest.fixture
def one(clock: SharedClock) -> Room:
    return Room(account=ACCOUNT, clock=clock)


@pytest.fixture
def other(clock: SharedClock) -> Room:
    return Room(account=ACCOUNT, clock=clock, draw=lambda: 0.5)


def entries() -> list[dict[str, Any]]:
    return json.loads(closings.place(ACCOUNT).read_text())["closings"]


class TestAWaitOfAnotherProcess:
    def test_longer_than_the_longest_is_the_same_error_at_once_with_the_time_that_is_left(self, one: Room, other: Room) -> None:
        one.refused(one.model(failing(WaitError, 3600)))
        one.clock.advance(600)
        spared = other.model()

        error = other.refused(spared)

        assert (type(error), error.retry_after, spared.asked_at, other.clock.slept) == (WaitError, 3000.0, [], [])
        assert error.message == "acme/m-1: not asked: it said to wait, and it is asked again in 50 min"
        assert error.hint is not None
        assert "cowork provider check acme/m-1" in error.hint

    def test_that_is_short_is_waited_for_and_a_moment_longer(self, one: Room, other: Room) -> None:
        patient = Room(account=ACCOUNT, clock=one.clock, retries=0)
        patient.refused(patient.model(failing(WaitError, 12)))
        model = other.model()

        other.ask(model)

        assert model.asked_at == [12.5]
        assert other.events == [("call.waiting", {"reason": "provider.rate_limited", "wait_s": 12.0})]

    def test_lets_one_seat_of_this_process_go_first(self, one: Room, other: Room) -> None:
        patient = Room(account=ACCOUNT, clock=one.clock, retries=0)
        patient.refused(patient.model(failing(WaitError, 12)))
        models = [other.model() for _ in range(4)]

        other.ask(*models)

        asked = sorted(model.asked_at[0] for model in models)
        assert asked[0] == 12.5
        assert asked[1] > 12.5

    def test_is_over_for_all_once_one_of_them_is_answered(self, one: Room, other: Room) -> None:
        one.refused(one.model(failing(WaitError, 40)))
        one.clock.advance(40)
        one.ask(one.model())

        assert not closings.place(ACCOUNT).exists()
        model = other.model()
        other.ask(model)
        assert (model.asked_at, other.clock.slept) == ([0.0], [])

    def test_that_nobody_named_a_time_for_is_shared_while_it_lasts(self, one: Room, other: Room) -> None:
        asked: list[float] = []

        class Looking(Scripted):
            async def reply(self, *args: Any) -> Any:
                asked.append(len(entries()) if closings.place(ACCOUNT).exists() else 0)
                return await super().reply(*args)

        one.ask(Looking(one.clock, failing(WaitError)))

        assert asked == [0, 1]
        assert not closings.place(ACCOUNT).exists()

    def test_is_no_matter_of_a_server_that_is_down(self, one: Room) -> None:
        one.ask(one.model(failing(DownError)))
        assert not closings.place(ACCOUNT).exists()

    def test_ends_later_when_a_later_end_is_named_and_not_sooner(self, one: Room, other: Room) -> None:
        for wait in (100, 500, 200):
            one = Room(account=ACCOUNT, clock=one.clock)
            closings.close(ACCOUNT, closings.lasting("rate_limited", wait, one.clock.now()), one.clock.now())

        assert other.refused(other.model()).retry_after == 500.0
        assert len(entries()) == 1


class BusyClock(SharedClock):
    """A clock by which another process is told to wait for 20 seconds whenever somebody has slept."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        closings.close(ACCOUNT, closings.lasting("rate_limited", 20, self.now()), self.now())


def test_no_call_waits_for_ever_behind_those_of_others() -> None:
    room = Room(account=ACCOUNT, clock=BusyClock(), draw=lambda: 0.0)
    closings.close(ACCOUNT, closings.lasting("rate_limited", 20, room.clock.now()), room.clock.now())

    assert room.refused(room.model()).retry_after == 20.0
    assert room.clock.slept == [20.0, 20.0, 20.0]  # twice the longest wait: as long as its own two tries could have taken


@pytest.mark.parametrize(("kind", "seconds"), [(FundsError, FUNDS_S), (DailyQuotaError, DAILY_S)])
def test_no_money_and_a_quota_that_is_used_up_are_not_waited_for(
    one: Room, other: Room, kind: type[ProviderError], seconds: float
) -> None:
    one.refused(one.model(failing(kind)))
    one.clock.advance(seconds - 5)

    error = other.refused(other.model())

    assert (type(error), error.retry_after, other.clock.slept) == (kind, 5.0, [])
    one.clock.advance(5)
    assert [reply.text for reply in other.ask(other.model())] == ["Hello"]


def test_a_daily_quota_is_closed_until_the_time_that_was_named_and_for_its_model_alone(one: Room, other: Room) -> None:
    one.refused(one.model(failing(DailyQuotaError, 7200)))
    small = other.model()
    small.model = "m-small"

    assert other.refused(other.model()).retry_after == 7200.0
    other.ask(small)

    assert small.asked_at == [0.0]
    assert other.refused(other.model()).retry_after == 7200.0  # an answer of another model disproves nothing


def test_money_that_lacks_concerns_every_model(one: Room, other: Room) -> None:
    one.refused(one.model(failing(FundsError, 90_000)))
    small = other.model()
    small.model = "m-small"

    assert other.refused(small).retry_after == FUNDS_S


@pytest.mark.parametrize("kind", [errors.AuthError, errors.RegionError, errors.BadModelError, errors.MalformedError])
def test_other_failures_close_nothing(one: Room, kind: type[ProviderError]) -> None:
    one.refused(one.model(failing(kind)))
    assert not closings.place(ACCOUNT).exists()


def test_reading_and_success_make_nothing(one: Room, home: Path) -> None:
    one.ask(one.model())
    assert not home.exists()


def test_another_key_is_open(one: Room) -> None:
    one.refused(one.model(failing(WaitError, 3600)))
    other = Room(account=closings.account("acme", "sk-another"), clock=one.clock)
    other.ask(other.model())
    assert other.clock.slept == []


BROKEN = {
    "cut short": b'{"schema": "cowork.limit/1", "closings": [',
    "of something else": b'{"schema": "cowork.lock/1", "closings": []}',
    "a list": b"[]",
    "deep": b"[" * 50_000,
    "not UTF-8": b"\xff\xfe",
    "too large": b" " * 100_000,
    "a closing of no kind": b'{"schema": "cowork.limit/1", "closings": [{"kind": [], "since": "x", "until": "y"}]}',
    "times without a zone": b'{"schema": "cowork.limit/1", "closings": [{"kind": "funds", "since": "2026-01-31T08:05:00",'
    b' "until": "2026-01-31T09:05:00"}]}',
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_broken_or_foreign_is_told_of_once_and_closes_nothing(one: Room, raw: bytes) -> None:
    path = closings.place(ACCOUNT)
    path.parent.mkdir(parents=True)
    path.write_bytes(raw)

    for _ in range(2):
        one.ask(one.model())

    assert [kind for kind, _ in one.events] == ["limits.ignored"]
    assert str(path) in one.events[0][1]["message"]
    assert path.read_bytes() == raw
    one.refused(one.model(failing(WaitError, 3600)))  # and is written anew when there is something to say
    assert [entry["kind"] for entry in entries()] == ["rate_limited"]


@pytest.mark.parametrize("odd", ["directory", "fifo", "dangling link", "no directory at all"])
def test_what_cannot_be_written_is_kept_in_the_process(one: Room, home: Path, odd: str) -> None:
    path = closings.place(ACCOUNT)
    if odd == "no directory at all":
        home.write_text("a file")
    else:
        path.parent.mkdir(parents=True)
        {"directory": path.mkdir, "fifo": lambda: os.mkfifo(path), "dangling link": lambda: path.symlink_to("/nowhere")}[odd]()

    one.refused(one.model(failing(WaitError, 3600)))

    assert one.refused(one.model()).retry_after == 3600.0


def test_a_clock_that_is_set_back_locks_nobody_out(one: Room, other: Room) -> None:
    one.refused(one.model(failing(WaitError, 3600)))
    one.clock.moment = one.clock.moment.replace(year=2020)

    other.ask(other.model())

    assert other.clock.slept == []


def test_a_clock_that_is_set_back_a_little_makes_no_wait_longer(one: Room, other: Room) -> None:
    one.refused(one.model(failing(WaitError, 3600)))
    one.clock.advance(-50)

    assert other.refused(other.model()).retry_after == 3600.0


def test_a_file_cannot_close_a_key_for_longer_than_the_longest_sane_wait(one: Room) -> None:
    path = closings.place(ACCOUNT)
    path.parent.mkdir(parents=True)
    entry = {"kind": "rate_limited", "model": None, "since": "2026-01-31T08:00:00Z", "until": "2126-01-31T08:00:00Z"}
    path.write_text(json.dumps({"schema": closings.SCHEMA, "closings": [entry]}))

    one.ask(one.model())

    assert one.clock.slept == []
