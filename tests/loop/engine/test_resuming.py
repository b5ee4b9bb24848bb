"""Going on: what is finished is neither lost nor done again, wherever a run was cut short."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from cowork.core.clock import SystemClock
from cowork.core.errors import InvalidInput, UsageError
from cowork.loop import resuming
from cowork.loop.engine.order import Completion, ErrorHandling, Limits
from cowork.loop.resuming import Again
from cowork.sessions import journal
from tests.loop.engine.driving import Ended, Stage, agent, asks, breaks, done, limited, says
from tests.models.surroundings import settings
from tests.support import run_here

A = {"id": "a", "title": "A", "checks": ["true"]}
B = {"id": "b", "title": "B", "dependencies": ["a"]}
BEGIN = [says("a", usd=1.0), breaks("cut"), done("First."), done("Second.")]


def cut(ended: Ended, events: int) -> None:
    """Leave the journal as it was after so many events."""
    lines = ended.place.journal.read_bytes().splitlines(keepends=True)
    ended.place.journal.write_bytes(b"".join(lines[:events]))


def journey(stage: Stage) -> Ended:
    """A run of two tasks with a check, a failure and a limit on the way."""
    stage.tasks(A, B)
    stage.cast(one=[limited(1), *BEGIN], two=[says("two works", usd=2.0)])
    order = stage.order(
        None,
        agents=(agent("one"), agent("two")),
        task_checks=("true",),
        errors=ErrorHandling(retry_delay_ms=30_000),
    )
    return stage.run(order=order)


class Answers:
    """What an agent does that is asked however often: it says that it is done."""

    def __iter__(self) -> Any:
        while True:
            yield done("Again.", usd=0.5)


def test_wherever_it_is_cut_it_goes_on_with_what_was_not_done(stage: Stage) -> None:
    whole = journey(stage)
    assert whole.status == "completed"
    total = len(whole.events)
    held = whole.place.journal.read_bytes()

    for events in range(1, total):
        whole.place.journal.write_bytes(held)
        before = whole.events[:events]
        cut(whole, events)
        finished = [event["data"]["task"] for event in before if event["type"] in ("task.completing", "task.completed")]
        stage.tasks(*({**task, "status": "done" if task["id"] in finished else "pending"} for task in (A, B)))
        stage.asked.clear()
        stage.cast(one=Answers(), two=Answers())
        ended = stage.resume()

        where = f"after {events} events, the last {before[-1]['type']}"
        assert ended.status == "completed", where
        answered = [event["data"]["iteration"] for event in before if event["type"] == "agent.completed"]
        assert not set(answered) & {job.iteration for _, job in stage.asked}, f"{where}: nobody is asked again"
        known = [event["data"]["usd"] for event in before if event["type"] == "agent.completed"]
        assert ended.state.usd == pytest.approx(sum(known) + 0.5 * len(stage.asked)), where
        marked = [item["task"] for item in ended.of("task.completed")]
        assert sorted(marked) == ["a", "b"], where
        numbers = {item["iteration"] for item in ended.of("iteration.completed")}
        assert numbers == set(range(1, len(numbers) + 1)), where
        assert ended.report.iterations == len(numbers), where


def test_checks_that_ended_are_not_run_again(stage: Stage) -> None:
    order = stage.order(completion=Completion(checks=("echo 1 >> one", "echo 2 >> two")))
    ended = stage.run(done(), order=order)
    first = next(n for n, event in enumerate(ended.events) if event["type"] == "check.completed")
    cut(ended, first + 1)
    stage.cast(one=[])
    ended = stage.resume()
    assert ended.status == "completed"
    assert ((stage.project / "one").read_text(), (stage.project / "two").read_text()) == ("1\n", "2\n2\n")
    assert [item["command"] for item in ended.of("check.completed")] == ["echo 1 >> one", "echo 2 >> two"]


def test_a_completion_that_was_begun_is_not_judged_again(stage: Stage) -> None:
    """Its checks passed; what happened to the files since then is not this iteration's business."""
    path = stage.tasks({"id": "a", "title": "A"})
    held = path.read_bytes()
    ended = stage.run(done(), order=stage.order(None, completion=Completion(checks=("test ! -e later",))))
    cut(ended, next(n for n, event in enumerate(ended.events) if event["type"] == "task.completing") + 1)
    path.write_bytes(held)
    (stage.project / "later").touch()
    stage.cast(one=[])
    ended = stage.resume()
    assert (ended.status, len(ended.of("check.completed"))) == ("completed", 1)
    assert stage.in_file("a")["status"] == "done"


