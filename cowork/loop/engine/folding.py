"""What every event does to the state of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cowork.core.decode import from_plain
from cowork.loop.engine import task_folding
from cowork.loop.engine.events import TERMINAL
from cowork.loop.engine.order import REHEARSAL, LoopOrder
from cowork.loop.engine.state import LoopState, OpenIteration, Phase, Summary, Switch

Data = dict[str, Any]


def apply(state: LoopState, event: Data) -> None:
    """Change the state as the event says. An event that says nothing about it changes the time alone."""
    kind, data = event["type"], event["data"]
    state.seq, state.updated_at = event["seq"], event["at"]
    if "elapsed_s" in data:
        state.seconds, state.clocked_at = max(state.seconds, data["elapsed_s"]), event["at"]
    if kind in TERMINAL:
        _end(state, kind, data)
        return
    state.phase = _PHASES.get(kind, state.phase)
    if kind in _WORKING:
        state.waits_until = ""
    step = _STEPS.get(kind)
    if step is not None:
        step(state, data)
    if kind == "task.committed":
        state.commits += 1
        state.uncommitted.pop(data["task"], None)
    if (number := data.get("iteration")) in state.open:
        state.open[number].told.add(kind)


def _end(state: LoopState, kind: str, data: Data) -> None:
    state.end, state.phase, state.stopping, state.waits_until = TERMINAL[kind], "idle", "", ""
    state.settled = True
    _lose(state)
    state.reason, state.message = data["reason"], data["message"]


def _started(state: LoopState, data: Data) -> None:
    state.order = from_plain(LoopOrder, data["order"])
    state.limits = state.order.limits
    state.agent = state.order.agents[0].name if state.order.agents else ""
    state.created_at = state.clocked_at = state.updated_at


def _resumed(state: LoopState, data: Data) -> None:
    aborted = state.end == "aborted"
    state.phase, state.end, state.reason, state.message, state.stopping = "running", None, "", "", ""
    state.seconds += data["lost_s"]
    state.clocked_at = state.updated_at
    state.resumes += 1
    _lose(state)
    for held in state.open.values():
        held.since = ""
    if data["again"]:
        state.failures = 0
    for task in state.tasks.values():
        if task.over in ("done", "blocked"):
            continue
        if data["again"]:
            task_folding.try_again(task)
        elif aborted:  # what ended the run is no reason to end it again at once
            task.failures = 0


def _lose(state: LoopState) -> None:
    """Nobody will ever know what agents spent that were cut short."""
    for held in state.open.values():
        if held.asking:
            held.asking = False
            state.tokens_known = state.usd_known = False


def _stopping(state: LoopState, data: Data) -> None:
    state.phase, state.stopping = "stopping", data["how"]


def _limits(state: LoopState, data: Data) -> None:
    """New limits; a task that was given up by an attempt or standstill limit that is now wider has another chance."""
    state.limits = replace(state.limits, **data["limits"])
    attempts = state.limits.attempts
    for task in state.tasks.values():
        if task.over == "failed" and task.reason == "attempts" and not (attempts and task.attempts >= attempts):
            task.over, task.reason = None, ""


def _begun(state: LoopState, data: Data) -> None:
    number = data["iteration"]
    state.phase = "running" if state.phase in ("idle", "running") else state.phase
    state.iteration, state.attempt = max(state.iteration, number), data["attempt"]
    before = state.open.get(number)  # an attempt that was cut short: what models advised on the same task is paid for
    counsel = before.counsel if before is not None and before.task == data["task"] else None
    state.open[number] = OpenIteration(number, data["task"], data["agent"], state.updated_at, counsel)
    state.open[number].told_remark = bool(state.task(data["task"]).remark)
    state.settled = False


def _agent(state: LoopState, data: Data) -> None:
    state.agent = state.task(data["task"]).agent = data["agent"]
    if (held := state.open.get(data["iteration"])) is not None:
        held.agent = data["agent"]
        held.costs = data["provider"] != REHEARSAL and (state.order is None or state.order.replay is None)
        held.asking = held.costs


def _answered(state: LoopState, data: Data) -> None:
    _spend(state, data)
    state.limited.pop(data["agent"], None)
    state.words.pop(data["agent"], None)
    state.backoffs.pop(data["agent"], None)
    if (held := state.open.get(data["iteration"])) is not None:
        held.answer, held.asking = data, False
        held.told.clear()  # an agent that failed before this one is no reason not to tell that this one did


def _advised(state: LoopState, data: Data) -> None:
    _spend(state, data)
    if (held := state.open.get(data["iteration"])) is not None:
        held.counsel, held.asking = data["message"], False


def _built(state: LoopState, data: Data) -> None:
    if (held := state.open.get(data["iteration"])) is not None:
        held.asking = held.costs


def _spend(state: LoopState, data: Data) -> None:
    usage, usd = data["usage"], data.get("usd")
    state.input_tokens += usage["input"]
    state.output_tokens += usage["output"]
    state.tokens_known = state.tokens_known and usage["source"] != "unknown"
    state.tokens_estimated = state.tokens_estimated or usage["source"] == "estimated"
    state.usd += usd or 0.0
    state.usd_known = state.usd_known and usd is not None


def _failed(state: LoopState, data: Data) -> None:
    state.last_error = data["message"]
    state.task(data["task"]).failed_with = data["message"]
    if data.get("spent") == "unknown":
        state.tokens_known = state.usd_known = False
    held = state.open.get(data["iteration"])
    if held is not None and held.agent == data["agent"]:
        held.asking = False


def _limited(state: LoopState, data: Data) -> None:
    state.limited[data["agent"]], state.waits[data["agent"]] = data["until"], data["wait_s"]
    state.words[data["agent"]] = data["message"]
    state.backoffs[data["agent"]] = state.backoffs.get(data["agent"], 0) + 1


def _switched(state: LoopState, data: Data) -> None:
    state.agent = data["after"]
    state.switches.append(Switch(state.updated_at, data["before"], data["after"], data["reason"]))


def _checked(state: LoopState, data: Data) -> None:
    if (held := state.open.get(data["iteration"])) is not None:
        held.checks[data["command"]] = data["status"], data["output"]


def _completing(state: LoopState, data: Data) -> None:
    if (held := state.open.get(data["iteration"])) is not None:
        held.completing = True


def _all_limited(state: LoopState, data: Data) -> None:
    state.waits_until = data["until"]


def _over(state: LoopState, data: Data) -> None:
    held = state.open.pop(data["iteration"], None)
    state.iterations += 1
    task, outcome = state.task(data["task"]), data["outcome"]
    failed = outcome == "failed"
    state.failures = state.failures + 1 if failed else 0
    task.failures = task.failures + 1 if failed else 0
    if outcome in ("continued", "rejected", "failed"):
        task.attempts += 1
    if outcome != "rejected" and not failed:
        task.rejection = ()
    if held is not None and held.told_remark:
        task.remark = ""
    if not failed:
        task.failed_with = ""
    task_folding.compare(task, data)
    about = data["iteration"], data["task"], outcome, data["summary"], state.updated_at
    state.entries.append(Summary(*about, data["agent"], data["seconds"]))


_PHASES: dict[str, Phase] = {"run.pausing": "pausing", "run.paused": "paused", "run.continued": "running"}
_WORKING = {*_PHASES, "run.stopping", "run.resumed", "iteration.started", "agent.started"}
"""What says that not all agents are limited any more, or that nobody waits for them."""
_STEPS: dict[str, Callable[[LoopState, Data], None]] = {
    **task_folding.STEPS,
    "run.started": _started,
    "run.resumed": _resumed,
    "run.stopping": _stopping,
    "limits.changed": _limits,
    "task.completing": _completing,
    "iteration.started": _begun,
    "iteration.completed": _over,
    "prompt.built": _built,
    "agent.started": _agent,
    "agent.completed": _answered,
    "counsel.given": _advised,
    "agent.failed": _failed,
    "agent.limited": _limited,
    "agent.switched": _switched,
    "agents.limited": _all_limited,
    "check.completed": _checked,
}
