"""What was asked in a session and what was answered, for sessions of every kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import InvalidInput, NotFound
from cowork.sessions import places
from cowork.sessions.exchanges import Exchange, last_of
from cowork.sessions.journal import Journal
from tests.support import ROOT, FakeClock, run_here

AT = "2026-01-31T08:05:00.000Z"


def session(name: str, *events: tuple[str, dict[str, Any]]) -> None:
    """A session whose journal holds these events."""
    place = places.create(name)
    journal = Journal(place.journal, FakeClock())
    for kind, data in events:
        journal.append(kind, data)
    journal.close()


def test_an_agent_was_asked_its_task_and_answered_at_its_end() -> None:
    assert run_here("agent", "run", "Explore", "What is here?", "--provider", "rehearsal").code == 0

    found = last_of("last", 5)

    assert (found.kind, found.status, found.count) == ("agent", "completed", 1)
    assert (found.items[0].asked, found.items[0].by) == ("What is here?", "Explore")
    assert "rehearsal" in found.items[0].answered


def test_a_pattern_was_asked_its_task() -> None:
    assert run_here("loop", "start", "Is it so?", "--provider", "rehearsal").code == 0

    found = last_of("last", 5)

    assert (found.kind, [(one.asked, one.answered) for one in found.items]) == ("loop", [("Is it so?", "yes")])


def test_a_bench_was_asked_its_questions_arm_by_arm() -> None:
    questions = str(ROOT / "tests" / "loop" / "bench" / "questions.jsonl")
    assert run_here("bench", "run", questions, "--pattern", "debate", "--provider", "rehearsal").code == 0

    found = last_of("last", 2)

    assert (found.kind, len(found.items), found.count) == ("bench", 2, 6)
    assert {one.asked for one in last_of("last", 6).items} == {"What is 17 + 25?", "What is the capital of France?"}


def test_the_iterations_of_a_working_loop_are_its_exchanges_and_so_is_what_the_user_answered() -> None:
    session(
        "20260131-080500-aaaaaa",
        ("run.started", {"session": "s", "order": {"task": "all of it"}}),
        ("task.selected", {"iteration": 1, "task": "T1", "title": "Write the parser", "reason": "first"}),
        ("agent.completed", {"iteration": 1, "task": "T1", "agent": "claude", "message": "half done"}),
        ("task.answered", {"task": "T1", "question": "Which one?", "answer": "the second"}),
        ("agent.completed", {"iteration": 2, "task": "T1", "agent": "codex", "message": "done"}),
    )

    assert last_of("last", 9).items == (
        Exchange("iteration 1, task T1: Write the parser", "half done", "claude", AT),
        Exchange("Which one?", "the second", "user", AT),
        Exchange("iteration 2, task T1: Write the parser", "done", "codex", AT),
    )
    assert [one.answered for one in last_of("last", 2).items] == ["the second", "done"]


def test_a_session_that_was_cut_short_has_the_last_words_of_its_main_agent() -> None:
    session(
        "20260131-080500-aaaaaa",
        ("run.started", {"kind": "agent", "agent_name": "Explore", "task": "Look"}),
        ("question.asked", {"agent": "main", "question": "Where?", "answer": None}),
        ("turn.completed", {"agent": "main", "turn": 1, "text": "I look."}),
        ("turn.completed", {"agent": "main/Plan-1", "turn": 1, "text": "I plan."}),
    )

    found = last_of("last", 5)

    assert found.status == "interrupted"
    assert [(one.asked, one.answered) for one in found.items] == [("Where?", ""), ("Look", "I look.")]


def test_no_prompts_are_none() -> None:
    session("20260131-080500-aaaaaa", ("run.started", {"task": "x"}))

    assert last_of("last", 0).items == ()


def test_a_session_that_is_none_or_damaged_is_refused(home: Path) -> None:
    with pytest.raises(NotFound) as missing:
        last_of("last", 1)
    assert missing.value.code == "session.not_found"
    session("20260131-080500-aaaaaa", ("run.started", {"task": "x"}), ("note", {}))
    journal = home / "sessions" / "20260131-080500-aaaaaa" / "journal.jsonl"
    journal.write_text("not an event\n" + journal.read_text())

    with pytest.raises(InvalidInput) as caught:
        last_of("last", 1)

    assert caught.value.code == "session.journal_corrupt"
