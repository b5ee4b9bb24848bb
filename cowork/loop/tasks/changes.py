"""`loop task create` and `loop task update`: one task of a file, added or changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cowork.core.errors import InvalidInput, NotFound
from cowork.core.plan import Step
from cowork.core.text import one_line
from cowork.loop.tasks.fields import FORMATS, priority_of
from cowork.loop.tasks.pages import TaskItem, items_of
from cowork.loop.tasks.reader import LONGEST_ID, identity
from cowork.loop.tasks.reading import find, read, task_of
from cowork.loop.tasks.writing import Written, add_task, update_task
from cowork.policy import gate
from cowork.policy.actions import Action


@dataclass(frozen=True)
class TaskChange:
    """A task as it is now. `changed`: the file was written; `created`: it was not there before."""

    path: str
    format: str
    task: TaskItem
    changed: bool
    created: bool
    dry_run: bool
    plan: tuple[Step, ...]


def create(path: Path, fields: Mapping[str, Any], *, dry_run: bool) -> TaskChange:
    """Append a task to the file at `path`, which is made when there is none. Raises `tasks.*`, policy and file errors."""
    given = _checked(fields)
    gate.require(Action("loop task create", what=str(given.get("id") or given["title"])), dry_run=dry_run)
    created = not path.exists()
    written = add_task(path, given, dry_run=dry_run)
    steps = (Step("create", str(path), "a file of tasks"),) if created else ()
    return _change(path, written, (*steps, Step("append", str(path), f"task {written.task}")), created, dry_run)


def update(path: Path, name: str, changes: Mapping[str, Any], *, dry_run: bool) -> TaskChange:
    """Change fields of a task; None takes a field away. Raises `tasks.nothing_to_change`, `tasks.*`, policy and file errors."""
    given = _checked(changes)
    if not given:
        text = "nothing is said that would change"
        raise InvalidInput("tasks.nothing_to_change", text, hint="add --status, --title, --priority or another field")
    gate.require(Action("loop task update", what=name), dry_run=dry_run)
    task_of(read(path), name)
    written = update_task(path, name, given, dry_run=dry_run)
    keys = FORMATS[written.tasks.format].keys
    steps = tuple(
        Step("clear" if value is None else "set", f"{name}.{keys[field]}", "" if value is None else one_line(str(value), 80))
        for field, value in given.items()
    )
    if not written.changed:
        steps = (Step("keep", str(path), "it says so already"),)
    return _change(path, written, steps, False, dry_run)


def file_for(project: Path, given: str | None, new: str) -> Path:
    """The file to append to: the one that was named, there or not, else the project's, else `new` in the project."""
    if given:
        return Path(given).expanduser().absolute()
    try:
        return find(project, given)
    except NotFound:
        if given is not None:
            raise
        return project / new


def _change(path: Path, written: Written, plan: tuple[Step, ...], created: bool, dry_run: bool) -> TaskChange:
    item = next(item for item in items_of(written.tasks, {}) if item.id == written.task)
    return TaskChange(str(path), written.tasks.format, item, written.changed, created, dry_run, plan)


def _checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with the priority as a number. Raises `tasks.bad_value`."""
    given = dict(fields)
    if given.get("priority") is not None:
        number = priority_of(str(given["priority"]))
        if number is None:
            raise _bad("priority", given["priority"], "a whole number, or critical, high, medium, low, P0 to P9")
        given["priority"] = number
    if given.get("id") is not None and identity(given["id"]) is None:
        raise _bad("id", given["id"], f"1 to {LONGEST_ID} visible characters on one line")
    if "title" in given and not str(given["title"] or "").strip():
        raise _bad("title", given["title"], "a title with words in it")
    return given


def _bad(field: str, value: Any, fix: str) -> InvalidInput:
    text = f"'{one_line(str(value), 60)}' cannot be the {field} of a task"
    return InvalidInput("tasks.bad_value", text, hint=f"give {fix}", details={"field": field})
