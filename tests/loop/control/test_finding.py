"""Which session is meant: the words of a user in one project never reach what works on another."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowork.loop.control.inbox import Inbox
from cowork.sessions import places
from tests.loop.control.loops import SESSION, ended, head, session, started
from tests.support import run_here

OTHER = "20260201-080500-bbbbbb"


@pytest.fixture
def elsewhere(tmp_path: Path) -> places.Workplace:
    """A newer session of another project."""
    return session(head(project=str(tmp_path / "other")), started(1), name=OTHER)


@pytest.mark.parametrize("argv", [["pause"], ["stop"], ["cancel"], ["stop", "last"], ["answer", "last", "this"]])
def test_another_projects_run_is_not_steered_unless_it_is_named(argv: list[str], elsewhere: places.Workplace) -> None:
    with places.held(elsewhere):
        ran = run_here("loop", *argv, "--json")
        assert (ran.code, ran.document["error"]["code"]) == (3, "session.not_found")
        assert OTHER in ran.document["error"]["hint"]
        assert not Inbox(elsewhere).waiting()
        assert run_here("loop", "stop", OTHER).code == 0
        assert [request.wish for request in Inbox(elsewhere).take()] == ["stop"]


@pytest.mark.parametrize("verb", ["status", "export"])
def test_an_older_session_of_this_project_is_meant_before_a_newer_one_of_another(
    verb: str, elsewhere: places.Workplace
) -> None:
    assert run_here("loop", verb).code == 3
    session(head(), started(1))
    ran = run_here("loop", verb, "--json")
    assert (ran.code, ran.data["session_id"]) == (0, SESSION)


def test_the_last_session_to_go_on_with_is_one_of_this_project(elsewhere: places.Workplace) -> None:
    assert run_here("loop", "resume", "--json").document["error"]["code"] == "session.not_found"
    session(head(), started(1), ended("run.completed"))
    ran = run_here("loop", "resume", "--json")
    assert ran.document["error"]["code"] == "session.finished"
    assert SESSION in ran.document["error"]["message"]


def test_a_run_of_a_pattern_is_of_no_project_and_can_be_looked_at_but_not_steered_by_chance() -> None:
    run_here("loop", "start", "Is it so?", "--provider", "rehearsal")
    assert run_here("loop", "status", "--json").data["mode"] == "pattern"
    assert run_here("loop", "cancel", "--json").document["error"]["code"] == "session.not_found"
    session(head(), name="20200101-080500-cccccc")
    assert run_here("loop", "status", "--json").data["mode"] == "loop"
