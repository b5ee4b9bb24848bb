"""The state machine: five steps, in their order, on record as they are taken."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from cowork.loop.engine.book import Book
from cowork.loop.engine.events import EVENTS, TERMINAL, End, problems
from cowork.sessions import journal, places
from tests.loop.engine.driving import Stage, Turn, asks, breaks, done, says

STEPS = ["task.selected", "iteration.started", "agent.started", "prompt.built", "agent.completed"]


def test_an_iteration_selects_builds_a_prompt_executes_detects_and_goes_on(stage: Stage) -> None:
    ended = stage.run(says("Half of it is there."), done())

    assert ended.kinds == [
        "run.started",
        *STEPS,
        "iteration.completed",
        *STEPS,
        "completion.accepted",
        "task.completing",
        "task.completed",
        "iteration.completed",
        "run.completed",
    ]
    assert ended.ending == ("completed", "done", 0, None)
    assert [item["outcome"] for item in ended.of("iteration.completed")] == ["continued", "completed"]


def test_the_tasks_are_read_before_one_is_selected_and_again_once_they_changed(stage: Stage) -> None:
    stage.tasks({"id": "a", "title": "A"}, {"id": "b", "title": "B"})
    ended = stage.run(done(), says("not yet"), done(), task=None)

    steps = [kind for kind in ended.kinds if kind in ("tasks.read", "task.selected", "task.completed")]
    assert steps == ["tasks.read", "task.selected", "task.completed", "tasks.read", *["task.selected"] * 2, "task.completed",
                     "tasks.read"]  # fmt: skip
    assert [(read["done"], read["total"]) for read in ended.of("tasks.read")] == [(0, 2), (1, 2), (2, 2)]
    assert stage.in_file("a")["status"] == stage.in_file("b")["status"] == "done"


def test_what_an_agent_says_is_live_and_in_its_file_and_its_final_message_is_in_the_journal(stage: Stage) -> None:
    ended = stage.run(done("It is there."))

    assert "agent.output" not in ended.kinds
    assert [event["data"]["text"] for event in stage.live] == [ended.of("agent.completed")[0]["message"]]
    output = ended.of("iteration.started")[0]["output"]
    assert (ended.place.path / output).read_text().startswith("It is there.")
    assert (ended.place.path / ended.of("prompt.built")[0]["prompt"]).read_text() == stage.prompts[0]


def test_what_agents_report_of_their_own_is_journalled_with_the_iteration(stage: Stage) -> None:
    told = [("subagent.started", {"agent": "one", "id": "s1"}), ("tool.called", {"name": "Bash"})]
    ended = stage.run(says("hm"), done(tells=told))
    assert ended.of("subagent.started", "tool.called") == [
        {"agent": "one", "id": "s1", "iteration": 2},
        {"name": "Bash", "iteration": 2},
    ]


def test_the_report_says_what_was_used_in_all(stage: Stage) -> None:
    ended = stage.run(says("a", tokens=(100, 20), usd=0.5), says("b", tokens=(0, 0), usd=0.0), done(tokens=(1, 2), usd=0.25))
    report = ended.report
    assert (report.tokens.input, report.tokens.output, report.tokens.source) == (101, 22, "reported")
    assert (report.cost.usd, report.cost.known) == (0.75, True)
    assert (report.iterations, report.done, report.total) == (3, 1, 1)
    assert ended.of("run.completed")[0]["tokens"] == {"input": 101, "output": 22}
    assert ended.of("run.completed")[0]["usd"] == 0.75
    assert report.output == "All of it works."


def test_seconds_are_those_of_the_work(stage: Stage) -> None:
    ended = stage.run(says("a", seconds=7), done(seconds=5))
    assert ended.report.seconds == ended.of("run.completed")[0]["elapsed_s"] == 12
    assert [item["seconds"] for item in ended.of("iteration.completed")] == [7, 5]


def test_a_checkpoint_follows_every_iteration(stage: Stage) -> None:
    seen = []

    def look(_: object) -> None:
        seen.append(json.loads((places.of_kind("loop")[0].path / "session.json").read_text())["iterations"])

    ended = stage.run(says("a", meanwhile=look), says("b", meanwhile=look), done(meanwhile=look))
    assert seen == [0, 1, 2]
    assert ended.page["iterations"] == 3


def test_an_agent_that_breaks_the_run_is_reported_as_the_bug_it_is(stage: Stage) -> None:
    error = stage.fails(says("", error=RuntimeError("a bug")))
    assert isinstance(error, RuntimeError)
    end = journal.read(places.of_kind("loop")[0].journal)[-1]
    assert (end["type"], end["data"]["reason"]) == ("run.failed", "internal")


@pytest.mark.parametrize("turns", [[done()], [asks("Which?")], [breaks(), says("a"), done()]])
def test_numbers_of_iterations_have_no_gaps(stage: Stage, turns: list[Turn]) -> None:
    ended = stage.run(*turns)
    numbers = [item["iteration"] for item in ended.of("iteration.started")]
    assert numbers == list(range(1, len(turns) + 1))


def test_every_end_is_an_end_to_whoever_looks_at_sessions() -> None:
    assert TERMINAL.items() <= places.TERMINAL.items()
    assert set(TERMINAL.values()) == set(get_args(End))
    assert all(EVENTS[kind].fields == EVENTS["run.completed"].fields for kind in TERMINAL)


def test_an_event_that_is_not_as_the_table_has_it_is_told() -> None:
    assert problems("run.pausing", {}) == []
    assert problems("run.paused", {"elapsed": 1}) == ["run.paused lacks elapsed_s", "run.paused has no field elapsed"]
    assert problems("worktree.removed", {"task": "a"}) == ["worktree.removed lacks path"]
    assert problems("seat.asked", {"whatever": 1}) == []


def test_a_second_end_is_not_written(stage: Stage) -> None:
    """What goes wrong while a run that is over lets go of its agents does not end it again."""
    ended = stage.run(done())
    book = Book(journal.Journal(ended.place.journal, stage.clock, after=ended.state.seq), ended.state)
    book.end("run.failed", reason="late", message="an agent could not be closed")
    book.close()
    assert ended.kinds[-1] == "run.completed"
