"""Limits: each ends a run in time, is kept when the run is gone on with, and can be widened there."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import InvalidInput, LimitReached
from cowork.loop.agents.timing import TimeIsUp
from cowork.loop.engine.order import ErrorHandling, Limits
from cowork.loop.engine.ordering import LoopWish, order_of
from tests.loop.engine.driving import Stage, Turn, agent, breaks, done, says
from tests.models.surroundings import settings
from tests.support import run_here

AT_ONCE = ErrorHandling(retry_delay_ms=0)
NAMES = {"iterations": "iterations", "time": "seconds", "tokens": "tokens", "cost": "usd"}


def turns(*texts: str, **more: Any) -> list[Turn]:
    return [says(text, **more) for text in texts]


@pytest.mark.parametrize(
    ("limits", "reason", "iterations"),
    [
        (Limits(iterations=2), "iterations", 2),
        (Limits(seconds=5), "time", 3),
        (Limits(tokens=220), "tokens", 2),
        (Limits(usd=0.03), "cost", 3),
    ],
)
def test_a_limit_is_kept_over_all_resumptions_and_can_be_widened(
    stage: Stage, limits: Limits, reason: str, iterations: int
) -> None:
    ended = stage.run(*turns("a", "b", "c", "d"), order=stage.order(limits=limits))
    assert ended.ending == ("limit", reason, 8, "loop.limit")
    assert (ended.report.iterations, len(stage.asked)) == (iterations, iterations)

    again = stage.resume(done())
    assert (again.ending[:2], len(stage.asked)) == (("limit", reason), iterations), "nobody was asked"

    wider = {NAMES[reason]: getattr(limits, NAMES[reason]) * 10}
    ended = stage.resume(done(), limits=wider)
    assert ended.ending == ("completed", "done", 0, None)
    assert ended.of("limits.changed") == [{"limits": wider}]
    assert ended.report.iterations == iterations + 1


@pytest.mark.parametrize(
    ("limits", "flag"),
    [
        (Limits(iterations=1), "--max-iterations 2"),
        (Limits(seconds=1), "--max-time 4"),
        (Limits(tokens=1), "--max-tokens 220"),
        (Limits(usd=0.001), "--max-cost 0.02"),
    ],
)
def test_the_hint_names_what_widens_it(stage: Stage, limits: Limits, flag: str) -> None:
    ended = stage.run(says("a"), order=stage.order(limits=limits))
    assert ended.error is not None
    assert str(ended.error.hint).endswith(flag)
    told = f"cowork loop resume {ended.place.session_id} {flag}"
    assert run_here("loop", "status", "--json").data["waits_for"] == f"to be gone on with: {told}"


def test_no_iterations_are_no_limit(stage: Stage) -> None:
    order = stage.order(limits=Limits(iterations=0, attempts=None))
    ended = stage.run(*turns(*map(str, range(55))), done(), order=order)
    assert (ended.status, ended.report.iterations, ended.page["max_iterations"]) == ("completed", 56, 0)
    assert "of at most" not in stage.prompts[0]


def test_a_limit_that_is_reached_with_the_last_task_still_completes(stage: Stage) -> None:
    """The limit keeps another iteration from beginning; when none is needed the run is done."""
    ended = stage.run(says("a"), done(), order=stage.order(limits=Limits(iterations=2)))
    assert ended.status == "completed"


def test_an_agent_has_no_more_time_than_the_run(stage: Stage) -> None:
    limits = Limits(seconds=10, iteration_s=60, idle_s=7)
    stage.run(says("a", seconds=4), says("b", seconds=6), order=stage.order(limits=limits))
    assert [(job.total_s, job.idle_s) for _, job in stage.asked] == [(10, 7), (6, 7)]


def test_an_agent_that_is_cut_off_by_the_time_of_the_run_has_not_failed(stage: Stage) -> None:
    late = TimeIsUp("loop.agent_late", "one", 10)
    ended = stage.run(says("", error=late, seconds=10), order=stage.order(limits=Limits(seconds=10)))
    assert ended.ending == ("limit", "time", 8, "loop.limit")
    assert (ended.report.iterations, ended.page["failures"]) == (0, 0)


@pytest.mark.parametrize("code", ["loop.agent_late", "loop.agent_idle"])
def test_an_agent_that_takes_too_long_or_says_nothing_has_failed(stage: Stage, code: str) -> None:
    late = TimeIsUp(code, "one", 3, partial="I began with")
    limits = Limits(iteration_s=3, idle_s=2)
    ended = stage.run(says("", error=late), done(), order=stage.order(limits=limits, errors=AT_ONCE))
    assert [(job.total_s, job.idle_s) for _, job in stage.asked] == [(3, 2), (3, 2)]
    assert [(item["code"], item["partial"]) for item in ended.of("agent.failed")] == [(code, "I began with")]
    assert [item["outcome"] for item in ended.of("iteration.completed")] == ["failed", "completed"]


def test_an_agent_that_used_up_its_turns_has_failed(stage: Stage) -> None:
    ended = stage.run(says("", error=LimitReached("agent.turns", "30 turns")), done(), order=stage.order(errors=AT_ONCE))
    assert [item["code"] for item in ended.of("agent.failed")] == ["agent.turns"]
    assert ended.status == "completed"


def test_a_cap_on_money_cannot_be_kept_with_an_agent_that_does_not_say_what_it_costs(stage: Stage) -> None:
    order = stage.order(limits=Limits(usd=5.0))
    ended = stage.run(says("a", usd=0.5), says("b", usd=None), order=order)
    assert ended.ending == ("limit", "cost_unknown", 8, "loop.limit")
    assert (ended.report.cost.usd, ended.report.cost.known, ended.report.cost.cap) == (None, False, 5.0)
    assert ended.of("run.limit")[0]["usd"] is None


def test_without_a_cap_an_unknown_cost_is_no_limit_and_is_said(stage: Stage) -> None:
    ended = stage.run(says("a", usd=None), done(usd=0.1))
    assert (ended.status, ended.report.cost.usd, ended.page["cost"]["known"]) == ("completed", None, False)


def test_failures_in_a_row_end_a_run_and_an_answer_between_them_counts_anew(stage: Stage) -> None:
    order = stage.order(limits=Limits(failures=2), errors=ErrorHandling(max_retries=9, retry_delay_ms=0))
    ended = stage.run(breaks(), says("a"), breaks("one"), breaks("two"), order=order)
    assert ended.ending == ("limit", "failures", 8, "loop.limit")
    assert "two" in ended.report.message
    assert stage.resume(done()).ending[:2] == ("limit", "failures")
    assert stage.resume(done(), limits={"failures": 3}).status == "completed"


def test_failures_in_a_row_count_over_tasks(stage: Stage) -> None:
    stage.tasks(*({"id": name, "title": name} for name in "abc"))
    order = stage.order(None, limits=Limits(failures=2), errors=ErrorHandling(strategy="skip"))
    assert stage.run(breaks(), breaks(), order=order).ending[:2] == ("limit", "failures")


def test_after_failures_in_a_row_again_begins_to_count_anew(stage: Stage) -> None:
    order = stage.order(limits=Limits(failures=2), errors=ErrorHandling(max_retries=1, retry_delay_ms=0))
    ended = stage.run(breaks(), breaks(), order=order)
    assert ended.error is not None
    assert str(ended.error.hint).endswith("--again")
    assert stage.resume(done(), again=True).status == "completed"


def test_a_task_has_so_many_attempts_and_then_others_have_their_turn(stage: Stage) -> None:
    stage.tasks({"id": "a", "title": "A"}, {"id": "b", "title": "B"})
    order = stage.order(None, limits=Limits(attempts=2))
    ended = stage.run(says("1"), says("2"), done(), order=order)
    assert [job.task for _, job in stage.asked] == ["a", "a", "b"]
    assert [(item["task"], item["reason"]) for item in ended.of("task.failed")] == [("a", "attempts")]
    assert ended.ending == ("failed", "tasks_left", 9, "loop.unfinished")
    assert [(task.status, task.attempts) for task in ended.report.tasks] == [("failed", 2), ("done", 0)]
    assert "status" not in stage.in_file("a"), "that it was given up is for the run to know"


def test_attempts_are_kept_and_can_be_widened(stage: Stage) -> None:
    order = stage.order(limits=Limits(attempts=2))
    assert stage.run(says("1"), says("2"), order=order).ending[:2] == ("failed", "tasks_left")
    assert stage.resume(done()).status == "failed"
    assert stage.resume(says("3"), limits={"attempts": 3}).status == "failed"
    assert stage.resume(done(), limits={"attempts": 4}).status == "completed"


def test_attempts_are_numbered(stage: Stage) -> None:
    ended = stage.run(says("1"), done())
    assert [item["attempt"] for item in ended.of("iteration.started")] == [1, 2]


@pytest.fixture
def repository(stage: Stage) -> None:
    subprocess.run(["git", "init", "-q"], cwd=stage.project, check=True)


ALIKE = [says("I will look at it.")] * 9


@pytest.mark.usefixtures("repository")
def test_the_same_words_and_the_same_changes_are_a_standstill(stage: Stage) -> None:
    ended = stage.run(*ALIKE, order=stage.order(limits=Limits(stagnation=3)))
    assert ended.ending == ("stagnated", "stagnation", 1, "loop.stagnated")
    assert [(item["times"], item["remedy"]) for item in ended.of("stagnation.noticed")] == [(3, "stop")]
    assert ended.report.iterations == 4, "what the first one changed is not known: three more are alike"


@pytest.mark.usefixtures("repository")
def test_the_same_words_with_other_changes_are_none(stage: Stage) -> None:
    working = [says("I will look at it.", writes={"n": str(number)}) for number in range(4)]
    ended = stage.run(*working, done(), order=stage.order(limits=Limits(stagnation=2)))
    assert ended.status == "completed"


def test_other_words_with_the_same_changes_are_none(stage: Stage) -> None:
    ended = stage.run(*turns(*"abcdef"), done(), order=stage.order(limits=Limits(stagnation=2)))
    assert ended.status == "completed"


def test_without_that_limit_nobody_looks(stage: Stage) -> None:
    ended = stage.run(*ALIKE, done(), order=stage.order(limits=Limits(stagnation=None)))
    assert ended.status == "completed"
    assert {item["diff_digest"] for item in ended.of("iteration.completed")} == {None}


def test_a_standstill_is_kept_when_the_run_is_gone_on_with(stage: Stage) -> None:
    limits = Limits(stagnation=3, iterations=2)
    assert stage.run(*ALIKE[:2], order=stage.order(limits=limits)).status == "limit"
    ended = stage.resume(*ALIKE, limits={"iterations": 9})
    assert (ended.status, ended.report.iterations) == ("stagnated", 4)


def test_at_a_standstill_another_agent_works_then_another_task_then_it_ends(stage: Stage) -> None:
    stage.tasks({"id": "a", "title": "A"}, {"id": "b", "title": "B"})
    stage.cast(one=ALIKE, two=ALIKE)
    order = stage.order(None, agents=(agent("one"), agent("two")), limits=Limits(stagnation=2))
    ended = stage.run(order=order)

    assert [(item["task"], item["remedy"]) for item in ended.of("stagnation.noticed")] == [
        ("a", "switch"),
        ("a", "skip"),
        ("b", "switch"),
        ("b", "stop"),
    ]
    assert [(item["after"], item["reason"]) for item in ended.of("agent.switched")] == [
        ("two", "stagnation"),
        ("one", "primary"),
        ("two", "stagnation"),
    ]
    assert ended.ending[:2] == ("stagnated", "stagnation")
    assert [task.status for task in ended.report.tasks] == ["skipped", "skipped"]


def test_a_task_at_a_standstill_and_others_that_are_done_are_a_standstill_in_part(stage: Stage) -> None:
    stage.tasks({"id": "a", "title": "A"}, {"id": "b", "title": "B"})
    ended = stage.run(*ALIKE[:3], done(), order=stage.order(None, limits=Limits(stagnation=2)))
    assert (ended.status, ended.report.done) == ("stagnated", 1)


def test_limits_can_be_changed_while_it_runs(stage: Stage) -> None:
    async def widen(_: object) -> None:
        stage.post("limits", iterations=2)
        await stage.until("limits.changed")

    ended = stage.run(says("a", meanwhile=widen), done(), order=stage.order(limits=Limits(iterations=1)))
    assert (ended.status, ended.report.max_iterations) == ("completed", 2)


def test_a_cap_on_money_is_refused_for_agents_whose_cost_is_not_known(home: Path) -> None:
    home.mkdir()
    (home / "config.yaml").write_text("agents:\n  mine: {command: 'true'}\n")
    with pytest.raises(InvalidInput) as caught:
        order_of(LoopWish("t", agent="rehearsal", fallbacks=("mine",), limits={"usd": 1.0}), settings())
    assert caught.value.code == "loop.price_unknown"


def test_time_that_it_paused_is_not_time_that_it_worked(stage: Stage) -> None:
    waiting = []

    async def later() -> None:
        await stage.until("run.paused")
        stage.clock.advance(1000)
        stage.post("resume")

    async def pause(_: object) -> None:
        stage.post("pause")
        await stage.until("run.pausing")
        waiting.append(asyncio.create_task(later()))

    ended = stage.run(says("a", meanwhile=pause), done(), order=stage.order(limits=Limits(seconds=30)))
    assert (ended.status, ended.report.seconds) == ("completed", 4)


def test_time_that_it_paused_before_it_was_stopped_is_none_either(stage: Stage) -> None:
    waiting = []

    async def later() -> None:
        await stage.until("run.paused")
        stage.clock.advance(1000)
        stage.post("stop")

    async def pause(_: object) -> None:
        stage.post("pause")
        await stage.until("run.pausing")
        waiting.append(asyncio.create_task(later()))

    ended = stage.run(says("a", meanwhile=pause))
    assert (ended.ending[:2], ended.report.seconds) == (("interrupted", "stopped"), 2)