def test_an_iteration_whose_task_was_taken_out_meanwhile_is_over(stage: Stage) -> None:
    stage.tasks({"id": "a", "title": "A"}, {"id": "b", "title": "B"})
    ended = stage.run(says("half", usd=1.0), done(), done(), order=stage.order(None))
    cut(ended, next(n for n, event in enumerate(ended.events) if event["type"] == "agent.completed") + 1)
    stage.edit(lambda held: held.update(tasks=[{"id": "b", "title": "B"}]))
    ended = stage.resume(done(usd=0.5))
    assert (ended.status, ended.report.cost.usd) == ("completed", 1.5)
    assert [(item["task"], item["outcome"]) for item in ended.of("iteration.completed")] == [
        ("a", "skipped"),
        ("b", "completed"),
    ]
    assert ended.state.open == {}


def test_a_number_that_was_cut_short_is_used_again(stage: Stage) -> None:
    ended = stage.run(says("a"), done())
    cut(ended, [n for n, event in enumerate(ended.events) if event["type"] == "prompt.built"][1] + 1)
    ended = stage.resume(says("b"), done())
    assert [job.iteration for _, job in stage.asked] == [1, 2, 2, 3]
    assert ended.report.iterations == 3


def test_the_last_line_may_be_torn(stage: Stage) -> None:
    ended = stage.run(says("a"), order=stage.order(limits=Limits(iterations=1)))
    with ended.place.journal.open("ab") as stream:
        stream.write(b'{"schema": "cowork.event/1", "seq": 9')
    ended = stage.resume(done(), limits={"iterations": 2})
    assert ended.status == "completed"
    assert [item["mended"] for item in ended.of("run.resumed")] == [True]


def test_an_earlier_line_that_is_no_event_is_refused_with_its_number(stage: Stage) -> None:
    ended = stage.run(says("a"), order=stage.order(limits=Limits(iterations=1)))
    lines = ended.place.journal.read_bytes().splitlines(keepends=True)
    lines[2] = b"rubbish\n"
    ended.place.journal.write_bytes(b"".join(lines))
    with pytest.raises(InvalidInput) as caught:
        stage.resume(done())
    assert caught.value.code == "session.journal_corrupt"
    assert "3" in caught.value.message
    assert ended.place.journal.read_bytes() == b"".join(lines)


def test_seconds_of_an_iteration_that_was_cut_short_are_counted(stage: Stage) -> None:
    ended = stage.run(says("a", seconds=5), done(seconds=5), order=stage.order(limits=Limits(seconds=1000)))
    cut(ended, [n for n, event in enumerate(ended.events) if event["type"] == "prompt.built"][1] + 1)
    clocked = stage.clock.moment.timestamp() - 5  # when the first iteration was over
    for path in (ended.place.journal, ended.place.output(2)):
        os.utime(path, (clocked + 60, clocked + 60))
    ended = stage.resume(done(seconds=5))
    assert ended.of("run.resumed")[0]["lost_s"] == 60
    assert ended.report.seconds == 5 + 60 + 5


