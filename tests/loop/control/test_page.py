"""How a session stands is computed from its journal, whatever it went through."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cowork.core.errors import InvalidInput
from cowork.core.plain import to_plain
from cowork.loop.control.page import LoopPage, page
from cowork.sessions import journal, places
from cowork.sessions.journal import Journal
from cowork.sessions.places import Workplace
from tests.loop.control.loops import Said, ended, head, over, session, started, worked
from tests.support import FakeClock, run_here

LIMITED = (
    "agent.limited",
    {"agent": "claude", "until": "2026-01-31T09:00:00.000Z", "wait_s": 3300.0, "message": "resets at 9"},
)


def look(*said: Said, clock: FakeClock | None = None) -> LoopPage:
    place = session(*said)
    return seen(place, clock)


def seen(place: Workplace, clock: FakeClock | None = None) -> LoopPage:
    return page(place, journal.read(place.journal), (clock or FakeClock()).now())


def test_a_session_that_just_began() -> None:
    found = look(head())
    assert (found.mode, found.status, found.state, found.lock) == ("loop", "interrupted", "idle", "free")
    assert (found.task, found.project, found.agents, found.agent) == (
        "Write the parser", str(Path.cwd()), ("claude", "codex"), "claude",
    )  # fmt: skip
    assert (found.iteration, found.max_iterations, found.current_task, found.last) == (0, 10, None, None)
    assert (found.cost.usd, found.cost.cap, found.tokens.input) == (0.0, 5.0, 0)


def test_in_the_middle_of_an_iteration() -> None:
    place = session(
        head(tasks_file="prd.json", task=""),
        ("tasks.read", {"path": "prd.json", "total": 3, "done": 1, "digest": "aa"}),
        ("task.selected", {"iteration": 1, "task": "t-1", "title": "The parser", "reason": "first"}),
        started(1), worked(1), over(1), started(2, attempt=2), worked(2, usd=0.25),
    )  # fmt: skip
    with places.held(place) as holder:
        found = seen(place)
    assert (found.status, found.state, found.lock) == ("running", "running", "held")
    assert found.worker is not None
    assert (found.worker.pid, found.worker.since) == (holder.pid, holder.at)
    assert (found.iteration, found.attempt, found.iteration_since is not None) == (2, 2, True)
    assert found.current_task is not None
    assert (found.task, found.current_task.title, found.tasks_done, found.tasks_total) == (
        "the tasks of prd.json",
        "The parser",
        1,
        3,
    )
    assert (found.tokens.input, found.tokens.output, found.tokens.source) == (200, 20, "reported")
    assert (found.cost.usd, found.cost.known, found.seconds) == (0.75, True, 2.5)
    assert found.last is not None
    assert (found.last.iteration, found.last.outcome, found.last.summary) == (1, "continued", "summary 1")


def test_a_cost_that_is_unknown_once_is_unknown() -> None:
    found = look(head(), started(1), worked(1, usd=None), worked(2))
    assert (found.cost.usd, found.cost.known, found.tokens.input) == (None, False, 200)


def test_a_task_that_is_done_is_nobodys_current_one_and_counts() -> None:
    found = look(
        head(),
        ("tasks.read", {"path": "p", "total": 2, "done": 0, "digest": "aa"}),
        ("task.selected", {"iteration": 1, "task": "t-1", "title": "x", "reason": "first"}),
        ("task.completed", {"iteration": 1, "task": "t-1", "title": "x"}),
        ("tasks.read", {"path": "p", "total": 2, "done": 1, "digest": "ab"}),
    )
    assert (found.current_task, found.tasks_done) == (None, 1)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ([("run.pausing", {})], "pausing"),
        ([("run.pausing", {}), ("run.paused", {"elapsed_s": 1.0})], "paused"),
        ([("run.pausing", {}), ("run.paused", {"elapsed_s": 1.0}), ("run.continued", {})], "running"),
        ([("run.stopping", {"how": "stop"})], "stopping"),
        ([("run.paused", {"elapsed_s": 1.0}), ("run.resumed", {"lost_s": 0, "mended": False, "again": False})], "running"),
    ],
)
def test_states_of_a_process_that_lives(said: list[Said], state: str) -> None:
    place = session(head(), started(1), *said)
    with places.held(place):
        found = seen(place)
    assert found.state == state
    assert (found.waits_for is not None and "loop resume" in found.waits_for) == (state == "paused")
    assert seen(place).state == "idle"


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("run.completed", "completed"), ("run.limit", "limit"), ("run.stagnated", "stagnated"), ("run.blocked", "blocked"),
        ("run.rate_limited", "rate-limited"), ("run.failed", "failed"), ("run.aborted", "aborted"),
        ("run.interrupted", "interrupted"),
    ],
)  # fmt: skip
def test_every_end_is_a_status_here_and_in_lists_also_after_somebody_was_told(kind: str, status: str) -> None:
    place = session(head(), ended(kind, "so it is", "why"), ("notification.sent", {"targets": 1}))
    found = seen(place)
    assert (found.status, found.state, found.reason, found.message) == (status, "idle", "why", "so it is")
    assert (found.waits_for is None) == (status == "completed")
    assert places.status_of(place, journal.read(place.journal)) == status


def test_a_resumed_session_has_not_ended() -> None:
    place = session(head(), ended("run.limit"), ("run.resumed", {"lost_s": 0, "mended": False, "again": False}), started(1))
    with places.held(place):
        found = seen(place)
    assert (found.status, found.reason, found.message, found.iteration) == ("running", None, None, 1)


def test_limited_agents_are_named_until_they_may_work_again() -> None:
    place, clock = session(head(), started(1), LIMITED), FakeClock()
    assert [limited.agent for limited in seen(place, clock).agents_limited] == ["claude"]
    clock.advance(3600)
    assert seen(place, clock).agents_limited == ()


def test_when_all_are_limited_it_waits_for_the_earliest_reset_and_then_no_more() -> None:
    waits = ("agents.limited", {"until": "2026-01-31T09:00:00.000Z", "wait_s": 10, "tried": ["claude", "codex"]})
    place = session(head(), started(1), LIMITED, waits)
    with places.held(place):
        assert "2026-01-31T09:00:00.000Z" in (seen(place).waits_for or "")
        again = ("agent.started", {"iteration": 1, "task": None, "agent": "codex", "provider": "p", "model": "m"})
        place = session(head(), started(1), LIMITED, waits, again, name="20260131-080501-aaaaaa")
        with places.held(place):
            assert (seen(place).waits_for, seen(place).agent) == (None, "codex")


def test_an_open_question_is_what_it_waits_for_until_somebody_answers() -> None:
    asked = ("task.blocked", {"iteration": 1, "task": "t; rm", "question": "Which one?"})
    found = look(head(), started(1), asked, ended("run.blocked"))
    assert [(question.task, question.question) for question in found.questions] == [("t; rm", "Which one?")]
    assert "cowork loop answer 20260131-080500-aaaaaa 't; rm' TEXT" in (found.waits_for or "")


def test_an_answer_closes_a_question() -> None:
    asked = ("task.blocked", {"iteration": 1, "task": "t-1", "question": "Which one?"})
    answered = ("task.answered", {"task": "t-1", "question": "Which one?", "answer": "this one"})
    assert look(head(), asked, answered).questions == ()


def test_limits_that_were_changed_are_the_limits() -> None:
    found = look(head(), ("limits.changed", {"limits": {"iterations": 0, "usd": 9.0}}))
    assert (found.max_iterations, found.cost.cap) == (None, 9.0)


def test_calls_of_a_pattern_within_a_loop_are_not_counted_twice() -> None:
    place = session(head(), started(1))
    book = Journal(place.journal, FakeClock(), after=2)
    book.append("call.completed", {"seat": "a", "round": 0, "usage": {"input": 100, "output": 10, "source": "reported"}})
    book.append(*worked(1))
    book.close()
    assert seen(place).tokens.input == 100


def test_one_run_of_a_pattern_is_a_session_like_any_other() -> None:
    said = run_here("loop", "start", "Is A or B it?", "--pattern", "debate", "--provider", "rehearsal", "--json").data
    found = seen(next(iter(places.of_kind("loop"))))
    assert (found.mode, found.status, found.pattern, found.iteration) == ("pattern", "completed", "debate", 1)
    assert to_plain(found.tokens) == said["tokens"]
    assert found.cost.usd == said["cost"]["usd"]
    assert found.agents == ("first", "second", "judge")


def test_the_page_of_a_prefix_is_the_page_at_that_time() -> None:
    """Folding goes forwards only: what comes later changes nothing of what was."""
    said = [head(), started(1), worked(1), over(1), ended("run.limit")]
    place = session(*said)
    events = journal.read(place.journal)
    pages = [page(place, events[:number], FakeClock().now()) for number in range(1, len(said) + 1)]
    assert [found.events for found in pages] == [1, 2, 3, 4, 5]
    assert [found.status for found in pages] == ["interrupted"] * 4 + ["limit"]
    assert replace(pages[4], events=4, status="interrupted", reason=None, message=None) == pages[3]


@pytest.mark.parametrize(
    "said",
    [
        [("said", {})],
        [("run.started", {})],
        [("run.started", {"order": {"project": 1}})],
        [("run.started", {"order": {**head()[1]["order"], "agents": 3}})],
        [head(), ("iteration.started", {})],
        [head(), ("tasks.read", {"total": "many", "done": 0})],
        [head(), ("task.blocked", {"task": "t"})],
        [head(), ("limits.changed", {"limits": []})],
    ],
)
def test_a_journal_that_does_not_say_what_it_should_is_refused_by_name(said: list[Said]) -> None:
    place = places.create("20260131-080500-aaaaaa")
    book = Journal(place.journal, FakeClock())
    for kind, data in said:
        book.append(kind, data)
    book.close()
    with pytest.raises(InvalidInput) as refused:
        seen(place)
    assert refused.value.code == "session.journal_corrupt"
    assert str(place.journal) in refused.value.message
    assert run_here("loop", "status", place.session_id, "--json").code == 4


def test_the_verbs_for_sessions_of_every_kind_show_loops_too() -> None:
    session(head(), started(1), worked(1), over(1), ended("run.limit", "one iteration"), ("notification.sent", {"targets": 1}))
    shown = run_here("session", "show", "--json").data
    assert (shown["kind"], shown["what"], shown["task"], shown["status"]) == (
        "loop",
        "claude, codex",
        "Write the parser",
        "limit",
    )
    assert (shown["turns"], shown["input_tokens"], shown["error"]) == (1, 100, "one iteration")
    assert run_here("session", "list", "--json").data["items"][0]["what"] == "claude, codex"
    assert "## claude, iteration 1\n\ndid 1" in run_here("session", "export").out
