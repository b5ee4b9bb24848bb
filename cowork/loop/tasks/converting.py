"""Tasks in another format than their file has, and what that format cannot say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cowork.core.outcome import Notice
from cowork.core.text import one_line
from cowork.loop.tasks.fields import DEFAULT_PRIORITY, FORMATS, REMARK, STORIES
from cowork.loop.tasks.hints import Draft, read_item, read_title
from cowork.loop.tasks.markdown import is_prose
from cowork.loop.tasks.task import Task, TaskList
from cowork.loop.tasks.writing import spelled

Lost = tuple[Notice, ...]
_BOXES = {"done": "x", "skipped": "-"}


def document(tasks: TaskList, format: str) -> tuple[str, Lost]:
    """The tasks as JSON of a format: the file's own text when it has that format. Keys that nobody knows go along."""
    if tasks.format == format:
        return tasks.text, ()
    wanted, given = FORMATS[format], FORMATS[tasks.format]
    root = {key: value for key, value in tasks.raw.items() if key != given.list_key} if isinstance(tasks.raw, dict) else {}
    if format == STORIES and not isinstance(root.get("name") or root.get("project"), str):
        root = {"name": tasks.name or "tasks", **root}
    items = []
    for task in tasks.tasks:
        known = {*given.keys.values(), REMARK[given.name]}
        rest = {key: value for key, value in task.raw.items() if key not in known}
        if REMARK[given.name] in task.raw:
            rest[REMARK[format]] = task.raw[REMARK[given.name]]
        items.append({**spelled(wanted, _fields(task)), **rest})
    text = json.dumps({**root, wanted.list_key: items}, indent=2, ensure_ascii=False) + "\n"
    return text, _lost(tasks, ("done", "pending")) if format == STORIES else ()


def markdown(tasks: TaskList) -> tuple[str, Lost]:
    """The tasks as a list that `loop task import` reads."""
    lines = [f"# {_flat(tasks.name)}", ""] if tasks.name else []
    about = [line.strip() for line in tasks.description.splitlines() if line.strip()]
    if about:
        lines += [*(line if is_prose(line) else f"\\{line}" for line in about), ""]
    for task in tasks.tasks:
        lines += _lines(task)
    return "\n".join(lines) + "\n", _lost(tasks, ("done", "pending", "skipped"))


def _lines(task: Task) -> list[str]:
    plain = Draft(0, None, (), "pending")
    read_title(plain, f"{task.id}: {_flat(task.title)}")
    named = plain.id == task.id and plain.title == _flat(task.title)
    lines = [f"- [{_BOXES.get(task.status, ' ')}] {f'{task.id}: ' if named else ''}{_flat(task.title)}"]
    fields: list[tuple[str, str]] = [] if named else [("id", f"`{task.id}`")]
    if task.dependencies:
        fields.append(("depends on", ", ".join(task.dependencies)))
    if task.priority != DEFAULT_PRIORITY:
        fields.append(("priority", str(task.priority)))
    fields += [(name, value) for name in ("agent", "model", "pattern") if (value := getattr(task, name))]
    fields += [("check", f"`{_flat(check)}`") for check in task.checks]
    fields += [("labels", ", ".join(map(_flat, task.labels)))] if task.labels else []
    fields += [("notes", _flat(task.notes))] if task.notes.strip() else []
    lines += [f"  - {name}: {value}" for name, value in fields]
    described = [line.rstrip() for line in task.description.strip().splitlines() if line.strip()]
    if not all(map(is_prose, described)):
        lines.append(f"  - description: {_flat(task.description)}")
        described = []
    lines += [f"  - {_criterion(_flat(text))}" for text in task.criteria]
    return [*lines, "", *(f"  {line}" for line in described), *([""] if described else [])]


def _criterion(text: str) -> str:
    """A criterion as an item that is read as one, whatever it looks like."""
    plain = Draft(0, None, (), "pending")
    read_item(plain, text)
    return text if plain.criteria == [text] and not text.startswith("[") else f"criterion: {text}"


def _fields(task: Task) -> Mapping[str, Any]:
    names = [name for name in FORMATS[STORIES].keys if name != "priority"]
    priority = task.priority if task.raw.get("priority") is not None else None
    return {**{name: getattr(task, name) for name in names}, "priority": priority}


def _lost(tasks: TaskList, sayable: tuple[str, ...]) -> Lost:
    lost = [task for task in tasks.tasks if task.status not in sayable]
    if not lost:
        return ()
    shown = ", ".join(f"{one_line(task.id, 40)} ({task.status})" for task in lost[:5])
    more = f" and {len(lost) - 5} more" if len(lost) > 5 else ""
    return (Notice("tasks.status_lost", f"the format has no word for the status of {shown}{more}: they count as not done"),)


def _flat(text: str) -> str:
    return " ".join(text.split())