def test_everything_it_was_told_is_kept(stage: Stage) -> None:
    order = stage.order(completion=Completion(promise="OK", nonce="1f"), limits=Limits(iterations=1), iteration_delay_ms=250)
    stage.run(says("a"), order=order)
    ended = stage.resume(says("b"), says("<promise>OK:1f</promise>"), limits={"iterations": 9})
    assert ended.status == "completed"
    assert ended.state.order == order
    assert "<promise>OK:1f</promise>" in stage.prompts[-1]
    assert stage.clock.slept == [0.25, 0.25]


def test_a_journal_that_was_told_to_the_disk_says_the_same_as_the_run_that_wrote_it(stage: Stage) -> None:
    ended = journey(stage)
    page = json.loads((ended.place.path / "session.json").read_text())
    assert page["iterations"] == ended.state.iterations == ended.report.iterations
    assert page["cost"]["usd"] == ended.report.cost.usd


class TestTheVerb:
    @pytest.fixture(autouse=True)
    def limit(self, stage: Stage) -> None:
        self.ended = stage.run(says("a"), order=stage.order(limits=Limits(iterations=1)))

    @pytest.mark.parametrize(
        ("flag", "value", "name"),
        [
            ("--max-iterations", "7", "iterations"),
            ("--max-time", "70.5", "seconds"),
            ("--max-tokens", "700", "tokens"),
            ("--max-cost", "0.7", "usd"),
            ("--max-failures", "7", "failures"),
            ("--max-attempts", "7", "attempts"),
            ("--stagnation", "7", "stagnation"),
            ("--idle-timeout", "7", "idle_s"),
            ("--iteration-timeout", "7", "iteration_s"),
        ],
    )
    def test_every_limit_has_a_flag(self, stage: Stage, flag: str, value: str, name: str) -> None:
        stage.cast(one=[done()])
        ran = run_here("loop", "resume", "last", flag, value, "--json")
        assert ran.code == (0 if name == "iterations" else 8)
        events = journal.read(self.ended.place.journal)
        assert [event["data"] for event in events if event["type"] == "limits.changed"] == [{"limits": {name: float(value)}}]

    def test_a_flag_with_an_equals_sign_is_the_same(self, stage: Stage) -> None:
        stage.cast(one=[done()])
        assert run_here("loop", "resume", "last", "--max-iterations=2", "--json").data["max_iterations"] == 2

    def test_a_dry_run_changes_nothing_and_says_what_would_be(self, stage: Stage) -> None:
        before = self.ended.place.journal.read_bytes()
        ran = run_here("loop", "resume", "last", "--max-iterations", "9", "--dry-run", "--json")
        assert (ran.code, ran.data["status"], ran.data["dry_run"]) == (0, "planned", True)
        assert {"iterations": "9"}.items() <= {step["target"]: step["detail"] for step in ran.data["plan"]}.items()
        assert self.ended.place.journal.read_bytes() == before
        assert len(stage.asked) == 1

    def test_what_is_complete_is_refused(self, stage: Stage) -> None:
        stage.resume(done(), limits={"iterations": 2})
        for more in ((), ("--dry-run",), ("--detach",)):
            ran = run_here("loop", "resume", "last", *more, "--json")
            assert (ran.code, ran.document["error"]["code"]) == (5, "session.finished")


def test_a_run_of_a_pattern_takes_none_of_that(home: Path) -> None:
    assert run_here("loop", "start", "Why?", "--pattern", "solo", "--seat", "solo=rehearsal", "--json").code == 0
    for wish in (Again(limits={"iterations": 1}), Again(again=True), Again(detach=True)):
        with pytest.raises(UsageError):
            resuming.resume("last", wish, settings(), SystemClock())


def test_a_question_outlives_the_process(stage: Stage) -> None:
    ended = stage.run(asks("Which?"))
    cut(ended, next(n for n, event in enumerate(ended.events) if event["type"] == "task.blocked") + 1)
    stage.cast(one=[])
    ended = stage.resume()
    assert (ended.status, len(ended.of("task.blocked"))) == ("blocked", 1)
