"""`loop task load`, `export` and `import`: tasks that come from elsewhere, and go elsewhere."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cowork.core.errors import Conflict
from cowork.core.files import write_atomic
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.loop.tasks import converting
from cowork.loop.tasks.fields import PLAN, STORIES
from cowork.loop.tasks.judging import judge
from cowork.loop.tasks.markdown import tasks_of
from cowork.loop.tasks.pages import TaskItem, items_of
from cowork.loop.tasks.reading import OURS, PLACES, content, invalid, look, shown
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.prompts.context import read_text

ExportFormat = Literal["json", "stories", "markdown"]


@dataclass(frozen=True)
class TasksLoaded:
    """A file that is now the project's: where it came from, where it is, its format (plan or stories), and its tasks."""

    source: str
    path: str
    format: str
    items: tuple[TaskItem, ...]
    count: int
    changed: bool
    dry_run: bool
    plan: tuple[Step, ...]


@dataclass(frozen=True)
class TasksExported:
    """Tasks in a format (json, stories or markdown). `path` is the file it was written to, None for the answer alone."""

    source: str
    path: str | None
    format: str
    text: str
    count: int
    dry_run: bool
    plan: tuple[Step, ...]


@dataclass(frozen=True)
class TasksImported:
    """The tasks that a Markdown list came to, and the file that holds them. `document` is what it holds."""

    source: str
    path: str
    items: tuple[TaskItem, ...]
    count: int
    document: Mapping[str, Any]
    dry_run: bool
    plan: tuple[Step, ...]


def load(source: Path, project: Path, *, force: bool, dry_run: bool) -> tuple[TasksLoaded, tuple[Notice, ...]]:
    """Copy a file of tasks, once it is found right, to where the project keeps its own; byte for byte.

    Raises `tasks.exists` and `tasks.shadowed` (Conflict), and as `reading.read` does.
    """
    gate.require(Action("loop task load", what=str(source)), dry_run=dry_run)
    tasks, notices = look(source)
    target = project / OURS
    raw = content(source)
    changed = not target.exists() or content(target) != raw
    if changed:
        _refuse_shadow(project)
        _put(target, raw, force=force, dry_run=dry_run)
    step = Step("write", str(target), f"{len(tasks.tasks)} tasks") if changed else Step("keep", str(target), "it is the same")
    items = items_of(tasks, {})
    return TasksLoaded(str(source), str(target), tasks.format, items, len(items), changed, dry_run, (step,)), notices


def export(
    source: Path, format: ExportFormat, output: str | None, *, force: bool, dry_run: bool
) -> tuple[TasksExported, tuple[Notice, ...]]:
    """Tasks as a plan, as user stories or as a Markdown list. Raises `tasks.exists` (Conflict), and as `reading.read` does."""
    gate.require(Action("loop task export", what=str(source)), dry_run=dry_run)
    tasks, odd = look(source)
    if format == "markdown":
        text, lost = converting.markdown(tasks)
    else:
        text, lost = converting.document(tasks, PLAN if format == "json" else STORIES)
    target = Path(output).expanduser().absolute() if output else None
    if target is not None:
        _put(target, text.encode(), force=force, dry_run=dry_run)
    step = Step("write", str(target or "the answer"), f"{len(tasks.tasks)} tasks")
    exported = TasksExported(str(source), str(target) if target else None, format, text, len(tasks.tasks), dry_run, (step,))
    return exported, (*odd, *lost)


def import_(
    source: str, project: Path, output: str | None, *, force: bool, dry_run: bool
) -> tuple[TasksImported, tuple[Notice, ...]]:
    """Make a file of the plan's format from a Markdown list.

    Raises `tasks.missing` and others of `read_text`, `tasks.none_found`, `tasks.duplicate_id`, `tasks.cycle` (InvalidInput),
    `tasks.exists` and `tasks.shadowed` (Conflict).
    """
    gate.require(Action("loop task import", what=source), dry_run=dry_run)
    document, notices = tasks_of(read_text(source, kind="tasks"), source)
    target = Path(output).expanduser().absolute() if output else project / OURS
    raw = json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"
    judged = judge(raw, str(target))
    if judged.tasks is None or judged.errors:
        raise invalid(target, judged)
    if output is None:
        _refuse_shadow(project)
    _put(target, raw, force=force, dry_run=dry_run)
    items = items_of(judged.tasks, {})
    step = Step("write", str(target), f"{len(items)} tasks")
    return TasksImported(source, str(target), items, len(items), document, dry_run, (step,)), notices


def _refuse_shadow(project: Path) -> None:
    """Raises `tasks.shadowed` where another file would be found before the one that is written."""
    other = project / PLACES[0]
    if os.path.lexists(other):
        raise Conflict(
            "tasks.shadowed",
            f"{shown(other)} is found before {OURS}",
            hint=f"move it away first, or keep it and name the other file: --file {OURS}",
            details={"path": str(other)},
        )


def _put(target: Path, raw: bytes, *, force: bool, dry_run: bool) -> None:
    """Write a file; a link is followed. Raises `tasks.exists` for one that is there, without `force`."""
    if os.path.lexists(target) and not force:
        text = f"{shown(target)} is there already"
        raise Conflict("tasks.exists", text, hint="add --force to replace it, or name another", details={"path": str(target)})
    if not dry_run:
        write_atomic(Path(os.path.realpath(target)), raw, mode=0o644)
