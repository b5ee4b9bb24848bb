"""Tasks, for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cowork.core.text import one_line
from cowork.loop.tasks.changes import TaskChange
from cowork.loop.tasks.drawing import TaskGraph
from cowork.loop.tasks.moving import TasksExported, TasksImported, TasksLoaded
from cowork.loop.tasks.pages import NextTask, TaskItem, TaskListing, TaskPage
from cowork.loop.tasks.reading import shown
from cowork.loop.tasks.report import TasksReport
from cowork.loop.tasks.task import SYMBOLS, Status
from cowork.render.screen import Screen, Styled
from cowork.render.views.problems import show_problems

_WIDE = 80


def listing(data: TaskListing, screen: Screen) -> None:
    """A table of tasks, and how many there are of each status."""
    screen.title(one_line(data.name) or shown(data.path), shown(data.path) if data.name else "")
    if data.items:
        _table(data.items, screen)
        screen.blank()
    screen.text(", ".join(f"{number} {status}" for status, number in data.counts.items() if number) + f"; {data.total} in all")


def _table(items: Sequence[TaskItem], screen: Screen) -> None:
    rows = [
        (_mark(item.status), item.id, str(item.priority), ", ".join(item.waits_for), one_line(item.title, _WIDE))
        for item in items
    ]
    screen.table(("STATUS", "TASK", "PRIORITY", "WAITS FOR", "TITLE"), rows)


def _mark(status: Status) -> Styled:
    symbol, colour = SYMBOLS[status]
    return Styled(f"{symbol} {status}", colour)


def page(data: TaskPage, screen: Screen) -> None:
    """A task's page."""
    task = data.task
    screen.title(f"{SYMBOLS[task.status][0]} {one_line(task.title)}", task.id)
    if data.description.strip():
        screen.text(data.description.strip())
    screen.blank()
    screen.facts(
        {
            "status": f"{task.status}{f': {data.reason}' if data.reason else ''}",
            "priority": task.priority,
            "depends on": ", ".join(task.dependencies) or "nothing",
            "waited for by": ", ".join(data.dependents) or "nobody",
            "checks": "; ".join(data.checks),
            "agent": task.agent,
            "model": task.model,
            "pattern": task.pattern,
            "labels": ", ".join(task.labels),
            "notes": data.notes,
            "file": shown(data.path),
        }
    )
    if data.criteria:
        screen.section("Done when")
        screen.bullets(data.criteria)


def chosen(data: NextTask, screen: Screen) -> None:
    """The next task and the reason."""
    screen.title(one_line(data.task.title), data.task.id)
    screen.facts(
        {"because": data.reason, "priority": data.task.priority, "left to do": data.remaining, "file": shown(data.path)}
    )


def changed(data: TaskChange, screen: Screen) -> None:
    """The task as it is now, or would be."""
    word = "unchanged" if not data.changed else "would be written" if data.dry_run else "written"
    screen.title(f"{SYMBOLS[data.task.status][0]} {data.task.id}: {one_line(data.task.title)}", f"{word}: {shown(data.path)}")
    screen.bullets(" ".join(part for part in (step.action, shown(step.target), step.detail) if part) for step in data.plan)


def loaded(data: TasksLoaded | TasksImported, screen: Screen) -> None:
    """What came in, and where it is."""
    kept = isinstance(data, TasksLoaded) and not data.changed
    word = "is the same already" if kept else "would be written" if data.dry_run else "written"
    screen.title(shown(data.path), f"{word}: {data.count} tasks from {shown(data.source)}")
    _table(data.items, screen)


def exported(data: TasksExported, screen: Screen) -> None:
    """The text, or where it was written."""
    if data.path is None:
        screen.raw(data.text.removesuffix("\n"))
    else:
        screen.title(
            shown(data.path), f"{'would be written' if data.dry_run else 'written'}: {data.count} tasks as {data.format}"
        )


def graph(data: TaskGraph, screen: Screen) -> None:
    """The layers, or the source of a drawing."""
    if data.text:
        screen.raw(data.text.removesuffix("\n"))
        return
    rows = [
        (
            str(layer.number) if first else "",
            _mark(item.status),
            item.id,
            ", ".join(item.dependencies),
            one_line(item.title, _WIDE),
        )
        for layer in data.layers
        for first, item in ((item is layer.items[0], item) for item in layer.items)
    ]
    screen.table(("LAYER", "STATUS", "TASK", "AFTER", "TITLE"), rows)


def validated(data: TasksReport, screen: Screen) -> None:
    """The verdict and the problems."""
    mark = "✓" if data.valid else "✗"
    screen.title(f"{mark} {shown(data.path)}", f"{data.format or 'no known format'}, {data.tasks} tasks")
    show_problems((replace(item, file=shown(item.file)) for item in data.items), screen)
