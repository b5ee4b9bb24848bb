"""What a run would do, before it does anything."""

from __future__ import annotations

from dataclasses import replace

from cowork.core.plan import Step
from cowork.loop.engine import pages, starting
from cowork.loop.engine.order import LoopOrder
from cowork.loop.engine.results import LoopReport
from cowork.loop.engine.source import source_of
from cowork.loop.engine.state import LoopState
from cowork.policy import gate
from cowork.policy.actions import Action


def plan(order: LoopOrder, *, verb: str = "loop run") -> LoopReport:
    """The plan of a run. Raises what the run would refuse: `policy.*`, `tasks.*`, no room for worktrees."""
    starting.require_room(order)
    return plan_of(order, LoopState(order=order, limits=order.limits), verb=verb)


def plan_of(order: LoopOrder, state: LoopState, *, verb: str) -> LoopReport:
    """The plan of what is left of a run in this state. Raises what `plan` raises."""
    gate.require(Action(verb, what=pages.pattern_of(order)), dry_run=True)
    source = source_of(order.task, order.tasks_file)
    found = pages.report("", state, source.read(), dict(source.overlay(state)), ())
    return replace(
        found, session_id=None, status="planned", reason="", message="", dry_run=True, plan=tuple(_steps(order, state, found))
    )


def _steps(order: LoopOrder, state: LoopState, found: LoopReport) -> list[Step]:
    steps = [Step("work", task.id, task.title) for task in found.tasks if task.status not in ("done", "skipped", "failed")]
    for number, agent in enumerate(order.agents):
        steps.append(Step("agent" if number == 0 else "fallback", agent.name, f"{agent.kind}: {agent.label}"))
    if order.every:
        steps.append(Step("deliberate", order.every, "in every iteration"))
    steps.append(Step("promise", order.completion.tag, "in the final message"))
    steps += [Step("check", command, "before anything is done") for command in (*order.completion.checks, *order.task_checks)]
    if order.completion.require_diff:
        steps.append(Step("check", "a change", "in the directory"))
    steps += [Step("limit", name, text) for name, text in _limits(state)]
    steps.append(Step("sandbox", order.sandbox.mode, "" if order.sandbox.network else "without a network"))
    if order.commit is not None:
        steps.append(Step("commit", "every finished task", order.commit))
    if order.parallel > 1:
        steps.append(Step("parallel", str(order.parallel), "tasks at once, in worktrees of their own"))
    steps.append(Step("write", "session", "journal, session.json, output of every iteration"))
    return steps


def _limits(state: LoopState) -> list[tuple[str, str]]:
    limits = state.limits
    facts = (
        ("iterations", limits.iterations or None, f"{limits.iterations}"),
        ("time", limits.seconds, f"{limits.seconds} s"),
        ("tokens", limits.tokens, f"{limits.tokens}"),
        ("cost", limits.usd, f"{limits.usd} USD"),
        ("failures in a row", limits.failures, f"{limits.failures}"),
        ("attempts of a task", limits.attempts, f"{limits.attempts}"),
        ("iterations alike", limits.stagnation, f"{limits.stagnation}"),
        ("silence", limits.idle_s, f"{limits.idle_s} s"),
        ("time of an iteration", limits.iteration_s, f"{limits.iteration_s} s"),
    )
    return [(name, text) for name, value, text in facts if value is not None]
