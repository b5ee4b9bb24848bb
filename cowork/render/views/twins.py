"""Twins, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cowork.core.text import counted
from cowork.render.moments import minute
from cowork.render.screen import Screen

if TYPE_CHECKING:
    from cowork.twins.twin import Activation, TwinList, TwinPage, TwinTask

_MOST_STEPS = 40


def listing(data: TwinList, screen: Screen) -> None:
    """A table of twins, or how to get the first one."""
    if not data.items and data.total:
        screen.text(f"none of {data.total} twins fits" if data.total > 1 else "the one twin does not fit")
        return
    if not data.items:
        screen.text("no twins; activate one with: cowork twin activate software-engineer")
        return
    rows = [
        (
            item.name,
            item.status,
            f"{item.interval_minutes} min",
            f"{item.tasks_enabled}/{item.tasks_total}",
            minute(item.next_due_at),
            item.display_name,
        )
        for item in data.items
    ]
    screen.table(("TWIN", "STATUS", "EVERY", "TASKS", "NEXT DUE", "NAME"), rows)


def detail(data: TwinPage, screen: Screen) -> None:
    """A twin's page."""
    screen.title(f"{data.icon} {data.display_name}", f"{data.name} · {data.status}")
    quiet = f"{data.quiet_hours} {data.timezone}".strip() if data.quiet_hours else ""
    screen.facts(
        {
            "template": f"{data.template_id} {data.template_version}",
            "autonomy": data.autonomy,
            "wakes every": f"{data.interval_minutes} minutes",
            "wakes next": minute(data.next_beat_at),
            "woke last": minute(data.last_beat_at),
            "looks at": data.workspace,
            "asks": " ".join(word for word in (data.provider, data.model) if word) or "the usual model",
            "capabilities": data.capabilities,
            "takes over": data.soul.get("cognitiveOffload", {}).get("primaryCategories", []),
            "may use": data.allow_rules,
            "may not use": data.deny_rules,
            "delivers to": data.deliver,
            "quiet hours": quiet,
            "results": f"{data.results_week} in seven days, {data.results_total} in all" if data.results_total else "none yet",
            "open requests": data.open_requests or None,
        }
    )
    screen.section("Proactive tasks")
    rows = [
        (
            "on" if task.enabled else "off",
            task.id,
            _every(task, data.interval_minutes),
            minute(task.due_at) if task.enabled and data.status == "active" else "",
            _what(task),
        )
        for task in data.tasks
    ]
    screen.table(("", "TASK", "EVERY", "DUE", "WHAT IT DOES"), rows)


def activated(data: Activation, screen: Screen) -> None:
    """What was created, or would be."""
    verb = "would activate" if data.dry_run else "activated"
    what = data.twin.display_name if data.count == 1 else counted(data.count, "twin")
    screen.title(f"{data.twin.icon} {verb} {what}", data.twin.name if data.count == 1 else "")
    screen.table(("STEP", "TARGET", "DETAIL"), [(step.action, step.target, step.detail) for step in data.plan[:_MOST_STEPS]])
    if len(data.plan) > _MOST_STEPS:
        screen.text(f"and {counted(len(data.plan) - _MOST_STEPS, 'more step')}")


def _every(task: TwinTask, interval_minutes: int) -> str:
    """How often it is done: a twin does nothing between its heartbeats."""
    if task.frequency_minutes >= interval_minutes:
        return f"{task.frequency_minutes} min"
    return f"{interval_minutes} min (heartbeat; not {task.frequency_minutes})"


def _what(task: TwinTask) -> str:
    told = f" → {', '.join(task.deliver)}" if task.deliver else ""
    return f"{task.description}{told}"
