"""Sessions on disk: found by id, prefix or `last`; a bad one harms no other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cowork.core import settings
from cowork.core.errors import InvalidInput, NotFound
from cowork.loop import sessions, single
from cowork.loop.request import Wish, prepare
from cowork.loop.results import LoopRun
from cowork.sessions import places
from cowork.sessions.journal import Journal
from tests.support import FakeClock, run_here

HEAD = {"session": "s", "pattern": "solo", "task": "Is it so?", "rehearsal": True}


def session(name: str, *kinds: str) -> places.Workplace:
    place = places.create(name)
    journal = Journal(place.journal, FakeClock())
    for kind in kinds:
        journal.append(kind, HEAD if kind == "run.started" else {"message": kind})
    journal.close()
    return place


def test_no_sessions_is_an_empty_list_and_creates_nothing(home: Path) -> None:
    listed, notices = sessions.list_sessions()
    assert (listed.count, notices, home.exists()) == (0, (), False)


def test_newest_first() -> None:
    for name in ("20260101-000000-aaaaaa", "20260301-000000-bbbbbb", "20260201-000000-cccccc"):
        session(name, "run.started", "run.interrupted")
    listed, _ = sessions.list_sessions()
    assert [item.session_id[-6:] for item in listed.items] == ["bbbbbb", "cccccc", "aaaaaa"]


def test_of_one_second_the_one_that_began_last_is_the_newest() -> None:
    """The end of an id is drawn: it says nothing about time."""
    clock = FakeClock()
    for name in ("b", "c", "a"):
        journal = Journal(places.create(f"20260131-080500-{name}").journal, clock)
        journal.append("run.started", {"pattern": "solo", "task": "t", "rehearsal": True})
        journal.close()
        clock.advance(0.01)
    assert [place.session_id[-1] for place in places.places()] == ["a", "c", "b"]


def test_a_session_is_found_by_id_unique_prefix_and_last() -> None:
    session("20260101-000000-aaaaaa", "run.started")
    session("20260201-000000-bbbbbb", "run.started")
    assert sessions.show_session("20260101-000000-aaaaaa").session_id[-6:] == "aaaaaa"
    assert sessions.show_session("202601").session_id[-6:] == "aaaaaa"
    assert sessions.show_session("last").session_id[-6:] == "bbbbbb"


def test_a_prefix_of_two_is_ambiguous_and_of_none_not_found() -> None:
    session("20260101-000000-aaaaaa", "run.started")
    session("20260101-000000-aaabbb", "run.started")
    with pytest.raises(InvalidInput, match="fits 2 sessions"):
        sessions.show_session("20260101")
    for name in ("nope", "", "../../etc"):
        with pytest.raises(NotFound):
            sessions.show_session(name)


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        (["run.started"], "interrupted"),
        (["run.started", "iteration.started"], "interrupted"),
        (["run.started", "run.interrupted"], "interrupted"),
        (["run.started", "run.failed"], "failed"),
        (["run.started", "run.degraded"], "degraded"),
        (["run.started", "run.completed"], "completed"),
    ],
)
def test_status_follows_from_the_last_event(kinds: list[str], status: str) -> None:
    session("20260101-000000-aaaaaa", *kinds)
    assert sessions.show_session("last").status == status


def test_a_session_whose_lock_is_held_is_running() -> None:
    place = session("20260101-000000-aaaaaa", "run.started")
    with places.held(place):
        assert sessions.show_session("last").status == "running"
    assert sessions.show_session("last").status == "interrupted"


def test_a_corrupt_session_is_a_warning_and_the_others_are_listed() -> None:
    session("20260101-000000-aaaaaa", "run.started", "run.completed")
    bad = session("20260201-000000-bbbbbb", "run.started", "run.completed")
    bad.journal.write_text("garbage\n" + bad.journal.read_text())
    ran = run_here("loop", "list", "--json")
    assert [item["session_id"][-6:] for item in ran.data["items"]] == ["aaaaaa"]
    assert [warning["code"] for warning in ran.document["warnings"]] == ["session.journal_corrupt"]
    assert run_here("loop", "show", bad.session_id).code == 4


def test_the_projection_can_be_thrown_away(home: Path) -> None:
    assert run_here("loop", "start", "Is it so?", "--provider", "rehearsal").code == 0
    (place,) = (home / "sessions").iterdir()
    before = run_here("loop", "show", "--json").data
    (place / "session.json").unlink()
    assert run_here("loop", "show", "--json").data == before


def test_what_is_read_back_is_what_was_answered() -> None:
    said = run_here("loop", "start", "Is A or B it?", "--pattern", "debate", "--provider", "rehearsal", "--json").data
    result = sessions.show_session("last").result
    assert isinstance(result, LoopRun)
    assert run_here("loop", "show", "--json").data["result"] == said


def test_a_result_is_not_lost_because_its_projection_cannot_be_written(home: Path) -> None:
    def in_the_way(event: dict[str, Any]) -> None:
        if event["type"] == "run.completed":
            (home / "sessions" / event["data"]["result"]["session_id"] / "session.json").mkdir()

    loaded = settings.load()
    request, _ = prepare("Is it so?", (), loaded, Wish("solo", provider="rehearsal"))
    run = single.start(request, loaded, FakeClock(), (in_the_way,))
    assert (run.status, run.answer is not None) == ("completed", True)
    assert "session.json" in run.notes[-1]
    assert "the journal holds the run" in run.notes[-1]
    assert sessions.show_session("last").status == "completed"


PLANNED = {
    "session_id": str,
    "status": str,
    "pattern": str,
    "task": str,
    "iteration": int,
    "max_iterations": int,
    "completion_promise": (str, type(None)),
    "created_at": str,
    "updated_at": str,
    "loop_enabled": bool,
    "multi_model_per_iteration": bool,
    "fallback_agents": list,
    "rate_limited_agents": dict,
    "current_agent": str,
    "agent_switch_history": list,
}
"""The fields of the plan's `CoworkSession`."""


