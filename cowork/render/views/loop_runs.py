"""Working loops, for a person."""

from __future__ import annotations

from cowork.core.text import one_line
from cowork.loop.engine.results import LoopReport, Resumed
from cowork.loop.results import LoopRun
from cowork.loop.session_results import SessionDetail
from cowork.loop.tasks.task import SYMBOLS
from cowork.render.screen import Screen, Styled
from cowork.render.views import loops


def resumed(data: Resumed, screen: Screen) -> None:
    """Either kind of run."""
    if isinstance(data, LoopRun):
        loops.run(data, screen)
    else:
        report(data, screen)


def session(data: SessionDetail, screen: Screen) -> None:
    """A session's page, and its whole result when it has one."""
    screen.facts(
        {
            "session": data.session_id,
            "status": data.status,
            "started": data.created_at,
            "last event": data.updated_at,
            "events": data.events,
            "error": data.error if data.report is None else None,
            "path": data.path,
        }
    )
    screen.blank()
    if data.report is not None:
        report(data.report, screen)
    elif data.result is not None:
        loops.run(data.result, screen)
    else:
        screen.text(f"{data.pattern}: {data.task}")


def report(data: LoopReport, screen: Screen) -> None:
    """How a run ended: its tasks, what it took, and what is left to a person."""
    if data.dry_run:
        screen.title("loop · plan", "nothing is asked, nothing is written")
        screen.table(("STEP", "TARGET", "DETAIL"), [(step.action, step.target, step.detail) for step in data.plan])
        return
    screen.title(f"loop · {data.status}", "rehearsal: no model was asked" if data.rehearsal else "")
    screen.text(data.task)
    if data.tasks_file is not None:
        screen.blank()
        _tasks(data, screen)
    elif data.output:
        screen.blank()
        screen.text(data.output, indent=2)
    screen.blank()
    _facts(data, screen)
    for item in data.unmerged:
        where = f" in {', '.join(item.files[:5])}" if item.files else ""
        screen.text(f"not merged: {item.task} ({item.reason}{where}); its branch is {item.branch}", style="yellow")
    for note in data.notes:
        screen.text(f"note: {note}")


def _tasks(data: LoopReport, screen: Screen) -> None:
    rows = []
    for task in data.tasks:
        symbol, colour = SYMBOLS[task.status]
        why = f"asks: {task.question}" if task.question else task.why
        rows.append((Styled(f"{symbol} {task.status}", colour), task.id, one_line(task.title, 60), one_line(why, 80)))
    screen.table(("STATUS", "TASK", "TITLE", "WHY"), rows)


def _facts(data: LoopReport, screen: Screen) -> None:
    most = f" of {data.max_iterations}" if data.max_iterations else ""
    tokens, cost = data.tokens, data.cost
    known = "" if tokens.source == "reported" else f" ({tokens.source})"
    screen.facts(
        {
            "session": data.session_id,
            "ended": f"{data.reason}: {data.message}" if data.reason else None,
            "done": f"{data.done} of {data.total} tasks" if data.tasks_file else None,
            "iterations": f"{data.iterations}{most}",
            "agent": data.agent,
            "switches": "; ".join(f"{item.before} to {item.after} ({item.reason})" for item in data.switches[-5:]) or None,
            "tokens": f"{tokens.input} in, {tokens.output} out{known}",
            "cost": f"${cost.usd:.4f}" if cost.usd is not None else "unknown: some agent does not say",
            "worked": f"{data.seconds:.1f} s",
            "commits": data.commits or None,
        }
    )
