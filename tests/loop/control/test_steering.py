"""Telling a run what to do from another process; a run that nobody runs is not told anything."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cowork.loop.control import steering
from cowork.loop.control.inbox import Inbox
from cowork.loop.engine import events as table
from cowork.sessions import journal, places
from cowork.sessions.places import Workplace
from tests.loop.control.loops import OBEDIENT, SESSION, ended, head, more, running, session, started
from tests.support import PROGRAM, FakeClock, Ran, run_here

ASKED = ("task.blocked", {"iteration": 1, "task": "t-1", "question": "Which one?"})
ASKED_TOO = ("task.blocked", {"iteration": 2, "task": "t-2", "question": "How many?"})


def failed(ran: Ran) -> tuple[int, str]:
    return ran.code, ran.document["error"]["code"]


def test_a_run_pauses_goes_on_and_stops_when_another_process_says_so() -> None:
    place = session(head(), started(1))
    with running(place, OBEDIENT) as runner:
        paused = run_here("loop", "pause", "--wait", "--json").data
        assert (paused["status"], paused["state"], paused["changed"], paused["waited"]) == ("running", "paused", True, True)
        again = run_here("loop", "pause", "--wait", "--json").data
        assert (again["state"], again["changed"]) == ("paused", False)
        assert run_here("loop", "status", "--json").data["state"] == "paused"
        stopped = run_here("loop", "stop", SESSION, "--wait", "--json").data
        assert (stopped["status"], stopped["state"]) == ("aborted", "idle")
        assert not places.alive(place)  # it has let go of its lock: somebody may go on at once
        assert runner.process.wait(30) == 0


def test_cancel_ends_a_run_at_once() -> None:
    with running(session(head(), started(1)), OBEDIENT):
        ran = run_here("loop", "cancel", "--wait")
    assert ran.code == 0
    assert "it is aborted, idle" in ran.out


def test_without_waiting_the_request_is_left_and_the_verb_returns() -> None:
    place = session(head(), started(1))
    with places.held(place):
        data = run_here("loop", "stop", "--json").data
        assert (data["status"], data["state"], data["changed"], data["waited"]) == ("running", "running", True, False)
        assert [request.wish for request in Inbox(place).take()] == ["stop"]


def test_a_dry_run_leaves_no_request() -> None:
    place = session(head(), started(1), ASKED)
    with places.held(place):
        for argv in (["pause"], ["stop"], ["cancel"], ["answer", "last", "this"]):
            data = run_here("loop", *argv, "--dry-run", "--json").data
            assert (data["dry_run"], len(data["plan"]) > 0) == (True, True)
    assert not place.inbox.exists()


@pytest.mark.parametrize("verb", ["pause", "stop", "cancel"])
def test_what_nobody_runs_cannot_be_steered_and_the_hint_says_what_can_be_done(verb: str) -> None:
    place = session(head(), started(1), ended("run.limit"))
    ran = run_here("loop", verb, "--json")
    assert failed(ran) == (5, "session.not_running")
    assert f"cowork loop resume {SESSION}" in ran.document["error"]["hint"]
    assert not place.inbox.exists()


@pytest.mark.parametrize("verb", ["pause", "stop", "cancel"])
def test_what_is_complete_cannot_be_steered(verb: str) -> None:
    session(head(), ended("run.completed"))
    assert failed(run_here("loop", verb, "--json")) == (5, "session.finished")


@pytest.mark.parametrize("verb", ["pause", "stop", "cancel"])
def test_one_run_of_a_pattern_takes_no_requests_and_the_refusal_says_how_it_is_ended(verb: str, home: Path) -> None:
    run_here("loop", "start", "Is it so?", "--provider", "rehearsal")
    place = next(places.places())
    lines = place.journal.read_bytes().splitlines(keepends=True)
    place.journal.write_bytes(b"".join(lines[:2]))
    with places.held(place) as holder:
        ran = run_here("loop", verb, place.session_id, "--json")
    assert failed(ran) == (5, "loop.one_shot")
    assert str(holder.pid) in ran.document["error"]["hint"]


def test_a_session_that_nobody_runs_is_cancelled_by_hand_when_that_is_possible() -> None:
    aborted: list[Workplace] = []
    place = session(head(), started(1))
    told = asyncio.run(steering.steer(place, "cancel", FakeClock(), abort=aborted.append))
    assert (aborted, told.changed) == ([place], True)
    planned = asyncio.run(steering.steer(place, "cancel", FakeClock(), abort=aborted.append, dry_run=True))
    assert (len(aborted), planned.dry_run) == (1, True)


@pytest.mark.parametrize("left", [b"", b'{"schema":"cowork.event/1","seq":3,"at'])
def test_cancelling_what_was_cut_short_ends_it_as_its_process_would_have(left: bytes) -> None:
    place = session(head(), started(1))
    with place.journal.open("ab") as stream:
        stream.write(left)
    planned = run_here("loop", "cancel", "--dry-run", "--json").data
    assert (planned["changed"], planned["status"]) == (True, "interrupted")
    told = run_here("loop", "cancel", "--wait", "--json").data
    assert (told["status"], told["state"], told["changed"]) == ("aborted", "idle", True)
    *before, last = journal.read(place.journal)
    assert ([event["type"] for event in before], last["type"]) == (["run.started", "iteration.started"], "run.aborted")
    assert table.problems(last["type"], last["data"]) == []
    assert (last["data"]["reason"], last["data"]["iterations"]) == ("cancelled", 0)
    assert json.loads((place.path / "session.json").read_text())["status"] == "aborted"
    assert failed(run_here("loop", "cancel", "--json")) == (5, "session.finished")
    assert len(journal.read(place.journal)) == 3


def test_waiting_for_an_end_lasts_until_the_lock_is_let_go_of() -> None:
    """Somebody who goes on with the session right after must not be refused."""
    place = session(head(), started(1))

    async def wait() -> steering.Steered:
        with places.held(place):
            waiting = asyncio.create_task(steering.steer(place, "stop", FakeClock(), wait=True))
            await asyncio.sleep(0)
            more(place, ended("run.aborted"))
            for _ in range(20):
                await asyncio.sleep(0)
            assert not waiting.done()
        return await waiting

    assert asyncio.run(wait()).state == "idle"


@pytest.mark.parametrize("how", ["ends", "is killed"])
def test_waiting_for_a_pause_ends_when_the_run_does(how: str) -> None:
    place = session(head(), started(1))
    with running(place) as writer:
        words = [str(PROGRAM), "loop", "pause", "--wait", "--json"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as waiting:  # it ends with the run
            while not Inbox(place).waiting():
                assert waiting.poll() is None
            if how == "ends":
                writer.write(*ended("run.completed"))
            else:
                writer.kill()
            out, _ = waiting.communicate(timeout=30)
    assert (waiting.returncode, json.loads(out)["error"]["code"]) == (5, "session.finished")


# Answers


def test_an_answer_waits_for_a_run_that_works_on_something_else() -> None:
    place = session(head(), started(1), ASKED)
    with places.held(place):
        data = run_here("loop", "answer", "last", 'the "red" one; $(rm)\nand', "--json").data
    assert (data["task"], data["question"], data["alive"]) == ("t-1", "Which one?", True)
    (request,) = Inbox(place).take()
    assert (request.wish, request.data) == ("answer", {"task": "t-1", "text": 'the "red" one; $(rm)\nand'})


def test_an_answer_to_a_run_that_has_ended_is_kept_for_its_resumption() -> None:
    place = session(head(), started(1), ASKED, ended("run.blocked"))
    ran = run_here("loop", "answer", SESSION, "t-1", "this one")
    assert ran.code == 0
    assert f"cowork loop resume {SESSION}" in ran.out
    assert [request.data["text"] for request in Inbox(place).peek()] == ["this one"]


@pytest.mark.parametrize(
    ("said", "words", "refusal"),
    [
        ([ASKED, ASKED_TOO], ["this"], (4, "loop.which_question")),
        ([ASKED, ASKED_TOO], ["t-3", "this"], (3, "task.not_found")),
        ([], ["this"], (5, "loop.nothing_asked")),
        ([], ["t-1", "this"], (5, "loop.nothing_asked")),
        ([ASKED], ["  "], (4, "loop.bad_request")),
        ([ASKED], ["t-1", "this", "that"], (2, "usage.invalid")),
        ([ASKED, ended("run.completed")], ["this"], (5, "session.finished")),
    ],
)
def test_what_answers_nothing_is_refused_and_leaves_nothing(
    said: list[Any], words: list[str], refusal: tuple[int, str]
) -> None:
    place = session(head(), started(1), *said)
    assert failed(run_here("loop", "answer", "last", *words, "--json")) == refusal
    assert not place.inbox.exists()


def test_with_several_questions_the_task_says_which() -> None:
    place = session(head(), started(1), ASKED, ASKED_TOO)
    assert run_here("loop", "answer", "last", "t-2", "seven", "--json").data["question"] == "How many?"
    assert Inbox(place).take()[0].data["task"] == "t-2"