def run_and_read(*argv: str) -> dict[str, Any]:
    ran = run_here("loop", *argv, "--json")
    assert ran.code in (0, 8), ran.out
    return dict(json.loads((places.of_kind("loop")[0].path / "session.json").read_text()))


@pytest.mark.parametrize(
    ("argv", "promise", "loops"),
    [
        (("start", "Why?", "--pattern", "solo", "--seat", "solo=rehearsal"), None, False),
        (("run", "Do it", "--agent", "rehearsal", "--max-iterations", "1"), "<promise>COMPLETE</promise>", True),
    ],
    ids=["pattern", "loop"],
)
def test_every_session_has_every_field_of_the_plan(argv: tuple[str, ...], promise: str | None, loops: bool) -> None:
    page = run_and_read(*argv)
    assert {name: type(page[name]) for name in PLANNED if not isinstance(page[name], PLANNED[name])} == {}
    assert (page["completion_promise"], page["loop_enabled"], page["iteration"], page["max_iterations"]) == (
        promise,
        loops,
        1,
        1,
    )
    shown = run_here("loop", "show", "last", "--json").data
    assert {**shown, "result": None, "report": None} == {**page, "result": None}
    listed = run_here("loop", "list", "--json").data["items"][0]
    assert {name: listed[name] for name in ("session_id", "status", "task", "loop_enabled", "iteration")} == {
        name: page[name] for name in ("session_id", "status", "task", "loop_enabled", "iteration")
    }


def test_a_loop_that_lost_its_session_json_is_shown_from_its_journal() -> None:
    page = run_and_read("run", "Do it", "--agent", "rehearsal", "--max-iterations", "1")
    place = places.of_kind("loop")[0]
    (place.path / "session.json").unlink()
    assert {**run_here("loop", "show", "last", "--json").data, "report": None} == page
    sessions.checkpoint(place)
    assert json.loads((place.path / "session.json").read_text()) == page


def test_a_loop_without_an_end_whose_process_is_gone_was_interrupted() -> None:
    run_and_read("run", "Do it", "--agent", "rehearsal", "--max-iterations", "1")
    place = places.of_kind("loop")[0]
    place.journal.write_bytes(b"".join(place.journal.read_bytes().splitlines(keepends=True)[:-1]))
    assert sessions.show_session("last").status == "interrupted"
    with places.held(place):
        assert sessions.show_session("last").status == "running"


def test_a_loop_whose_journal_makes_no_sense_harms_no_other() -> None:
    run_and_read("run", "Do it", "--agent", "rehearsal", "--max-iterations", "1")
    place = places.of_kind("loop")[0]
    place.journal.write_text(place.journal.read_text().replace('"usage":{', '"usage":7,"x":{'))
    session("20200101-000000-aaaaaa", "run.started", "run.interrupted")
    listed, notices = sessions.list_sessions()
    assert [item.session_id for item in listed.items] == ["20200101-000000-aaaaaa"]
    assert place.session_id in notices[0].message
    assert run_here("loop", "show", place.session_id, "--json").code == 4


def test_a_loop_is_shown_with_its_tasks_and_how_it_ended_as_when_it_ended() -> None:
    Path("prd.json").write_text('[{"id": "a", "title": "Paint"}, {"id": "b", "title": "Dry", "dependencies": ["a"]}]')
    ran = run_here("loop", "run", "--tasks", "prd.json", "--agent", "rehearsal", "--max-iterations", "1")
    shown = run_here("loop", "show")
    assert shown.out.endswith(ran.out)
    assert "Paint" in ran.out
    said = run_here("loop", "show", "--json").data
    assert [task["id"] for task in said["report"]["tasks"]] == ["a", "b"]
    assert (said["status"], said["report"]["status"], said["report"]["reason"]) == ("limit", "limit", "iterations")


def test_a_loop_whose_tasks_are_gone_is_shown_all_the_same() -> None:
    Path("prd.json").write_text('[{"id": "a", "title": "Paint"}]')
    run_here("loop", "run", "--tasks", "prd.json", "--agent", "rehearsal", "--max-iterations", "1")
    Path("prd.json").unlink()
    shown = run_here("loop", "show")
    assert (shown.code, "note: " in shown.out) == (0, True)
