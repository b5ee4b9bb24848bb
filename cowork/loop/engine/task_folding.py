"""What events do to what a run knows of its tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cowork.loop.engine.state import LoopState, TaskState

Data = dict[str, Any]


def try_again(task: TaskState) -> None:
    """Another chance for a task that was given up: nothing that was counted against it counts any more."""
    task.over, task.reason, task.attempts, task.failures, task.repeats, task.avoid = None, "", 0, 0, 1, ()


def _read(state: LoopState, data: Data) -> None:
    state.total_tasks, state.done_tasks = int(data["total"]), int(data["done"])
    state.found.update(data.get("found") or ())


def _selected(state: LoopState, data: Data) -> None:
    task = state.task(data["task"])
    task.base = data.get("base") or task.base
    state.current = data["task"], data["title"]


def _rejected(state: LoopState, data: Data) -> None:
    state.task(data["task"]).rejection = tuple(data["reasons"])


def _completed(state: LoopState, data: Data) -> None:
    task = state.task(data["task"])
    task.over, task.reason, task.rejection = "done", "", ()
    _leave(state, data)


def _reopened(state: LoopState, data: Data) -> None:
    """It is worked on as if nobody ever had; what somebody answered holds."""
    name = data["task"]
    state.found.discard(name)
    if data["by"] == "file":
        state.tasks[name] = TaskState(answers=state.task(name).answers)
        return
    state.task(name).remark = data["message"]
    state.marked[name] = state.marked.get(name, 0) + 1
    for held in state.open.values():
        if held.task == name:
            held.told_remark = False


def _blocked(state: LoopState, data: Data) -> None:
    task = state.task(data["task"])
    task.over, task.reason, task.question = "blocked", "question", data["question"]


def _given(state: LoopState, data: Data) -> None:
    task = state.task(data["task"])
    task.answers = (*task.answers, (data["question"], data["answer"]))
    if task.over == "blocked":
        task.over, task.reason = None, ""
    task.question = ""


def _left(over: Any) -> Callable[[LoopState, Data], None]:
    def step(state: LoopState, data: Data) -> None:
        task = state.task(data["task"])
        task.over, task.reason = over, data["reason"]
        _leave(state, data)

    return step


def _leave(state: LoopState, data: Data) -> None:
    if state.current and state.current[0] == data["task"]:
        state.current = None


def _noticed(state: LoopState, data: Data) -> None:
    task = state.task(data["task"])
    task.repeats = 1
    if data["remedy"] == "switch":
        task.avoid = (*task.avoid, task.agent)


def compare(task: TaskState, data: Data) -> None:
    """Whether it said and changed the same as the time before.

    Changes are looked at only once the words are the same: of the first one that said them it is not known what it changed, so
    that it does not count.
    """
    message, diff = data["message_digest"], data.get("diff_digest")
    if not message:
        return
    same = message == task.last_message and diff is not None and diff == task.last_diff
    task.repeats = task.repeats + 1 if same else 1
    task.last_message, task.last_diff = message, diff


def _uncommitted(state: LoopState, data: Data) -> None:
    state.uncommitted[data["task"]] = data["message"]


def _merged(state: LoopState, data: Data) -> None:
    state.unmerged.pop(data["task"], None)


def _unmerged(state: LoopState, data: Data) -> None:
    state.unmerged[data["task"]] = data


STEPS: dict[str, Callable[[LoopState, Data], None]] = {
    "tasks.read": _read,
    "task.selected": _selected,
    "task.completed": _completed,
    "task.reopened": _reopened,
    "task.blocked": _blocked,
    "task.answered": _given,
    "task.skipped": _left("skipped"),
    "task.failed": _left("failed"),
    "completion.rejected": _rejected,
    "stagnation.noticed": _noticed,
    "merge.completed": _merged,
    "merge.failed": _unmerged,
    "task.commit_failed": _uncommitted,
}
"""By the type of the event."""
