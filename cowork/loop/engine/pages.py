"""The state of a run as people and scripts see it, and as `session.json` keeps it."""

from __future__ import annotations

import json

from cowork.core.files import write_atomic
from cowork.core.plain import to_plain
from cowork.core.text import one_line
from cowork.loop.engine.order import LoopOrder
from cowork.loop.engine.results import LoopReport, TaskResult, Unmerged
from cowork.loop.engine.state import LoopState
from cowork.loop.results import AgentSwitch, Cost, Tokens
from cowork.loop.session_results import SessionDetail
from cowork.loop.tasks import selection
from cowork.loop.tasks.task import Status, TaskList
from cowork.sessions.places import Workplace

_LEFT = ("blocked", "failed", "skipped")


def checkpoint(place: Workplace, state: LoopState) -> None:
    """Write `session.json`. It can be made anew from the journal at any time, so it need not survive a power failure."""
    page = json.dumps(to_plain(session_page(place, state)), indent=2).encode() + b"\n"
    write_atomic(place.path / "session.json", page, durable=False)


def session_page(place: Workplace, state: LoopState, *, alive: bool = True) -> SessionDetail:
    """The page of a run by its state; one that nobody works on, and that has no end, was interrupted."""
    order = order_of(state)
    return SessionDetail(
        session_id=place.session_id,
        status=state.end or (state.phase if alive or state.phase == "paused" else "interrupted"),
        pattern=pattern_of(order),
        task=task_of(order),
        rehearsal=is_rehearsal(order),
        created_at=state.created_at,
        updated_at=state.updated_at,
        iteration=state.iteration,
        max_iterations=state.limits.iterations,
        completion_promise=order.completion.tag,
        loop_enabled=True,
        multi_model_per_iteration=bool(order.every),
        fallback_agents=tuple(agent.name for agent in order.agents[1:]),
        rate_limited_agents=dict(state.limited),
        current_agent=state.agent,
        agent_switch_history=_switches(state),
        iterations=state.iterations,
        failures=state.failures,
        tokens=tokens(state),
        cost=cost(state),
        seconds=round(state.seconds, 3),
        commits=state.commits,
        resumes=state.resumes,
        questions=state.asked,
        project=order.project,
        tasks_file=order.tasks_file,
        events=state.seq,
        error=state.message if state.end in ("failed", "aborted", "interrupted") else None,
        reason=state.reason or None,
        message=state.message or None,
        path=str(place.path),
        result=None,
    )


def report(
    session_id: str, state: LoopState, tasks: TaskList, overlay: dict[str, Status], notes: tuple[str, ...]
) -> LoopReport:
    """What came of a run."""
    order = order_of(state)
    statuses = selection.statuses(tasks.tasks, overlay)
    results = tuple(
        TaskResult(
            id=task.id,
            title=task.title,
            status=statuses[task.id],
            attempts=known.attempts if known else 0,
            why=(known.failed_with or known.reason) if known and statuses[task.id] in _LEFT else "",
            question=known.question or None if known and statuses[task.id] == "blocked" else None,
        )
        for task, known in ((task, state.tasks.get(task.id)) for task in tasks.tasks)
    )
    return LoopReport(
        session_id=session_id,
        status=state.end or state.phase,
        reason=state.reason,
        message=state.message,
        task=task_of(order),
        tasks_file=order.tasks_file,
        agents=tuple(agent.name for agent in order.agents),
        agent=state.agent,
        iterations=state.iterations,
        max_iterations=state.limits.iterations,
        tasks=results,
        done=sum(item.status == "done" for item in results),
        total=len(results),
        output=state.entries[-1].summary if state.entries else None,
        tokens=tokens(state),
        cost=cost(state),
        seconds=round(state.seconds, 3),
        commits=state.commits,
        unmerged=tuple(
            Unmerged(name, data["branch"], data["reason"], tuple(data["files"]), data["message"])
            for name, data in state.unmerged.items()
        ),
        switches=_switches(state),
        notes=notes,
        rehearsal=is_rehearsal(order),
        dry_run=False,
        plan=(),
    )


def task_of(order: LoopOrder) -> str:
    """The task in a line: its words, or the name of its file."""
    return one_line(order.task, 2000) if order.tasks_file is None else f"the tasks of {order.tasks_file}"


def pattern_of(order: LoopOrder) -> str:
    """The pattern of every iteration, `work` where there is none."""
    return order.every or "work"


def is_rehearsal(order: LoopOrder) -> bool:
    """Whether somebody works who is no model."""
    return any(agent.provider == "rehearsal" for agent in order.agents)


def tokens(state: LoopState) -> Tokens:
    """What was used, as far as is known."""
    source = "unknown" if not state.tokens_known else "estimated" if state.tokens_estimated else "reported"
    return Tokens(state.input_tokens, state.output_tokens, source)


def cost(state: LoopState) -> Cost:
    """What was spent; null once any part of it is not known."""
    return Cost(round(state.usd, 6) if state.usd_known else None, state.usd_known, state.limits.usd)


def _switches(state: LoopState) -> tuple[AgentSwitch, ...]:
    return tuple(AgentSwitch(item.at, item.before, item.after, item.reason) for item in state.switches)


def order_of(state: LoopState) -> LoopOrder:
    """What the run was told."""
    if state.order is None:
        raise KeyError("order")
    return state.order
