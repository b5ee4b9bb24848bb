"""Rate limits cost no iteration and no task: others work, or the run waits until the first reset, or it exits as asked."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from cowork.loop.engine.order import ErrorHandling, Limits, RateLimits
from cowork.models import errors
from tests.loop.engine.driving import Stage, agent, done, limited, refused, says
from tests.support import FakeClock

TWO = (agent("one"), agent("two"))
EXIT = RateLimits(when_all="exit")


def switches(ended: Any) -> list[tuple[str, str, str]]:
    return [(item["before"], item["after"], item["reason"]) for item in ended.of("agent.switched")]


def test_another_agent_goes_on_in_the_same_iteration(stage: Stage) -> None:
    stage.cast(one=[limited(600)], two=[done()])
    ended = stage.run(order=stage.order(agents=TWO, errors=ErrorHandling(strategy="abort"), limits=Limits(failures=1)))

    assert (ended.status, ended.report.iterations) == ("completed", 1)
    assert [job.iteration for _, job in stage.asked] == [1, 1]
    assert [item["iteration"] for item in ended.of("iteration.started")] == [1]
    assert ended.of("iteration.completed")[0]["agent"] == "two"
    assert switches(ended) == [("one", "two", "limited")]
    assert stage.clock.slept == []


def test_who_is_limited_and_until_when_is_on_record(stage: Stage) -> None:
    stage.cast(one=[limited(600)], two=[says("a"), done()])
    ended = stage.run(order=stage.order(agents=TWO))
    assert ended.of("agent.limited") == [
        {"agent": "one", "until": "2026-01-31T08:15:02.000Z", "wait_s": 600.0, "message": "p/m: slow down"}
    ]
    assert ended.page["rate_limited_agents"] == {"one": "2026-01-31T08:15:02.000Z"}
    assert ended.page["current_agent"] == "two"
    assert ended.page["agent_switch_history"] == [
        {"at": "2026-01-31T08:05:02.000Z", "before": "one", "after": "two", "reason": "limited"}
    ]
    assert ended.page["fallback_agents"] == ["two"]


def test_between_iterations_the_first_agent_works_again_once_it_can(stage: Stage) -> None:
    stage.cast(one=[limited(3), done()], two=[says("a"), says("b")])
    ended = stage.run(order=stage.order(agents=TWO))
    assert stage.names == ["one", "two", "two", "one"]
    assert switches(ended) == [("one", "two", "limited"), ("two", "one", "primary")]
    assert ended.page["rate_limited_agents"] == {}


def test_without_recovery_whoever_works_goes_on(stage: Stage) -> None:
    stage.cast(one=[limited(1)], two=[says("a"), says("b"), done()])
    stage.run(order=stage.order(agents=TWO, rates=RateLimits(recover_primary=False)))
    assert stage.names == ["one", "two", "two", "two"]


def test_without_recovery_the_first_one_works_again_when_the_other_is_limited(stage: Stage) -> None:
    stage.cast(one=[limited(1), done()], two=[says("a"), limited(500)])
    stage.run(order=stage.order(agents=TWO, rates=RateLimits(recover_primary=False)))
    assert stage.names == ["one", "two", "two", "one"]


def test_when_all_are_limited_it_waits_until_the_first_reset(stage: Stage) -> None:
    stage.cast(one=[limited(600)], two=[limited(60), done()])
    ended = stage.run(order=stage.order(agents=TWO))
    assert ended.of("agents.limited") == [{"until": "2026-01-31T08:06:04.000Z", "wait_s": 60.0, "tried": ["one", "two"]}]
    assert stage.clock.slept == [60]
    assert stage.names == ["one", "two", "two"]
    assert (ended.status, ended.report.iterations) == ("completed", 1)


def test_when_all_are_limited_it_exits_where_that_is_asked_for_and_loses_nothing(stage: Stage) -> None:
    stage.tasks({"id": "a", "title": "A"})
    stage.cast(one=[limited(600)], two=[limited(60)])
    ended = stage.run(order=stage.order(None, agents=TWO, rates=EXIT, errors=ErrorHandling(strategy="skip")))
    assert ended.ending == ("rate-limited", "limited", 7, "loop.rate_limited")
    assert "60 s" in ended.report.message
    assert (ended.report.iterations, [task.attempts for task in ended.report.tasks]) == (0, [0])
    assert ended.of("task.skipped", "task.failed") == []

    again = stage.resume()
    assert (again.status, len(stage.asked)) == ("rate-limited", 2), "the limits are known still"

    stage.clock.advance(61)
    stage.cast(two=[done()])
    ended = stage.resume()
    assert (ended.status, ended.report.iterations, stage.names[2:]) == ("completed", 1, ["two"])


def test_a_limit_without_an_end_is_waited_for_longer_every_time(stage: Stage) -> None:
    ended = stage.run(limited(None), limited(None), limited(None), says("a"), limited(None), done())
    assert stage.clock.slept == [5, 15, 45, 5]
    assert [item["wait_s"] for item in ended.of("agent.limited")] == [5, 15, 45, 5]
    assert ended.report.iterations == 2


def test_that_wait_has_an_end(stage: Stage) -> None:
    stage.run(*[limited(None)] * 8, done())
    assert max(stage.clock.slept) == 3600


def test_a_day_that_is_used_up_is_a_limit(stage: Stage) -> None:
    spent = errors.DailyQuotaError("all used", provider="p", model="m", retry_after=7200)
    ended = stage.run(says("", error=spent), done())
    assert (ended.status, stage.clock.slept) == ("completed", [7200])


def test_waiting_is_time_and_ends_with_the_limit_on_time(stage: Stage) -> None:
    ended = stage.run(limited(600), order=stage.order(limits=Limits(seconds=100)))
    assert ended.ending[:2] == ("limit", "time")
    assert stage.clock.slept == [98]


class PutBack(FakeClock):
    """A clock whose time of day is put back, and whose seconds go on."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def monotonic(self) -> float:
        return self.passed

    def advance(self, seconds: float) -> None:
        self.passed += seconds
        super().advance(seconds)

    def put_back(self, seconds: float) -> None:
        self.moment -= timedelta(seconds=seconds)


