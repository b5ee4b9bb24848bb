"""Pause, resume, stop and cancel, asked for by other processes while an agent works, between iterations, or before."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

import pytest

from cowork.core.errors import CoworkError
from cowork.loop.engine import reading, starting
from cowork.loop.engine.folding import apply
from cowork.loop.engine.order import Completion, Limits
from cowork.loop.engine.state import LoopState
from cowork.sessions import journal, places
from tests.loop.engine.driving import Stage, done, says
from tests.models.surroundings import settings

Kinds = list[str]


def steps(ended: Any) -> Kinds:
    wanted = ("iteration.started", "iteration.completed", "run.pausing", "run.paused", "run.continued", "run.stopping")
    return [kind for kind in ended.kinds if kind in wanted]


def asking(stage: Stage, wish: str, then: str) -> Any:
    """An agent during whose work somebody asks for something, and which goes on once that was heard."""

    async def meanwhile(_: object) -> None:
        stage.post(wish)
        await stage.until(then)

    return meanwhile


class Later:
    """Something that is done once an event was written."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._tasks: list[asyncio.Task[None]] = []

    def once(self, kind: str, *wishes: str) -> None:
        async def wait() -> None:
            await self._stage.until(kind)
            self.phase = self._stage_phase()
            for wish in wishes:
                self._stage.post(wish)

        self._tasks.append(asyncio.create_task(wait()))

    def _stage_phase(self) -> str:
        return reading.read(places.of_kind("loop")[0]).phase


def test_it_pauses_once_the_iteration_is_over_and_goes_on_when_told(stage: Stage) -> None:
    later = Later(stage)

    async def pause(_: object) -> None:
        stage.post("pause")
        await stage.until("run.pausing")
        later.once("run.paused", "resume")

    ended = stage.run(says("a", meanwhile=pause), done())
    assert steps(ended) == [
        "iteration.started",
        "run.pausing",
        "iteration.completed",
        "run.paused",
        "run.continued",
        "iteration.started",
        "iteration.completed",
    ]
    assert later.phase == "paused"
    assert ended.status == "completed"


def test_a_pause_that_is_taken_back_in_time_is_none(stage: Stage) -> None:
    async def waver(_: object) -> None:
        stage.post("pause")
        await stage.until("run.pausing")
        stage.post("resume")
        await stage.until("run.continued")

    ended = stage.run(says("a", meanwhile=waver), done())
    assert (ended.status, "run.paused" in ended.kinds) == ("completed", False)


def test_a_run_that_is_done_before_it_could_pause_is_done(stage: Stage) -> None:
    later = Later(stage)

    async def pause(_: object) -> None:
        stage.post("pause")
        await stage.until("run.pausing")
        later.once("run.paused", "resume")

    assert stage.run(done(meanwhile=pause)).status == "completed"


def test_it_can_be_stopped_while_it_pauses(stage: Stage) -> None:
    later = Later(stage)

    async def pause(_: object) -> None:
        stage.post("pause")
        await stage.until("run.pausing")
        later.once("run.paused", "stop")

    ended = stage.run(says("a", meanwhile=pause))
    assert ended.ending[:3] == ("interrupted", "stopped", 8)
    assert stage.resume(done()).status == "completed"


def test_it_can_be_cancelled_while_it_pauses(stage: Stage) -> None:
    later = Later(stage)

    async def pause(_: object) -> None:
        stage.post("pause")
        await stage.until("run.pausing")
        later.once("run.paused", "cancel")

    assert stage.run(says("a", meanwhile=pause)).ending[:3] == ("aborted", "cancelled", 1)


def test_a_stop_lets_the_iteration_under_way_finish(stage: Stage) -> None:
    ended = stage.run(says("a", meanwhile=asking(stage, "stop", "run.stopping")))
    assert steps(ended) == ["iteration.started", "run.stopping", "iteration.completed"]
    assert ended.ending == ("interrupted", "stopped", 8, "loop.stopped")
    assert ended.of("run.stopping") == [{"how": "stop"}]


def test_a_stop_during_the_last_iteration_leaves_nothing_undone(stage: Stage) -> None:
    ended = stage.run(done(meanwhile=asking(stage, "stop", "run.stopping")))
    assert len(ended.of("task.completed")) == 1
    assert ended.status in ("completed", "interrupted")
    if ended.status == "interrupted":
        stage.cast(one=[])
        assert stage.resume().status == "completed"


def test_a_cancel_ends_it_at_once_and_the_iteration_is_done_again(stage: Stage) -> None:
    cut = []

    async def cancel(_: object) -> None:
        stage.post("cancel")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cut.append("cut")
            raise

    ended = stage.run(says("", meanwhile=cancel))
    assert (ended.ending, cut) == (("aborted", "cancelled", 1, "loop.aborted"), ["cut"])
    assert "iteration.completed" not in ended.kinds
    ended = stage.resume(done())
    assert (ended.status, ended.report.iterations) == ("completed", 1)
    assert [job.iteration for _, job in stage.asked] == [1, 1]


