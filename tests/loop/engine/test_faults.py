"""Bad input and faults inside a run: files that are changed, broken or gone, a clock that is put back, links."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import CoworkError
from cowork.loop.agents.work import AgentSpec, Execution, Heard, Job
from cowork.loop.control.inbox import post
from cowork.loop.engine import starting
from cowork.loop.engine.pool import AgentPool
from cowork.loop.engine.state import fold
from cowork.models.chat import Usage
from cowork.sessions.journal import Journal
from tests.loop.engine.dying import PROMISE, Moments, World, held_to, outcome
from tests.models.surroundings import settings
from tests.support import FakeClock

DONE = f"Done.\n{PROMISE}"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


def works(monkeypatch: pytest.MonkeyPatch, act: Callable[[Job], object]) -> list[str]:
    """From now on agents do this, and say that they are done; the tasks they were asked to work on."""
    asked: list[str] = []

    class Free:
        def __init__(self, spec: AgentSpec) -> None:
            self.spec = spec

        async def work(self, job: Job, heard: Heard) -> Execution:
            asked.append(str(job.task))
            act(job)
            return Execution(DONE, 0, Usage(1, 1, "reported"), 0.0, "m-1", 1.0)

        async def close(self) -> None:
            pass

    monkeypatch.setattr(AgentPool, "agent", lambda pool, spec, directory: Free(spec))
    return asked


def refused(world: World) -> CoworkError:
    with pytest.raises(CoworkError) as caught:
        world.go()
    return caught.value


def prd(world: World) -> Path:
    return world.project / "prd.json"


def edit(world: World, change: Callable[[dict[str, object]], object]) -> None:
    held = json.loads(prd(world).read_text())
    change(held)
    prd(world).write_text(json.dumps(held))


def test_what_is_written_into_the_file_of_tasks_meanwhile_stays_and_counts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act(job: Job) -> None:
        if job.task == "a":
            edit(world, lambda held: held.update(note="mine", tasks=[*held["tasks"], {"id": "d", "title": "New", "mine": 1}]))  # type: ignore[misc]

    asked = works(monkeypatch, act)
    assert world.go() == "completed"
    assert asked == ["a", "b", "c", "d"]
    held = json.loads(prd(world).read_text())
    assert (held["note"], held["tasks"][3]) == ("mine", {"id": "d", "title": "New", "mine": 1, "status": "done"})


def test_a_task_that_is_taken_out_while_an_agent_works_on_it_stops_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act(job: Job) -> None:
        if job.task == "b":
            edit(
                world, lambda held: held.update(tasks=[{"id": "a", "title": "A", "status": "done"}, {"id": "z", "title": "Z"}])
            )

    asked = works(monkeypatch, act)
    assert world.go() == "completed"
    assert asked == ["a", "b", "z"]


def test_a_task_that_somebody_calls_done_meanwhile_is_done_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = works(monkeypatch, lambda job: edit(world, lambda held: [task.update(status="done") for task in held["tasks"]]))  # type: ignore[attr-defined]
    assert world.go() == "completed"
    assert asked == ["a", "b", "c"]


def _becomes_a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


BREAK: dict[str, tuple[Callable[[Path], object], int]] = {
    "half a file": (lambda path: path.write_text(path.read_text()[:100]), 4),
    "nothing": (lambda path: path.write_text(""), 4),
    "other JSON": (lambda path: path.write_text('{"a": 1}'), 4),
    "gone": (lambda path: path.unlink(), 3),
    "a directory": (_becomes_a_directory, 4),
}


@pytest.mark.parametrize("how", BREAK)
def test_a_file_of_tasks_that_is_broken_meanwhile_ends_the_run_and_nothing_is_asked_again_once_it_is_mended(
    world: World, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    good = prd(world).read_text()
    asked = works(monkeypatch, lambda job: BREAK[how][0](prd(world)) if job.iteration == 1 else None)
    error = refused(world)
    assert error.exit_code == BREAK[how][1]
    assert "prd.json" in f"{error.message}{error.cause}"
    assert [event["type"] for event in world.events()][-1] == "run.failed"
    assert (asked, "task.completed" in [event["type"] for event in world.events()]) == (["a"], False)
    if prd(world).is_dir():
        prd(world).rmdir()
    prd(world).write_text(good)
    assert world.go() == "completed"
    assert asked == ["a", "b", "c"]


def test_the_answer_for_a_task_that_is_gone_when_the_run_goes_on_is_paid_and_laid_aside(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = json.loads(prd(world).read_text())
    works(monkeypatch, lambda job: prd(world).unlink())
    refused(world)
    prd(world).write_text(json.dumps({**good, "tasks": [{"id": "z", "title": "Z"}]}))
    asked = works(monkeypatch, lambda job: None)
    assert world.go() == "completed"
    over = [event["data"] for event in world.events() if event["type"] == "iteration.completed"]
    assert [(item["iteration"], item["task"], item["outcome"]) for item in over] == [(1, "a", "skipped"), (2, "z", "completed")]
    assert asked == ["z"]


class PutBack(FakeClock):
    """A clock whose time of day can be set, while time goes on."""

    offset = timedelta()

    def now(self) -> datetime:
        return self.moment + self.offset


@pytest.mark.parametrize("every", [1, 7])
def test_a_clock_that_is_put_back_during_a_run_and_between_runs_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int
) -> None:
    results = []
    for name in ("steady", "put back"):
        world = World(tmp_path / name, monkeypatch)
        clock = world.clock = PutBack()
        moments = Moments(world, monkeypatch)

        def hear(number: int, _: str, clock: PutBack = clock, name: str = name) -> None:
            if name == "put back" and number % every == 0:
                clock.offset -= timedelta(hours=5)

        moments.hear = hear
        world.to_the_end()
        held_to(world)
        results.append(outcome(world))
        seconds = [event["data"]["elapsed_s"] for event in world.events() if "elapsed_s" in event["data"]]
        assert seconds == sorted(seconds)
        assert seconds[-1] < 60
        monkeypatch.undo()
        monkeypatch.setenv("HOME", str(tmp_path / "user"))
    steady, put_back = results
    assert steady == put_back


def test_a_line_of_the_journal_that_is_spoilt_is_refused_with_its_number_and_nothing_is_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    works(monkeypatch, lambda job: prd(world).unlink())
    refused(world)
    lines = world.journal.read_bytes().splitlines(keepends=True)
    world.journal.write_bytes(b"".join([*lines[:3], lines[3][:40] + b"\n", *lines[4:]]))
    before = {path: path.read_bytes() for path in world.journal.parent.rglob("*") if path.is_file()}
    asked = works(monkeypatch, lambda job: None)
    error = refused(world)
    assert (error.code, error.exit_code, error.details["line"]) == ("session.journal_corrupt", 4, 4)
    assert {path: path.read_bytes() for path in world.journal.parent.rglob("*") if path.is_file()} == before
    assert asked == []


def test_a_last_line_that_is_spoilt_is_cut_off_and_that_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    works(monkeypatch, lambda job: prd(world).rename(world.project / "away"))
    refused(world)
    world.journal.write_bytes(world.journal.read_bytes()[:-20])
    (world.project / "away").rename(prd(world))
    works(monkeypatch, lambda job: None)
    place = world.place
    assert place is not None
    report = starting.resume(place, settings(), world.clock)
    assert report.status == "completed"
    assert "cut off" in report.notes[0]
    assert [event["data"]["mended"] for event in world.events() if event["type"] == "run.resumed"] == [True]


def test_a_session_that_is_removed_meanwhile_ends_the_run_and_does_not_come_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    place: list[Path] = []

    def act(job: Job) -> None:
        place.append(world.journal.parent)
        shutil.rmtree(world.journal.parent)

    asked = works(monkeypatch, act)
    error = refused(world)
    assert (error.code, str(place[0]) in error.message) == ("file.not_writable", True)
    assert not place[0].exists()
    assert asked == ["a"]
    assert '"done"' not in prd(world).read_text()


def test_an_output_directory_that_is_a_link_is_refused_before_an_agent_is_asked(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = starting.prepare(world.order(), world.clock)
    place.outputs.rmdir()
    place.outputs.symlink_to(tmp_path)
    asked = works(monkeypatch, lambda job: None)
    error = refused(world)
    assert (error.code, "is a link" in str(error.cause)) == ("file.not_writable", True)
    assert (asked, list(tmp_path.glob("*.log"))) == ([], [])


@pytest.mark.parametrize("wish", ["pause", "stop", "cancel"])
def test_what_was_to_steer_a_run_that_is_gone_does_not_steer_its_successor(
    world: World, monkeypatch: pytest.MonkeyPatch, wish: str
) -> None:
    works(monkeypatch, lambda job: prd(world).rename(world.project / "away"))
    refused(world)
    (world.project / "away").rename(prd(world))
    assert world.place is not None
    path = world.place.inbox / post(world.place, wish).name  # type: ignore[arg-type]
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 1))  # clocks of file systems tick slowly
    works(monkeypatch, lambda job: None)
    assert world.go() == "completed"


@pytest.mark.parametrize("events", [["run.pausing"], ["run.pausing", "run.paused"], ["run.stopping"]])
def test_a_run_that_was_killed_while_it_paused_before_its_first_iteration_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch, events: list[str]
) -> None:
    place = starting.prepare(world.order(), world.clock)
    book = Journal(place.journal, world.clock, after=1)
    data: dict[str, dict[str, Any]] = {"run.pausing": {}, "run.paused": {"elapsed_s": 0.0}, "run.stopping": {"how": "stop"}}
    for event in events:
        book.append(event, data[event])
    book.close()
    works(monkeypatch, lambda job: None)
    assert world.go() == "completed"


@pytest.mark.parametrize(("task", "kept"), [("a", "Use a list."), ("b", None)])
def test_counsel_that_was_paid_for_before_a_crash_is_given_to_the_same_task_again(task: str, kept: str | None) -> None:
    usage = {"input": 1, "output": 1, "source": "reported"}
    events = [
        ("iteration.started", {"iteration": 1, "task": "a", "agent": "one", "attempt": 1}),
        (
            "counsel.given",
            {"iteration": 1, "task": "a", "agent": "table", "message": "Use a list.", "usage": usage, "usd": 0.1},
        ),
        ("iteration.started", {"iteration": 1, "task": task, "agent": "one", "attempt": 1}),
    ]
    state = fold({"seq": number, "at": "", "type": kind, "data": data} for number, (kind, data) in enumerate(events, 1))
    assert (state.open[1].counsel, state.usd) == (kept, 0.1)
