"""Events of a working loop in words: a line each, nothing for those that only machines need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cowork.core.text import one_line

Teller = Callable[[dict[str, Any]], str]
MOST = 400


def described(kind: str, data: dict[str, Any]) -> str:
    """An event as a line, empty for one that is not shown."""
    teller = _TELLERS.get(kind)
    return one_line(teller(data), MOST) if teller else ""


def _of(data: dict[str, Any]) -> str:
    return f" on {data['task']}" if data.get("task") else ""


def _agent(data: dict[str, Any]) -> str:
    usage = data.get("usage") or {}
    cost = f", ${data['usd']:.4f}" if isinstance(data.get("usd"), (int, float)) else ""
    ended = f", exit {data['exit_code']}" if data.get("exit_code") else ""
    tokens = (usage.get("input") or 0) + (usage.get("output") or 0)
    return f"{data.get('agent')} done, {tokens} tokens{cost}, {data.get('seconds', 0):.1f} s{ended}"


def _check(data: dict[str, Any]) -> str:
    status = data.get("status")
    said = "passes" if status == 0 else "takes too long" if status is None else f"fails with {status}"
    return f"check {data.get('command')} {said}"


def _limits(data: dict[str, Any]) -> list[tuple[str, Any]]:
    limits = data.get("limits")
    return list(limits.items()) if isinstance(limits, dict) else []


def _over(data: dict[str, Any]) -> str:
    return f"iteration {data.get('iteration')}{_of(data)}: {data.get('outcome')}"


def _resumed(data: dict[str, Any]) -> str:
    which = f" {data['session']}" if data.get("session") else ""
    where = f" in {data['project']}" if data.get("project") else ""
    return f"resumed{which}{where}" + (", an unfinished last event was cut off" if data.get("mended") else "")


_TELLERS: dict[str, Teller] = {
    "watch.started": lambda data: f"{data.get('session')}  {data.get('state')}, iteration {data.get('iteration')}",
    "run.resumed": _resumed,
    "run.pausing": lambda _: "pauses once this iteration is over",
    "run.paused": lambda _: "paused",
    "run.continued": lambda _: "goes on",
    "run.stopping": lambda data: "ends at once" if data.get("how") == "cancel" else "ends once this iteration is over",
    "limits.changed": lambda data: f"limits now: {', '.join(f'{name} {bound}' for name, bound in _limits(data))}",
    "tasks.read": lambda data: f"tasks: {data.get('done')} of {data.get('total')} done",
    "task.selected": lambda data: f"task {data.get('task')}: {data.get('title')}",
    "task.completed": lambda data: f"task {data.get('task')} is done",
    "task.committed": lambda data: f"committed {str(data.get('commit'))[:12]}: {data.get('message')}",
    "task.commit_failed": lambda data: f"not committed: {data.get('message')}",
    "task.blocked": lambda data: f"task {data.get('task')} asks: {data.get('question')}",
    "task.answered": lambda data: f"answered about {data.get('task')}: {data.get('answer')}",
    "task.skipped": lambda data: f"task {data.get('task')} is skipped: {data.get('message') or data.get('reason')}",
    "task.failed": lambda data: f"task {data.get('task')} is given up: {data.get('message') or data.get('reason')}",
    "iteration.started": lambda data: (
        f"iteration {data['iteration']}{_of(data)}: {data['agent']} ..." if "agent" in data else ""
    ),
    "agent.completed": _agent,
    "agent.failed": lambda data: f"{data.get('agent')} failed: {data.get('message')}",
    "agent.limited": lambda data: f"{data.get('agent')} is rate limited until {data.get('until')}",
    "agent.switched": lambda data: f"{data.get('after')} works instead of {data.get('before')}: {data.get('reason')}",
    "agents.limited": lambda data: f"all are rate limited: waits until {data.get('until')}",
    "check.completed": _check,
    "completion.rejected": lambda data: (
        f"promised, and not done: {'; '.join(str(reason) for reason in data.get('reasons') or ())}"
    ),
    "completion.accepted": lambda data: f"done, proved by {data.get('by')}",
    "iteration.retrying": lambda data: "tries again" + (f" in {data['delay_ms'] / 1000:g} s" if data.get("delay_ms") else ""),
    "iteration.completed": lambda data: _over(data) if "outcome" in data and "agent" in data else "",
    "stagnation.noticed": lambda data: f"the same {data.get('times')} times in a row: {data.get('remedy')}",
    "merge.completed": lambda data: f"merged {data.get('branch')}",
    "merge.failed": lambda data: f"not merged, {data.get('reason')}: {data.get('message')}",
    "notification.sent": lambda data: f"told {data.get('targets')} of the end",
    "notification.failed": lambda data: f"nobody could be told: {data.get('message')}",
}
