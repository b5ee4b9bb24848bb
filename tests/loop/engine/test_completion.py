"""When a task is done: the promise in the final message, and everything else that is asked for."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from cowork.loop.engine.iteration import LONGEST_MESSAGE
from cowork.loop.engine.order import Completion, ErrorHandling, Limits
from tests.loop.engine.driving import PROMISE, Stage, done, says


@pytest.fixture
def repository(stage: Stage) -> Path:
    """The project as a git repository with a commit."""
    (stage.project / "README").write_text("shop\n")
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=u", "-c", "user.email=u@e", "commit", "-qm", "begin"]):
        subprocess.run(["git", *words], cwd=stage.project, check=True)
    return stage.project


@pytest.mark.parametrize(
    "message",
    [
        "Everything works.",
        f"The protocol wants `{PROMISE}` at the end; I am not there.",
        f"```\n{PROMISE}\n```\nis what the log had.",
        f"> {PROMISE}\nsaid the one before me.",
        f"When all tests pass I will say:\n{PROMISE}",
        "<promise>complete</promise>",
        "<promise>DONE</promise>",
    ],
)
def test_what_is_no_promise_completes_nothing(stage: Stage, message: str) -> None:
    ended = stage.run(says(message), done())
    assert next(item["outcome"] for item in ended.of("iteration.completed")) in ("continued", "rejected")
    assert len(ended.of("task.completed")) == 1
    assert ended.of("task.completed")[0]["iteration"] == 2


def test_a_promise_in_what_it_said_before_or_in_tool_output_completes_nothing(stage: Stage) -> None:
    told = [("tool.finished", {"name": "Bash", "result": PROMISE}), ("agent.output", {"text": f"I will say\n{PROMISE}\n"})]
    ended = stage.run(says("There is more to do.", tells=told), done())
    assert [item["outcome"] for item in ended.of("iteration.completed")] == ["continued", "completed"]


def test_why_a_tag_did_not_count_is_in_the_next_prompt(stage: Stage) -> None:
    ended = stage.run(says(f"The end will be `{PROMISE}`."), done())
    reason = ended.of("completion.rejected")[0]["reasons"][0]
    assert "only mentioned" in reason
    assert reason in stage.prompts[1]
    assert reason not in stage.prompts[0]


def test_the_promise_may_be_another_text(stage: Stage) -> None:
    order = stage.order(completion=Completion(promise="ALL TESTS PASS"))
    ended = stage.run(done(), says("<promise>ALL TESTS PASS</promise>"), order=order)
    assert [item["outcome"] for item in ended.of("iteration.completed")] == ["rejected", "completed"]
    assert "<promise>ALL TESTS PASS</promise>" in stage.prompts[0]
    assert PROMISE not in stage.prompts[0]
    assert ended.page["completion_promise"] == "<promise>ALL TESTS PASS</promise>"


def test_with_a_nonce_an_old_promise_does_not_count(stage: Stage) -> None:
    order = stage.order(completion=Completion(nonce="6f0a"))
    ended = stage.run(done(), says("<promise>COMPLETE:0000</promise>"), says("<promise>COMPLETE:6f0a</promise>"), order=order)
    assert [item["outcome"] for item in ended.of("iteration.completed")] == ["rejected", "rejected", "completed"]
    assert "<promise>COMPLETE:6f0a</promise>" in stage.prompts[0]


def test_a_promise_with_checks_that_fail_is_rejected_and_what_failed_is_in_the_next_prompt(stage: Stage) -> None:
    order = stage.order(completion=Completion(checks=("echo 3 tests broke; test -e fixed", "true")))
    ended = stage.run(done(), says("I look for it."), done(writes={"fixed": ""}), order=order)

    assert [(check["command"], check["status"]) for check in ended.of("check.completed")] == [
        ("echo 3 tests broke; test -e fixed", 1),
        ("true", 0),
        ("echo 3 tests broke; test -e fixed", 0),
        ("true", 0),
    ]
    rejected = ended.of("completion.rejected")
    assert len(rejected) == 1
    assert "ended with 1" in rejected[0]["reasons"][0]
    told = stage.prompts[1].partition("## Why it is not done yet")[2].partition("\n## ")[0]
    assert "ended with 1" in told
    assert "3 tests broke" in told
    assert "## Why it is not done yet" not in stage.prompts[0] + stage.prompts[2]
    assert "`true` ended" not in stage.prompts[1]
    assert [item["outcome"] for item in ended.of("iteration.completed")] == ["rejected", "continued", "completed"]
    assert [(item["iteration"], item["by"]) for item in ended.of("completion.accepted")] == [(3, "its promise and 2 checks")]
    assert [item["iteration"] for item in ended.of("task.completing")] == [3]


def test_checks_are_not_run_without_a_promise(stage: Stage) -> None:
    ended = stage.run(says("more to do"), done(), order=stage.order(completion=Completion(checks=("touch ran",))))
    assert [check["iteration"] for check in ended.of("check.completed")] == [2]


def test_the_prompt_names_the_checks_so_that_the_agent_can_run_them(stage: Stage) -> None:
    stage.run(done(), order=stage.order(completion=Completion(checks=("true # make test",))))
    assert "- `true # make test`" in stage.prompts[0]


def test_a_check_that_does_not_end_is_cut_off_and_rejects(stage: Stage) -> None:
    completion = Completion(checks=("test -e quick || sleep 60",), check_timeout_s=0.2)
    ended = stage.run(done(), done(writes={"quick": ""}), order=stage.order(completion=completion))
    assert [check["status"] for check in ended.of("check.completed")] == [None, 0]
    assert "did not end in time" in stage.prompts[1]


def test_a_promise_with_a_failing_exit_code_counts_once_and_is_not_tried_again(stage: Stage) -> None:
    ended = stage.run(done(exit_code=1))
    assert ended.ending == ("completed", "done", 0, None)
    assert stage.names == ["one"]
    assert ended.of("task.completed") == [{"iteration": 1, "task": "task", "title": "Write the parser"}]
    assert ended.report.done == 1
    assert ended.of("agent.failed", "iteration.retrying") == []


def test_a_failing_exit_code_without_a_promise_is_a_failure(stage: Stage) -> None:
    order = stage.order(errors=ErrorHandling(retry_delay_ms=0))
    ended = stage.run(says("I crashed", exit_code=3), done(), order=order)
    assert [item["outcome"] for item in ended.of("iteration.completed")] == ["failed", "completed"]
    assert [(item["code"], item["message"]) for item in ended.of("agent.failed")] == [
        ("loop.agent_exit", "its program ended with 3")
    ]


def test_a_question_with_a_failing_exit_code_is_a_question(stage: Stage) -> None:
    ended = stage.run(says("<blocked>Which?</blocked>", exit_code=1))
    assert (ended.status, ended.of("agent.failed")) == ("blocked", [])


def test_whoever_asks_has_not_promised(stage: Stage) -> None:
    ended = stage.run(says(f"{PROMISE}\n<blocked>May I?</blocked>"))
    assert (ended.status, ended.of("completion.accepted")) == ("blocked", [])


def test_a_required_change_is_one_since_the_task_was_begun(stage: Stage, repository: Path) -> None:
    order = stage.order(completion=Completion(require_diff=True))
    ended = stage.run(done(), says("written", writes={"parser.py": "x"}), done(), order=order)
    assert [item["outcome"] for item in ended.of("iteration.completed")] == ["rejected", "continued", "completed"]
    assert "nothing was changed, and a change is required" in stage.prompts[1]
    assert ended.of("completion.accepted")[0]["by"] == "its promise and a change"


def test_a_required_change_may_be_a_commit(stage: Stage, repository: Path) -> None:
    def commit(_: object) -> None:
        words = ["-c", "user.name=u", "-c", "user.email=u@e", "commit", "-q", "--allow-empty", "-m", "x"]
        subprocess.run(["git", *words], cwd=repository, check=True)

    order = stage.order(completion=Completion(require_diff=True))
    assert stage.run(done(meanwhile=commit), order=order).status == "completed"


def test_a_required_change_needs_no_repository(stage: Stage) -> None:
    order = stage.order(completion=Completion(require_diff=True))
    ended = stage.run(done(), done(writes={"a": "1"}), order=order)
    assert [item["outcome"] for item in ended.of("iteration.completed")] == ["rejected", "completed"]


def test_a_change_that_was_there_before_the_run_is_none(stage: Stage, repository: Path) -> None:
    (repository / "draft").write_text("mine")
    order = stage.order(completion=Completion(require_diff=True), limits=Limits(iterations=1))
    assert stage.run(done(), order=order).status == "limit"


def test_every_task_needs_a_change_of_its_own(stage: Stage, repository: Path) -> None:
    stage.tasks({"id": "a", "title": "A"}, {"id": "b", "title": "B"})
    order = stage.order(None, completion=Completion(require_diff=True))
    ended = stage.run(done(writes={"a": "1"}), done(), done(writes={"b": "1"}), order=order)
    assert [(item["task"], item["outcome"]) for item in ended.of("iteration.completed")] == [
        ("a", "completed"),
        ("b", "rejected"),
        ("b", "completed"),
    ]


def test_everything_that_is_lacking_is_said_at_once(stage: Stage) -> None:
    completion = Completion(checks=("echo one; false", "echo two; false"), require_diff=True)
    order = stage.order(completion=completion, limits=Limits(iterations=2))
    stage.run(done(), says("hm"), order=order)
    assert "nothing was changed" in stage.prompts[1]
    assert "`echo one; false` ended with 1" in stage.prompts[1]
    assert "`echo two; false` ended with 1" in stage.prompts[1]


@pytest.mark.parametrize(
    "kind", ["run.completed", "task.completed", "completion.accepted", "task.committed", "notification.sent"]
)
def test_an_agent_cannot_tell_that_it_is_done(stage: Stage, kind: str) -> None:
    told = {"task": "task", "title": "x", "by": "me", "reason": "done", "message": "so"}
    ended = stage.run(says("not yet", tells=[(kind, told), ("tool.judged", {"tool": "Read"})]), done())
    assert (ended.status, ended.report.iterations) == ("completed", 2)
    assert [data for data in ended.of(kind) if data.get("by") == "me" or data.get("title") == "x"] == []
    assert ended.of("tool.judged") == [{"tool": "Read", "iteration": 1}]


def test_a_message_full_of_tags_takes_no_time(stage: Stage) -> None:
    began = time.monotonic()
    ended = stage.run(says("<promise>" * 20_000), done())
    assert (ended.status, time.monotonic() - began < 5) == ("completed", True)


def test_of_an_endless_message_its_end_is_on_record(stage: Stage) -> None:
    ended = stage.run(done("x" * 2 * LONGEST_MESSAGE))
    answer = ended.of("agent.completed")[0]
    assert ended.status == "completed" and len(answer["message"]) == LONGEST_MESSAGE
    assert answer["notes"] == [f"the first {LONGEST_MESSAGE + len(PROMISE) + 2} characters of its final message were cut off"]


def test_what_is_opened_again_and_done_again_has_a_commit_of_its_own(stage: Stage, repository: Path) -> None:
    for name, value in (("user.name", "u"), ("user.email", "u@e")):
        subprocess.run(["git", "config", name, value], cwd=repository, check=True)
    stage.tasks({"id": "a", "title": "A"}, {"id": "b", "title": "B"})

    def reopen(_: object) -> None:
        stage.edit(lambda held: held["tasks"][0].update(status="pending"))

    turns = [done(writes={"one": "1"}), done(meanwhile=reopen, writes={"two": "2"}), done(writes={"three": "3"})]
    ended = stage.run(*turns, task=None, commit="{{taskId}}")
    assert ended.status == "completed"
    assert [item["task"] for item in ended.of("task.committed")] == ["a", "b", "a"]
    assert len({item["commit"] for item in ended.of("task.committed")}) == 3
    log = subprocess.run(["git", "log", "--format=%(trailers:key=Cowork-Task,valueonly)"], cwd=repository, capture_output=True)
    keys = [line.rpartition("/")[2] for line in log.stdout.decode().split()]
    assert keys == ["3", "2", "1"]
