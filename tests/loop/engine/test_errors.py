"""What follows a failed iteration: it is tried again, its task is left, or the run ends."""

from __future__ import annotations

import pytest

from cowork.core.errors import InvalidInput, Unavailable
from cowork.loop.engine.order import ErrorHandling, Limits
from cowork.models import errors
from tests.loop.engine.driving import Stage, breaks, done, says


def test_retry_tries_again_after_a_wait_and_then_leaves_the_task(stage: Stage) -> None:
    stage.tasks({"id": "a", "title": "A"}, {"id": "b", "title": "B"})
    order = stage.order(None, errors=ErrorHandling(max_retries=2, retry_delay_ms=1500))
    ended = stage.run(breaks("1"), breaks("2"), breaks("3"), done(), order=order)

    assert [job.task for _, job in stage.asked] == ["a", "a", "a", "b"]
    assert [(item["attempt"], item["delay_ms"]) for item in ended.of("iteration.retrying")] == [(1, 1500), (2, 1500)]
    assert stage.clock.slept == [1.5, 1.5]
    skipped = ended.of("task.skipped")
    assert [(item["task"], item["reason"]) for item in skipped] == [("a", "failed")]
    assert "3 times in a row" in skipped[0]["message"]
    assert "p/m: 3" in skipped[0]["message"]
    assert ended.ending == ("failed", "tasks_left", 9, "loop.unfinished")


def test_no_retries_are_none(stage: Stage) -> None:
    ended = stage.run(breaks(), order=stage.order(errors=ErrorHandling(max_retries=0)))
    assert (ended.status, len(stage.asked), ended.of("iteration.retrying")) == ("failed", 1, [])


def test_retries_are_counted_for_failures_in_a_row(stage: Stage) -> None:
    order = stage.order(errors=ErrorHandling(max_retries=1, retry_delay_ms=0))
    ended = stage.run(breaks(), says("a"), breaks(), says("b"), done(), order=order)
    assert ended.status == "completed"
    assert [item["attempt"] for item in ended.of("iteration.retrying")] == [1, 1]


def test_retries_are_kept_when_the_run_is_gone_on_with(stage: Stage) -> None:
    order = stage.order(errors=ErrorHandling(max_retries=1, retry_delay_ms=0), limits=Limits(iterations=1))
    assert stage.run(breaks(), order=order).status == "limit"
    ended = stage.resume(breaks(), limits={"iterations": 9})
    assert (ended.status, ended.report.iterations) == ("failed", 2)


def test_skip_leaves_the_task_at_once(stage: Stage) -> None:
    stage.tasks({"id": "a", "title": "A"}, {"id": "b", "title": "B", "dependencies": ["a"]}, {"id": "c", "title": "C"})
    ended = stage.run(breaks(), done(), order=stage.order(None, errors=ErrorHandling(strategy="skip")))
    assert [job.task for _, job in stage.asked] == ["a", "c"]
    assert [(task.id, task.status) for task in ended.report.tasks] == [("a", "skipped"), ("b", "pending"), ("c", "done")]
    assert "b: waits for a (skipped)" in ended.report.message


def test_abort_ends_the_run_at_once(stage: Stage) -> None:
    stage.tasks({"id": "a", "title": "A"}, {"id": "b", "title": "B"})
    ended = stage.run(breaks("no route"), order=stage.order(None, errors=ErrorHandling(strategy="abort")))
    assert ended.ending == ("aborted", "failed", 1, "loop.aborted")
    assert len(stage.asked) == 1
    assert "a failed" in ended.report.message
    assert "no route" in ended.report.message


def test_with_continue_on_nonzero_exit_such_an_answer_is_one(stage: Stage) -> None:
    order = stage.order(errors=ErrorHandling(strategy="abort", continue_on_nonzero_exit=True))
    ended = stage.run(says("I got so far", exit_code=2), done(), order=order)
    assert [item["outcome"] for item in ended.of("iteration.completed")] == ["continued", "completed"]


@pytest.mark.parametrize(
    "error",
    [
        errors.DownError("cut", provider="p", model="m"),
        errors.MalformedError("no JSON", provider="p", model="m"),
        errors.TooBigError("too big", provider="p", model="m"),
        errors.ContentError("refused", provider="p", model="m"),
    ],
    ids=lambda error: error.kind,
)
def test_a_failed_call_is_a_failed_iteration(stage: Stage, error: Exception) -> None:
    ended = stage.run(says("", error=error), done(), order=stage.order(errors=ErrorHandling(retry_delay_ms=0)))
    assert [item["outcome"] for item in ended.of("iteration.completed")] == ["failed", "completed"]
    assert ended.report.iterations == 2


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("sandbox.unavailable", "there is no bwrap"),
        InvalidInput("replay.exhausted", "there is nothing left"),
        InvalidInput("template.unreadable", "no"),
    ],
    ids=lambda error: error.code,
)
def test_what_trying_again_does_not_mend_ends_the_run_with_its_own_code(stage: Stage, error: Exception) -> None:
    assert stage.fails(says("", error=error)) is error
    assert len(stage.asked) == 1


def test_what_an_agent_last_failed_with_is_the_word_on_its_task(stage: Stage) -> None:
    ended = stage.run(breaks("no route"), order=stage.order(errors=ErrorHandling(max_retries=0)))
    assert ended.report.tasks[0].why.endswith("no route")
    assert "no route" in ended.report.message


def test_the_wait_between_iterations_is_kept(stage: Stage) -> None:
    stage.run(says("a"), says("b"), done(), order=stage.order(iteration_delay_ms=250))
    assert stage.clock.slept == [0.25, 0.25]
