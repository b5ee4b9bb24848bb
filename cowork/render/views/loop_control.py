"""Sessions seen and steered from outside, for a person."""

from __future__ import annotations

from cowork.core.text import one_line
from cowork.loop.control.exporting import LoopExport
from cowork.loop.control.logs import LogPage
from cowork.loop.control.page import LoopPage
from cowork.loop.control.steering import Answered, Steered
from cowork.render.screen import Screen


def page(data: LoopPage, screen: Screen) -> None:
    """How a session stands."""
    screen.title(f"{data.status} · {data.state}", data.session_id)
    screen.text(data.task)
    screen.facts(
        {
            "iteration": _iteration(data),
            "task": f"{data.current_task.id}: {one_line(data.current_task.title, 100)}" if data.current_task else None,
            "agent": data.agent,
            "pattern": data.pattern,
            "tasks": f"{data.tasks_done} of {data.tasks_total} done" if data.tasks_total is not None else None,
            "tokens": f"{data.tokens.input} in, {data.tokens.output} out ({data.tokens.source})",
            "cost": _cost(data),
            "worked": f"{data.seconds:.1f} s",
            "last outcome": _last(data),
            "ended": ": ".join(text for text in (data.reason, data.message) if text),
            "waits for": data.waits_for,
            "process": f"{data.worker.pid} on {data.worker.host} since {data.worker.since}" if data.worker else None,
            "lock": data.lock if data.lock in ("elsewhere", "corrupt") else None,
            "project": data.project,
            "began": data.created_at,
            "last event": data.updated_at,
            "directory": data.path,
        }
    )
    for question in data.questions:
        screen.text(f"{question.task} asks: {question.question}", style="yellow")
    for limited in data.agents_limited:
        screen.text(f"{limited.agent} is rate limited until {limited.until}: {one_line(limited.message)}", style="yellow")


def steered(data: Steered, screen: Screen) -> None:
    """What a run was told."""
    for step in data.plan:
        screen.text(f"{'would ' if data.dry_run else ''}{step.action} {step.target}: {step.detail}")
    if not data.dry_run:
        screen.text(f"it is {data.status}, {data.state}")


def answered(data: Answered, screen: Screen) -> None:
    """An answer, beside its question."""
    screen.facts({"task": data.task, "asked": data.question, "would answer" if data.dry_run else "answered": data.answer})
    for step in data.plan[1:]:
        screen.text(f"{step.action} {step.target} {step.detail}")


def logs(data: LogPage, screen: Screen) -> None:
    """The logs as they are, each below its iteration when there are several; or what was removed."""
    for step in data.plan:
        screen.raw(f"{'would ' if data.dry_run else ''}{step.action} {step.target} {step.detail}".rstrip())
    for item in data.items:
        if len(data.items) > 1:
            screen.section(f"iteration {item.iteration} · {item.agent or ''} · {item.task or ''}".rstrip("· "))
        if item.left_out:
            screen.text(f"({item.left_out:,} bytes before this are left out; all is in {item.path})", style="dim")
        if item.text.strip():
            screen.raw(item.text.rstrip("\n"))
        else:
            screen.text(f"(iteration {item.iteration}: nothing)", style="dim")


def exported(data: LoopExport, screen: Screen) -> None:
    """The text alone, so that it can be piped."""
    screen.raw(data.content.rstrip("\n"))


def _iteration(data: LoopPage) -> str:
    attempt = f", attempt {data.attempt}" if data.attempt and data.attempt > 1 else ""
    since = f", since {data.iteration_since}" if data.iteration_since else ""
    return f"{data.iteration}{f' of {data.max_iterations}' if data.max_iterations else ''}{attempt}{since}"


def _cost(data: LoopPage) -> str:
    cap = f" of at most ${data.cost.cap:.4f}" if data.cost.cap is not None else ""
    return ("unknown" if data.cost.usd is None else f"${data.cost.usd:.4f}") + cap


def _last(data: LoopPage) -> str | None:
    return f"iteration {data.last.iteration}: {data.last.outcome}" if data.last else None
