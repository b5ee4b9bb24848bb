"""When a run ends, and why: pure questions about its state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cowork.loop.engine.order import LoopOrder
from cowork.loop.engine.state import LoopState, TaskState
from cowork.loop.tasks.task import Task


@dataclass(frozen=True)
class Ending:
    """A terminal event: its type, the reason as a word for scripts, and the same for people."""

    kind: str
    reason: str
    message: str


def limit_reached(state: LoopState, seconds: float, *, working: int = 0) -> Ending | None:
    """The limit that keeps another iteration from beginning, if there is one.

    `seconds` is what the run has worked, `working` the number of iterations that are under way.
    """
    limits, tokens = state.limits, state.input_tokens + state.output_tokens
    if limits.iterations and state.iterations + working >= limits.iterations:
        many = "one iteration was" if state.iterations == 1 else f"{state.iterations} iterations were"
        return _limit("iterations", f"{many} made")
    if limits.seconds is not None and seconds >= limits.seconds:
        return _limit("time", f"it has worked for {seconds:.0f} s")
    if limits.tokens is not None and tokens >= limits.tokens:
        return _limit("tokens", f"{tokens} tokens were used")
    if limits.usd is not None and not state.usd_known:
        return _limit("cost_unknown", "an agent does not say what it costs, so the cap on money cannot be kept")
    if limits.usd is not None and state.usd >= limits.usd:
        return _limit("cost", f"{state.usd:.4f} USD were spent")
    if limits.failures and state.failures >= limits.failures:
        return _limit("failures", f"{state.failures} iterations in a row failed, the last with: {state.last_error}")
    return None


def _limit(reason: str, message: str) -> Ending:
    return Ending("run.limit", reason, message)


def nothing_left(state: LoopState, tasks: tuple[Task, ...], waiting: Mapping[str, str]) -> Ending:
    """What it means that no task can be worked on. `waiting` are tasks that are not done, with why they cannot be."""
    if not waiting:
        what = "the task is done" if len(tasks) == 1 else f"all {len(tasks)} tasks are done"
        return Ending("run.completed", "done", what)
    states = {name: state.tasks[name] for name in waiting if name in state.tasks}
    if asked := [name for name, task in states.items() if task.over == "blocked"]:
        return Ending("run.blocked", "question", f"{_listed(asked)} {'waits' if len(asked) == 1 else 'wait'} for an answer")
    reasons = {name: task.reason for name, task in states.items() if task.over in ("failed", "skipped")}
    words = "; ".join(f"{name}: {waiting[name]}" for name in list(waiting)[:5])
    if reasons and set(reasons.values()) == {"stagnation"}:
        return Ending("run.stagnated", "stagnation", f"it came to a standstill: {words}")
    return Ending("run.failed", "tasks_left", f"{len(waiting)} of {len(tasks)} tasks cannot be finished: {words}")


def _listed(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


@dataclass(frozen=True)
class GivenUp:
    """A task that is left alone: the event that says so, the reason as a word, and the same for people."""

    kind: str
    reason: str
    message: str


def given_up(task: TaskState, state: LoopState, order: LoopOrder) -> GivenUp | None:
    """Whether a task's failures and attempts are too many to go on with it."""
    errors, attempts = order.errors, state.limits.attempts
    last = f": {task.failed_with}" if task.failed_with else ""
    if task.failures and errors.strategy == "skip":
        return GivenUp("task.skipped", "failed", f"it failed{last}")
    if errors.strategy == "retry" and task.failures > errors.max_retries:
        return GivenUp("task.skipped", "failed", f"it failed {task.failures} times in a row{last}")
    if attempts and task.attempts >= attempts:
        return GivenUp("task.failed", "attempts", f"{task.attempts} attempts did not finish it")
    return None


def is_stagnant(task: TaskState, state: LoopState) -> bool:
    """Whether it said and changed the same too often in a row."""
    return bool(state.limits.stagnation) and task.repeats >= (state.limits.stagnation or 0)
