"""How runs end: one terminal event each, with a reason for scripts and an exit code."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

import pytest

from cowork.core.clock import SystemClock
from cowork.core.errors import Conflict, InvalidInput
from cowork.loop.engine import starting
from cowork.loop.engine.events import TERMINAL
from cowork.loop.engine.order import ErrorHandling, Limits, LoopOrder, RateLimits
from tests.loop.engine.driving import Ended, Stage, asks, breaks, done, limited, refused, says
from tests.models.surroundings import settings

AT_ONCE = ErrorHandling(max_retries=0)
Ending = tuple[str, str, int, str | None]


def _completed(stage: Stage) -> Ended:
    return stage.run(done())


def _limit(stage: Stage) -> Ended:
    return stage.run(says("more"), order=stage.order(limits=Limits(iterations=1)))


def _stagnated(stage: Stage) -> Ended:
    return stage.run(*[says("the same")] * 5, order=stage.order(limits=Limits(stagnation=2)))


def _blocked(stage: Stage) -> Ended:
    return stage.run(asks("Which database?"))


def _rate_limited(stage: Stage) -> Ended:
    return stage.run(limited(60), order=stage.order(rates=RateLimits(when_all="exit")))


def _failed(stage: Stage) -> Ended:
    return stage.run(breaks(), order=stage.order(errors=AT_ONCE))


def _unfinished(stage: Stage) -> Ended:
    stage.tasks({"id": "a", "title": "A"}, {"id": "b", "title": "B"})
    return stage.run(done(), breaks(), order=stage.order(None, errors=AT_ONCE))


def _no_agent(stage: Stage) -> Ended:
    return stage.run(refused())


def _aborted(stage: Stage) -> Ended:
    return stage.run(breaks(), order=stage.order(errors=ErrorHandling(strategy="abort")))


def _cancelled(stage: Stage) -> Ended:
    async def cancel(_: object) -> None:
        stage.post("cancel")
        await asyncio.Event().wait()

    return stage.run(says("", meanwhile=cancel))


def _stopped(stage: Stage) -> Ended:
    async def stop(_: object) -> None:
        stage.post("stop")
        await stage.until("run.stopping")

    return stage.run(says("more", meanwhile=stop))


def _signalled(number: int) -> Callable[[Stage], Ended]:
    def run(stage: Stage) -> Ended:
        async def die(_: object) -> None:
            os.kill(os.getpid(), number)
            await asyncio.Event().wait()

        return stage.run(says("", meanwhile=die))

    return run


@pytest.mark.parametrize(
    ("run", "ending"),
    [
        (_completed, ("completed", "done", 0, None)),
        (_limit, ("limit", "iterations", 8, "loop.limit")),
        (_stagnated, ("stagnated", "stagnation", 1, "loop.stagnated")),
        (_blocked, ("blocked", "question", 8, "loop.blocked")),
        (_rate_limited, ("rate-limited", "limited", 7, "loop.rate_limited")),
        (_failed, ("failed", "tasks_left", 1, "loop.failed")),
        (_unfinished, ("failed", "tasks_left", 9, "loop.unfinished")),
        (_no_agent, ("failed", "no_agent", 1, "loop.failed")),
        (_aborted, ("aborted", "failed", 1, "loop.aborted")),
        (_cancelled, ("aborted", "cancelled", 1, "loop.aborted")),
        (_stopped, ("interrupted", "stopped", 8, "loop.stopped")),
        (_signalled(signal.SIGINT), ("interrupted", "sigint", 130, "loop.interrupted")),
        (_signalled(signal.SIGTERM), ("interrupted", "sigterm", 143, "loop.terminated")),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_run_ends_with_one_event_a_reason_and_an_exit_code(
    stage: Stage, run: Callable[[Stage], Ended], ending: Ending
) -> None:
    ended = run(stage)

    assert ended.ending == ending
    terminal = [event for event in ended.events if event["type"] in TERMINAL]
    assert [(TERMINAL[event["type"]], event["data"]["reason"]) for event in terminal] == [ending[:2]]
    assert ended.events[-1] == terminal[0]
    assert (ended.page["status"], ended.page["reason"]) == ending[:2]
    assert ended.report.message == ended.page["message"] == terminal[0]["data"]["message"] != ""


@pytest.mark.parametrize("run", [_limit, _stagnated, _blocked, _rate_limited, _failed, _unfinished, _stopped, _aborted])
def test_every_end_but_the_good_one_says_how_to_go_on(stage: Stage, run: Callable[[Stage], Ended]) -> None:
    ended = run(stage)
    assert ended.error is not None
    assert f"cowork loop resume {ended.place.session_id}" in str(ended.error.hint)
    assert ended.error.cause


@pytest.mark.parametrize("run", [_stagnated, _failed, _unfinished])
def test_what_was_given_up_needs_again(stage: Stage, run: Callable[[Stage], Ended]) -> None:
    ended = run(stage)
    assert ended.error is not None and str(ended.error.hint).endswith("--again")
    assert stage.resume().status == ended.status, "without it nothing is tried"
    assert stage.resume(done(), again=True).status == "completed"


@pytest.mark.parametrize("run", [_aborted, _no_agent, _cancelled, _stopped, _signalled(signal.SIGINT)])
def test_what_ended_for_another_reason_is_gone_on_with_as_it_stands(stage: Stage, run: Callable[[Stage], Ended]) -> None:
    before = run(stage)
    ended = stage.resume(done())
    assert ended.ending == ("completed", "done", 0, None)
    assert ended.place == before.place
    assert ended.page["resumes"] == 1


def test_what_is_complete_is_not_gone_on_with(stage: Stage) -> None:
    before = stage.run(done())
    with pytest.raises(Conflict) as caught:
        stage.resume(done())
    assert (caught.value.code, caught.value.exit_code) == ("session.finished", 5)
    assert before.events == Ended(before.place, before.report, None).events


def test_two_runs_do_not_work_on_one_project(stage: Stage) -> None:
    codes: list[tuple[str, int]] = []

    def another(_: object) -> None:
        with pytest.raises(Conflict) as caught:
            starting.start(order, settings(), SystemClock())
        codes.append((caught.value.code, caught.value.exit_code))

    order = stage.order()
    assert stage.run(done(meanwhile=another), order=order).status == "completed"
    assert codes == [("session.locked", 5)]


def test_a_file_of_tasks_that_broke_is_an_error_and_never_the_end(stage: Stage) -> None:
    path = stage.tasks({"id": "a", "title": "A"}, {"id": "b", "title": "B"})
    held = path.read_text()

    def spoil(_: object) -> None:
        path.write_text(held[: len(held) // 2])

    error = stage.fails(says("hm", meanwhile=spoil), task=None)
    assert isinstance(error, InvalidInput) and error.code == "tasks.invalid"
    path.write_text(held)
    ended = stage.resume(done(), done())
    assert ended.ending == ("completed", "done", 0, None)
    assert [item["reason"] for item in ended.of("run.failed")] == ["tasks.invalid"]


def test_a_file_of_tasks_that_broke_before_a_task_was_marked_is_marked_on_resuming(stage: Stage) -> None:
    path = stage.tasks({"id": "a", "title": "A"})
    held = path.read_text()
    stage.fails(done(meanwhile=lambda _: path.write_text("{")), task=None)
    path.write_text(held)
    stage.cast(one=[])
    ended = stage.resume()
    assert (ended.status, len(stage.names)) == ("completed", 1), "nobody was asked again"
    assert stage.in_file("a")["status"] == "done"


def test_an_order_is_not_taken_from_a_journal_that_was_changed(stage: Stage) -> None:
    order: LoopOrder = stage.order()
    ended = stage.run(says("hm"), order=stage.order(limits=Limits(iterations=1)))
    assert ended.state.order is not None
    assert ended.state.order.task == order.task
    text = ended.place.journal.read_text().replace('"agents":[', '"agents":7,"x":[', 1)
    ended.place.journal.write_text(text)
    with pytest.raises(InvalidInput) as caught:
        stage.resume(done())
    assert caught.value.code == "session.not_resumable"