class TestWithAClockThatIsPutBack:
    @pytest.fixture
    def clock(self) -> FakeClock:
        return PutBack()

    def test_nobody_waits_longer(self, stage: Stage) -> None:
        assert isinstance(stage.clock, PutBack)
        back = stage.clock.put_back
        stage.cast(one=[limited(60), done()], two=[limited(90, meanwhile=lambda _: back(86_400))])
        ended = stage.run(order=stage.order(agents=TWO))
        assert (ended.status, stage.clock.slept) == ("completed", [58])

    def test_nor_after_going_on(self, stage: Stage) -> None:
        assert isinstance(stage.clock, PutBack)
        assert stage.run(limited(60), order=stage.order(rates=EXIT)).status == "rate-limited"
        stage.clock.put_back(86_400)
        stage.clock.advance(61)
        ended = stage.resume()
        assert "60 s" in ended.report.message, "no more than was asked for, whatever the time of day says"
        stage.clock.advance(86_400)
        assert stage.resume(done()).status == "completed"

    def test_time_that_was_worked_is_not_counted_by_it(self, stage: Stage) -> None:
        assert isinstance(stage.clock, PutBack)
        back = stage.clock.put_back
        ended = stage.run(says("a", meanwhile=lambda _: back(86_400)), done())
        assert ended.report.seconds == 4


