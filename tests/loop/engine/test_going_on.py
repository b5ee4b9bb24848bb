"""What going on with a run that has ended does to its tasks."""

from __future__ import annotations

from cowork.loop.engine.folding import apply
from cowork.loop.engine.state import LoopState
from tests.loop.control.loops import ended

RESUMED = ("run.resumed", {"lost_s": 0.0, "mended": False, "again": False})


def _resumed(end: str) -> LoopState:
    state = LoopState()
    state.task("t-1").failures = 1
    for number, (kind, data) in enumerate((ended(end), RESUMED), 1):
        apply(state, {"seq": number, "at": "2026-01-31T08:05:00.000Z", "type": kind, "data": data})
    return state


def test_a_task_that_aborted_the_run_is_tried_again() -> None:
    assert _resumed("run.aborted").task("t-1").failures == 0


def test_a_limit_makes_no_failure_undone() -> None:
    assert _resumed("run.limit").task("t-1").failures == 1