def test_a_cancel_after_a_stop_is_heard(stage: Stage) -> None:
    async def both(_: object) -> None:
        stage.post("stop")
        await stage.until("run.stopping")
        stage.post("cancel")
        await asyncio.Event().wait()

    assert stage.run(says("", meanwhile=both)).ending[:2] == ("aborted", "cancelled")


def test_a_stop_during_the_wait_between_iterations(stage: Stage) -> None:
    class Sleeps(type(stage.clock)):  # type: ignore[misc]
        async def sleep(self, seconds: float) -> None:
            stage.post("stop")
            await asyncio.Event().wait()

    stage.clock.__class__ = Sleeps
    ended = stage.run(says("a"), order=stage.order(iteration_delay_ms=60_000))
    assert (ended.ending[:2], ended.report.iterations) == (("interrupted", "stopped"), 1)


@pytest.mark.parametrize("wish", ["pause", "stop", "cancel"])
def test_what_was_meant_for_a_process_that_is_gone_is_not_meant_for_the_next(stage: Stage, wish: str) -> None:
    stage.run(says("a"), order=stage.order(limits=Limits(iterations=1)))
    stage.post(wish)
    for request in places.of_kind("loop")[0].inbox.glob("*.json"):
        os.utime(request, (request.stat().st_mtime - 1,) * 2)
    ended = stage.resume(done(), limits={"iterations": 2})
    assert ended.status == "completed"
    assert not any(kind in ended.kinds for kind in ("run.pausing", "run.stopping"))
    assert list(ended.place.inbox.glob("*.json")) == []


def test_limits_that_wait_are_meant_for_whoever_goes_on(stage: Stage) -> None:
    stage.run(says("a"), order=stage.order(limits=Limits(iterations=1)))
    stage.post("limits", iterations=5)
    assert stage.resume(done()).report.max_iterations == 5


def test_what_is_no_request_harms_nobody(stage: Stage) -> None:
    def litter(_: object) -> None:
        inbox = places.of_kind("loop")[0].inbox
        inbox.mkdir(exist_ok=True)
        (inbox / "000001-aaaaaaaa.json").write_text("{")
        (inbox / "note.txt").write_text("stop")

    assert stage.run(says("a", meanwhile=litter), done()).status == "completed"


def test_phases_are_those_of_the_state_machine(stage: Stage) -> None:
    later = Later(stage)

    async def pause(_: object) -> None:
        stage.post("pause")
        await stage.until("run.pausing")
        later.once("run.paused", "resume")

    ended = stage.run(says("a", meanwhile=pause), says("b", meanwhile=asking(stage, "stop", "run.stopping")))
    state, phases = LoopState(), ["idle"]
    for event in ended.events:
        apply(state, event)
        if state.phase != phases[-1]:
            phases.append(state.phase)
    assert phases == ["idle", "running", "pausing", "paused", "running", "stopping", "idle"]


def at(stage: Stage, wishes: dict[str, str]) -> Any:
    """Who asks for something as soon as it hears of an event."""

    def hear(event: dict[str, Any]) -> None:
        if (wish := wishes.pop(event["type"], None)) is not None:
            stage.post(wish)

    return hear


def test_a_pause_before_the_first_iteration_is_kept(stage: Stage) -> None:
    stage.cast(one=[done()])
    starting.start(stage.order(), settings(), stage.clock, (at(stage, {"run.started": "pause", "run.paused": "resume"}),))
    kinds = [event["type"] for event in journal.read(places.of_kind("loop")[0].journal)]
    assert kinds.index("run.paused") < kinds.index("run.continued") < kinds.index("iteration.started")
    assert kinds[-1] == "run.completed"


def test_a_cancel_while_an_answer_from_before_a_crash_is_checked_is_at_once(stage: Stage) -> None:
    check = f"test -e {stage.project}/slow && sleep 60 || true"
    ended = stage.run(done(), completion=Completion(checks=(check,)))
    (stage.project / "slow").touch()
    lines = ended.place.journal.read_bytes().splitlines(keepends=True)
    answered = next(index for index, line in enumerate(lines) if b'"agent.completed"' in line)
    ended.place.journal.write_bytes(b"".join(lines[: answered + 1]))
    began = time.monotonic()
    with pytest.raises(CoworkError) as caught:
        starting.resume(ended.place, settings(), stage.clock, (at(stage, {"run.resumed": "cancel"}),))
    assert (caught.value.code, time.monotonic() - began < 20) == ("loop.aborted", True)
