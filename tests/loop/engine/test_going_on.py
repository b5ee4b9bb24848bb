"""What going on with a run that has ended does to its tasks."""

from __future__ import annotations

import json

from cowork.loop.engine.folding import apply
from cowork.loop.engine.state import LoopState
from cowork.sessions import journal, places
from tests.loop.control.loops import ended, head, session, started
from tests.support import gone, run_here

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


def test_a_run_in_the_background_gets_everything_that_was_asked_for() -> None:
    place = session(head(), started(1), ended("run.limit"))
    run_here("loop", "resume", "--detach", "--again", "--max-iterations", "77", "--max-time", "5.5", "--json")
    for pid in [json.loads(place.lock.read_text())["pid"]] if place.lock.exists() and place.lock.read_text() else []:
        assert gone(pid)
    said = {event["type"]: event["data"] for event in journal.read(place.journal)}
    assert said["run.resumed"]["again"] is True
    assert said["limits.changed"]["limits"] == {"iterations": 77, "seconds": 5.5}


def test_a_paused_run_refuses_what_the_process_that_works_on_it_cannot_be_told() -> None:
    place = session(head(), started(1), ("run.paused", {"elapsed_s": 1.0}))
    with places.held(place):
        for flag in ("--again", "--take-over"):
            ran = run_here("loop", "resume", flag, "--json")
            assert (ran.code, ran.document["error"]["code"]) == (2, "loop.bad_option")
        assert not place.inbox.exists()
        assert run_here("loop", "resume", "--json").data["status"] == "continued"
