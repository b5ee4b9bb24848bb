"""Twins, for a person."""

from __future__ import annotations

from cowork.render.screen import Screen
from cowork.twins.twin import Activation, Twin, TwinList


def listing(data: TwinList, screen: Screen) -> None:
    """A table of twins, or how to get the first one."""
    if not data.items:
        screen.text("no twins yet; activate one with: cowork twin activate software-engineer")
        return
    rows = [
        (item.name, item.status, f"{item.interval_minutes} min", f"{item.tasks_enabled}/{item.tasks_total}", item.display_name)
        for item in data.items
    ]
    screen.table(("TWIN", "STATUS", "WAKES EVERY", "TASKS", "NAME"), rows)


def detail(data: Twin, screen: Screen) -> None:
    """A twin's page."""
    screen.title(f"{data.icon} {data.display_name}", f"{data.name} · {data.status}")
    screen.facts(
        {
            "template": f"{data.template_id} {data.template_version}",
            "autonomy": data.autonomy,
            "wakes every": f"{data.interval_minutes} minutes",
            "capabilities": data.capabilities,
            "takes over": data.soul.get("cognitiveOffload", {}).get("primaryCategories", []),
        }
    )
    screen.section("Proactive tasks")
    rows = [
        ("on" if task.enabled else "off", task.id, f"{task.frequency_minutes} min", task.description) for task in data.tasks
    ]
    screen.table(("", "TASK", "EVERY", "WHAT IT DOES"), rows)


def activated(data: Activation, screen: Screen) -> None:
    """What was created, or would be."""
    verb = "would activate" if data.dry_run else "activated"
    screen.title(f"{data.twin.icon} {verb} {data.twin.display_name}", data.twin.name)
    screen.table(("STEP", "TARGET", "DETAIL"), [(step.action, step.target, step.detail) for step in data.plan])
