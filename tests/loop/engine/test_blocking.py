"""A task that waits for an answer: others go on, the question is on record, and the answer is in the next prompt."""

from __future__ import annotations

from cowork.loop.control import steering
from tests.loop.engine.driving import Stage, asks, done, says
from tests.support import run_here


def test_others_go_on_and_the_answer_is_in_the_prompt(stage: Stage) -> None:
    stage.tasks({"id": "a", "title": "A"}, {"id": "b", "title": "B"}, {"id": "c", "title": "C", "dependencies": ["a"]})
    ended = stage.run(asks("SQLite or Postgres?"), done(), task=None)

    assert [job.task for _, job in stage.asked] == ["a", "b"]
    assert ended.ending == ("blocked", "question", 8, "loop.blocked")
    assert ended.of("task.blocked") == [{"iteration": 1, "task": "a", "question": "SQLite or Postgres?"}]
    assert [(task.id, task.status, task.question) for task in ended.report.tasks] == [
        ("a", "blocked", "SQLite or Postgres?"),
        ("b", "done", None),
        ("c", "pending", None),
    ]
    assert ended.error is not None
    assert ended.error.cause == "SQLite or Postgres?"
    assert f'cowork loop answer {ended.place.session_id} a "..."' in str(ended.error.hint)
    assert ended.page["questions"] == {"a": "SQLite or Postgres?"}

    said = steering.answer(ended.place, None, "SQLite, `in memory`.", stage.clock)
    assert (said.task, said.question) == ("a", "SQLite or Postgres?")
    ended = stage.resume(done(), done())
    assert ended.ending == ("completed", "done", 0, None)
    assert [job.task for _, job in stage.asked[2:]] == ["a", "c"]
    assert "- Question: SQLite or Postgres?\n  Answer: SQLite, `in memory`." in stage.prompts[2]
    assert "SQLite" not in stage.prompts[3].split("## Answers")[-1].split("## What was done")[0]
    assert ended.of("task.answered") == [{"task": "a", "question": "SQLite or Postgres?", "answer": "SQLite, `in memory`."}]
    assert ended.page["questions"] == {}


def test_without_an_answer_it_goes_on_waiting(stage: Stage) -> None:
    stage.run(asks("Which?"))
    ended = stage.resume(done())
    assert (ended.status, len(stage.asked)) == ("blocked", 1)
    assert stage.resume(done(), again=True).status == "blocked", "nobody's question is passed over"


def test_an_answer_comes_while_others_work(stage: Stage) -> None:
    stage.tasks({"id": "a", "title": "A"}, {"id": "b", "title": "B"})

    async def answer(_: object) -> None:
        stage.post("answer", task="a", text="This one.")
        await stage.until("task.answered")

    ended = stage.run(asks("Which?"), says("hm", meanwhile=answer), done(), done(), task=None)
    assert ended.status == "completed"
    assert [job.task for _, job in stage.asked] == ["a", "b", "a", "b"]
    assert "Answer: This one." in stage.prompts[2]


def test_an_answer_for_whoever_asks(stage: Stage) -> None:
    ended = stage.run(asks("Which?"))
    stage.post("answer", task=None, text="The second.")
    ended = stage.resume(done())
    assert [item["task"] for item in ended.of("task.answered")] == ["task"]


def test_an_answer_that_nobody_asked_for_changes_nothing(stage: Stage) -> None:
    stage.run(asks("Which?"))
    stage.post("answer", task="other", text="x")
    ended = stage.resume()
    assert (ended.status, ended.of("task.answered")) == ("blocked", [])


def test_all_answers_of_a_task_stay_in_its_prompts(stage: Stage) -> None:
    stage.run(asks("First?"))
    stage.post("answer", task=None, text="one")
    stage.resume(asks("Second?"))
    stage.post("answer", task=None, text="two")
    stage.resume(says("hm"), done())
    for prompt in stage.prompts[2:]:
        assert "Question: First?\n  Answer: one" in prompt
        assert "Question: Second?\n  Answer: two" in prompt


def test_a_question_is_no_attempt_and_no_failure(stage: Stage) -> None:
    ended = stage.run(asks("Which?"))
    assert (ended.report.tasks[0].attempts, ended.page["failures"], ended.report.iterations) == (0, 0, 1)


def test_a_task_that_waits_and_is_done_by_hand_waits_no_more(stage: Stage) -> None:
    stage.tasks({"id": "a", "title": "A"})
    stage.run(asks("Which?"), task=None)
    stage.edit(lambda held: held["tasks"][0].update(status="done"))
    ended = stage.resume()
    assert (ended.status, len(stage.asked)) == ("completed", 1)
    assert (ended.report.tasks[0].why, ended.report.tasks[0].question) == ("", None)


def test_a_task_that_waits_and_is_taken_out_of_the_file_is_no_question_any_more(stage: Stage) -> None:
    stage.tasks({"id": "a", "title": "A"}, {"id": "b", "title": "B"})
    stage.run(asks("Which?"), asks("What?"), task=None)
    stage.edit(lambda held: held["tasks"].pop(0))
    ended = stage.resume()
    assert ended.error is not None
    assert (ended.status, ended.error.cause) == ("blocked", "What?")


def test_the_verbs_do_the_same(stage: Stage) -> None:
    session = stage.run(asks("Which?")).place.session_id
    assert run_here("loop", "answer", session, "The", "--json").code == 0
    stage.cast(one=[done()])
    ran = run_here("loop", "resume", session, "--json")
    assert (ran.code, ran.data["status"], ran.data["iterations"]) == (0, "completed", 2)
    assert "Answer: The" in stage.prompts[1]