@pytest.mark.parametrize(
    "kind",
    [errors.AuthError, errors.FundsError, errors.RegionError, errors.BadModelError, errors.NotInstalledError,
     errors.UntrustedError],
)  # fmt: skip
def test_an_agent_that_cannot_be_used_is_no_failure_as_long_as_there_are_others(stage: Stage, kind: Any) -> None:
    stage.cast(one=[says("", error=kind("no", provider="p", model="m"))], two=[says("a"), done()])
    ended = stage.run(order=stage.order(agents=TWO, errors=ErrorHandling(strategy="abort")))
    assert (ended.status, stage.names) == ("completed", ["one", "two", "two"])
    assert switches(ended) == [("one", "two", "unusable")]
    assert [item["code"] for item in ended.of("agent.failed")] == [f"provider.{kind.kind}"]
    assert ended.report.iterations == 2


def test_when_nobody_can_be_used_the_run_fails_and_says_why(stage: Stage) -> None:
    stage.cast(one=[refused()], two=[refused()])
    ended = stage.run(order=stage.order(agents=TWO))
    assert ended.ending == ("failed", "no_agent", 1, "loop.failed")
    assert "the key is refused" in ended.report.message
    assert ended.report.iterations == 0


def test_who_cannot_be_used_is_not_waited_for(stage: Stage) -> None:
    stage.cast(one=[refused()], two=[limited(30), done()])
    ended = stage.run(order=stage.order(agents=TWO))
    assert (ended.status, stage.clock.slept) == ("completed", [30])


def test_who_could_not_be_used_is_tried_again_when_the_run_is_gone_on_with(stage: Stage) -> None:
    stage.cast(one=[refused()], two=[refused()])
    stage.run(order=stage.order(agents=TWO))
    assert stage.resume(done()).status == "completed"


def test_a_failing_exit_code_after_a_limit_is_told_as_the_failure_it_is(stage: Stage) -> None:
    stage.cast(one=[limited(600)], two=[says("crash", exit_code=4)])
    order = stage.order(agents=TWO, errors=ErrorHandling(max_retries=0))
    ended = stage.run(order=order)
    assert [item["code"] for item in ended.of("agent.failed")] == ["provider.rate_limited", "loop.agent_exit"]
    assert ended.report.tasks[0].why == "its program ended with 4"


class Waits(FakeClock):
    """A clock that stands still while somebody sleeps, until what `during` does has an end."""

    during: Any = None

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self.during is None:
            self.advance(seconds)
            return
        during, self.during = self.during, None
        asyncio.get_running_loop().call_soon(during)
        await asyncio.Event().wait()


class TestWhileItWaits:
    @pytest.fixture
    def clock(self) -> FakeClock:
        return Waits()

    def during(self, stage: Stage, what: Any) -> None:
        assert isinstance(stage.clock, Waits)
        stage.clock.during = what

    def test_it_can_be_stopped(self, stage: Stage) -> None:
        self.during(stage, lambda: stage.post("stop"))
        ended = stage.run(limited(3600))
        assert ended.ending[:3] == ("interrupted", "stopped", 8)
        assert ended.report.iterations == 0

    def test_it_can_be_cancelled(self, stage: Stage) -> None:
        self.during(stage, lambda: stage.post("cancel"))
        assert stage.run(limited(3600)).ending[:3] == ("aborted", "cancelled", 1)

    def test_it_can_be_paused_and_goes_on_waiting_afterwards(self, stage: Stage) -> None:
        tasks = []

        async def later() -> None:
            await stage.until("run.paused")
            stage.clock.advance(600)
            stage.post("resume")

        def pause() -> None:
            stage.post("pause")
            tasks.append(asyncio.create_task(later()))

        self.during(stage, pause)
        ended = stage.run(limited(3600), done())
        assert ended.status == "completed"
        assert stage.clock.slept == [3600, 3000]
        assert ended.report.seconds == 2 + 3000 + 2, "while it pauses it does not wait"
        assert [kind for kind in ended.kinds if kind in ("run.pausing", "run.paused", "run.continued")] == [
            "run.pausing",
            "run.paused",
            "run.continued",
        ]
