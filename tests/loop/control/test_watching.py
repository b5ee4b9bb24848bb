"""Looking at a run while it works: how it stands, its events as they come, and the exit status that its end has."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cowork.core.clock import SystemClock
from cowork.loop.engine import events as table
from cowork.sessions import journal, places
from cowork.sessions.lock import hold, project_lock
from cowork.sessions.places import Workplace
from tests.loop.control.loops import SESSION, ended, head, more, over, running, session, started, worked
from tests.support import PROGRAM, run_here, run_program

EXITS = {
    ("run.completed", "done"): 0, ("run.limit", "done"): 8, ("run.limit", "tokens"): 8, ("run.blocked", "done"): 8,
    ("run.rate_limited", "done"): 7, ("run.stagnated", "done"): 1, ("run.failed", "done"): 1, ("run.aborted", "done"): 1,
    ("run.aborted", "failed"): 1, ("run.interrupted", "done"): 130, ("run.interrupted", "unread"): 130,
    ("run.interrupted", "stopped"): 8, ("run.interrupted", "sigint"): 130, ("run.interrupted", "sigterm"): 143,
}  # fmt: skip


@contextmanager
def watching(*argv: str) -> Iterator[subprocess.Popen[str]]:
    words = [str(PROGRAM), "loop", "watch", *argv]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def next_event(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


def test_a_growing_journal_is_followed_from_its_beginning_to_its_end() -> None:
    place = session(head(), started(1))
    with running(place) as writer, watching("--all", "--stream") as watch:
        assert [next_event(watch)["type"] for _ in range(2)] == ["run.started", "iteration.started"]
        writer.write(*worked(1))
        assert next_event(watch)["data"]["message"] == "did 1"
        torn = json.dumps({"schema": "cowork.event/1", "seq": 4, "at": "2026", "type": "run.pausing", "data": {"text": "ä"}})
        writer.write("raw", torn[:40])
        writer.write("raw", torn[40:] + "\n")
        assert next_event(watch)["type"] == "run.pausing"
        writer.kill()
        more(place, ended("run.limit", "ten iterations", "iterations"))
        end = next_event(watch)
        assert (end["type"], end["seq"]) == ("run.limit", 5)
        result = next_event(watch)
        assert (result["type"], result["data"]["error"]["code"], result["data"]["error"]["exit"]) == ("result", "loop.limit", 8)
        assert result["data"]["data"]["status"] == "limit"
        assert watch.wait(30) == 8


def test_without_all_only_what_comes_now_is_shown() -> None:
    place = session(head(), started(1), worked(1), over(1))
    with running(place) as writer, watching() as watch:
        assert watch.stderr is not None
        assert watch.stderr.readline() == f"{SESSION} running, iteration 1\n"
        writer.write(*started(2))
        assert watch.stderr.readline() == "iteration 2 on t-1: claude ...\n"
        writer.write(*ended("run.completed"))
        out, _ = watch.communicate(timeout=30)
        assert watch.returncode == 0
        assert out.startswith("completed · ")
        writer.end()


def test_a_run_that_is_killed_ends_the_watching() -> None:
    place = session(head(), started(1))
    with running(place) as writer, watching("--all", "--stream") as watch:
        assert next_event(watch)["type"] == "run.started"
        writer.kill()
        out, _ = watch.communicate(timeout=30)
    error = json.loads(out.splitlines()[-1])["data"]["error"]
    assert (watch.returncode, error["code"]) == (130, "loop.gone")
    assert f"cowork loop resume {SESSION}" in error["hint"]


@pytest.mark.parametrize("kind", table.TERMINAL)
def test_every_end_has_its_exit_status(kind: str) -> None:
    session(head(), ended(kind, "so it is"))
    ran = run_here("loop", "watch", "--json")
    assert ran.code == EXITS[kind, "done"]
    assert (ran.data["status"], ran.data["message"]) == (table.TERMINAL[kind], "so it is")


@pytest.mark.parametrize(("kind", "reason"), EXITS)
def test_an_end_is_the_same_for_who_watches_and_for_who_asks_later(kind: str, reason: str) -> None:
    session(head(), ended(kind, "so it is", reason))
    seen = [run_here("loop", *words, "--json") for words in (["watch"], ["status", "--exit-code"])]
    assert [ran.code for ran in seen] == [EXITS[kind, reason]] * 2
    assert seen[0].document["error"] == seen[1].document["error"]


def test_a_run_that_failed_with_some_tasks_done_is_unfinished() -> None:
    read = ("tasks.read", {"path": "p", "total": 3, "done": 1, "digest": "aa"})
    session(head(tasks_file="p"), read, ended("run.failed", "b cannot be finished", "tasks_left"))
    ran = run_here("loop", "watch", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (9, "loop.unfinished")
    assert "1 of 3 tasks are done" in ran.document["error"]["message"]


def test_an_end_says_what_to_type_to_go_on() -> None:
    asked = ("task.blocked", {"iteration": 1, "task": "t; rm", "question": "Which one?"})
    session(head(), started(1), asked, ended("run.blocked", reason="question"))
    error = run_here("loop", "watch", "--json").document["error"]
    assert error["hint"] == f"cowork loop answer {SESSION} 't; rm' \"...\" and then: cowork loop resume {SESSION}"
    assert "Which one?" in run_here("loop", "watch").err


def test_an_end_before_a_resumption_is_no_end() -> None:
    place = session(head(), ended("run.limit"), ("run.resumed", {"lost_s": 0, "mended": False, "again": False}), started(1))
    with running(place) as writer, watching("--all", "--stream") as watch:
        assert [next_event(watch)["seq"] for _ in range(4)] == [1, 2, 3, 4]
        writer.write(*ended("run.completed"))
        assert next_event(watch)["type"] == "run.completed"
        assert watch.wait(30) == 0


def test_a_corrupt_journal_is_refused_with_its_line() -> None:
    place = session(head(), started(1), worked(1))
    lines = place.journal.read_bytes().splitlines(keepends=True)
    place.journal.write_bytes(lines[0] + b"garbage\n" + lines[2])
    for verb in ("watch", "status", "pause", "export"):
        ran = run_here("loop", verb, "--json")
        assert (ran.code, ran.document["error"]["details"]["line"]) == (4, 2), verb


def test_a_finished_run_of_a_pattern_is_watched_like_any_other() -> None:
    run_here("loop", "start", "Is it so?", "--provider", "rehearsal")
    events = run_here("loop", "watch", "--all", "--stream").events
    place = next(places.places())
    assert events[:-1] == journal.read(place.journal)


def test_events_of_a_loop_are_lines_for_a_person_and_no_text_drives_the_terminal() -> None:
    evil = "\x1b[2J[bold]x[/]"
    session(
        head(task=evil), ("task.selected", {"iteration": 1, "task": evil, "title": evil, "reason": "first"}), started(1, evil),
        worked(1, evil, message=evil), ("completion.rejected", {"iteration": 1, "task": evil, "reasons": [evil]}),
        ("check.completed", {"iteration": 1, "task": evil, "command": evil, "status": 1, "output": evil, "seconds": 1.0}),
        over(1, evil), ended("run.failed", evil),
    )  # fmt: skip
    ran = run_here("loop", "watch", "--all")
    assert ran.code == 1
    assert "\x1b" not in ran.err + ran.out
    assert "promised, and not done" in ran.err
    assert "claude done, 110 tokens, $0.5000, 2.0 s" in ran.err


def test_every_event_of_the_table_can_be_shown() -> None:
    """Also with every field missing: what looks on must not fail because a journal is from another version."""
    from cowork.loop.control.telling import described
    from cowork.render.loop_progress import line

    for kind in table.EVENTS:
        if kind != "run.started":
            said = described(kind, {"iteration": 1, "agent": "a"})
            assert "\n" not in said, kind
            assert line(kind, {"iteration": 1, "agent": "a"}).strip() == said, kind


# status


@pytest.mark.parametrize(
    ("said", "code", "error"),
    [
        ([ended("run.completed")], 0, None),
        ([], 8, "loop.not_done"),
        ([ended("run.limit")], 8, "loop.limit"),
        ([ended("run.blocked")], 8, "loop.blocked"),
        ([ended("run.failed")], 1, "loop.failed"),
        ([ended("run.stagnated")], 1, "loop.stagnated"),
        ([ended("run.interrupted", reason="stopped")], 8, "loop.stopped"),
        ([ended("run.interrupted", reason="sigint")], 130, "loop.interrupted"),
        ([ended("run.interrupted", reason="sigterm")], 143, "loop.terminated"),
    ],
)
def test_the_exit_status_says_how_it_stands_when_asked(said: list[Any], code: int, error: str | None) -> None:
    session(head(), started(1), *said)
    assert run_here("loop", "status").code == 0
    ran = run_here("loop", "status", "--exit-code", "--json")
    assert (ran.code, (ran.document["error"] or {}).get("code")) == (code, error)
    assert ran.data["iteration"] == 1


def test_the_session_that_works_on_this_project_is_meant_before_the_last() -> None:
    mine = session(head(), started(1))
    session(head(), name="20260201-080500-bbbbbb")
    assert run_here("loop", "status", "--json").data["session_id"] == "20260201-080500-bbbbbb"
    with hold(project_lock(Path.cwd()), session=mine.session_id, clock=SystemClock()):
        assert run_here("loop", "status", "--json").data["session_id"] == mine.session_id
        (Path.cwd() / ".cowork").mkdir(exist_ok=True)
        (Path.cwd() / "below").mkdir()
        assert run_program("loop", "status", "--json", cwd=Path.cwd() / "below").data["session_id"] == mine.session_id
    assert run_here("loop", "status", "--json").data["session_id"] == "20260201-080500-bbbbbb"


def test_what_a_project_claims_about_a_session_counts_only_while_the_lock_is_held() -> None:
    mine = session(head())
    session(head(), name="20260201-080500-bbbbbb")
    path = project_lock(Path.cwd())
    with hold(path, session=mine.session_id, clock=SystemClock()):
        claimed = path.read_bytes()
    path.write_bytes(claimed)
    assert run_here("loop", "status", "--json").data["session_id"] == "20260201-080500-bbbbbb"


def test_without_any_session_the_hint_says_how_one_is_started(home: Path) -> None:
    ran = run_here("loop", "status")
    assert (ran.code, home.exists()) == (3, False)
    assert "cowork loop run" in ran.err


def test_a_status_of_a_long_session_costs_little(place_of_many: Workplace) -> None:
    data = run_here("loop", "status", "--json").data
    assert (data["iteration"], data["events"]) == (10_000, 30_001)
    assert data["cost"]["usd"] == 5000.0


@pytest.fixture
def place_of_many() -> Workplace:
    place = places.create(SESSION)
    said = [head()] + [each(number) for number in range(1, 10_001) for each in (started, worked, over)]
    lines = (
        json.dumps({"schema": "cowork.event/1", "seq": seq, "at": "2026-01-31T08:05:00.000Z", "type": kind, "data": data})
        for seq, (kind, data) in enumerate(said, 1)
    )
    place.journal.write_text("\n".join(lines) + "\n")
    return place
