"""Several tasks at once: limits count what is under way, and a pause is one for all."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from cowork.loop.engine.order import Limits
from tests.loop.engine.driving import Stage, done, says


@pytest.fixture(autouse=True)
def repository(stage: Stage) -> Path:
    """The project as a git repository with a commit."""
    stage.tasks(*({"id": name, "title": name} for name in "abc"))
    for words in (
        ["init", "-q"],
        ["config", "user.name", "u"],
        ["config", "user.email", "u@e"],
        ["add", "-A"],
        ["commit", "-qm", "begin"],
    ):
        subprocess.run(["git", *words], cwd=stage.project, check=True)
    return stage.project


def together(stage: Stage, count: int) -> object:
    """An agent that goes on once so many were asked."""

    async def meanwhile(_: object) -> None:
        async with asyncio.timeout(10):
            while len(stage.asked) < count:
                await asyncio.sleep(0.005)

    return meanwhile


def test_no_more_iterations_begin_than_are_allowed(stage: Stage) -> None:
    both = together(stage, 2)
    turns = [says("more", meanwhile=both), says("more still", meanwhile=both), says("not allowed")]
    ended = stage.run(*turns, order=stage.order(None, parallel=3, limits=Limits(iterations=2)))
    assert ended.ending[:2] == ("limit", "iterations")
    assert (len(stage.asked), ended.report.iterations) == (2, 2)


def test_the_last_allowed_iterations_may_finish_it(stage: Stage) -> None:
    all_of_them = together(stage, 3)
    ended = stage.run(*[done(meanwhile=all_of_them)] * 3, order=stage.order(None, parallel=3, limits=Limits(iterations=3)))
    assert ended.status == "completed"


def test_a_pause_waits_for_all_and_is_counted_once(stage: Stage) -> None:
    later = []

    async def on() -> None:
        await stage.until("run.paused")
        stage.clock.advance(1000)
        stage.post("resume")

    async def pause(_: object) -> None:
        await together(stage, 2)(_)  # type: ignore[operator]
        stage.post("pause")
        await stage.until("run.pausing")
        later.append(asyncio.create_task(on()))

    turns = [says("a", meanwhile=pause), says("b", meanwhile=together(stage, 2)), done(), done(), done()]
    ended = stage.run(*turns, order=stage.order(None, parallel=2))
    assert ended.status == "completed"
    assert ended.kinds.count("run.paused") == 1
    assert ended.report.seconds == 5 * 2


def test_what_one_agent_marks_while_another_works_is_opened_again(stage: Stage) -> None:
    stage.tasks(*({"id": name, "title": name} for name in "abc"))

    def mark(_: object) -> None:
        stage.edit(lambda held: held["tasks"][2].update(status="done"))

    turns = [says("a", meanwhile=mark), done(), done(), done()]
    stage.cast(one=turns)
    ended = stage.run(order=stage.order(task=None, parallel=2))
    assert (ended.status, len(ended.of("task.completed"))) == ("completed", 3)
    assert [(item["task"], item["by"]) for item in ended.of("task.reopened")] == [("c", "loop")]
