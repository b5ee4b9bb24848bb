"""Changing a file of tasks in place: under a lock, one place of the text at a time, so that all the rest stays as it was."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cowork.core.errors import Conflict, InvalidInput
from cowork.core.files import ensure_dir, write_atomic
from cowork.core.locks import locked
from cowork.core.paths import home
from cowork.core.text import one_line, printable
from cowork.loop.tasks import json_text
from cowork.loop.tasks.fields import FORMATS, PLAN, REMARK, STORIES, Format, status_of
from cowork.loop.tasks.judging import Judged, judge
from cowork.loop.tasks.reader import identity, usable
from cowork.loop.tasks.reading import content, invalid, no_such_task
from cowork.loop.tasks.task import Status, TaskList

NEW = '{\n  "tasks": []\n}\n'
"""The text of a file that has no task yet."""


class Written(NamedTuple):
    """What became of a file: whether its text changed (or would), the task it is about, and all its tasks afterwards."""

    changed: bool
    task: str
    tasks: TaskList


Edit = Callable[[str, TaskList], tuple[str, str]]
"""Makes of a text, and the tasks in it, the id of a task and the new text."""


def set_status(path: Path, task_id: str, status: Status, *, notes: str | None = None) -> bool:
    """Write a task's status into its file; whether that changed anything. `notes` are left beside it, not over its own notes.

    Everything else in the file stays as it is, also what somebody wrote into it since it was read; mistakes of other tasks do
    not matter. A file of stories says only done or not: `tasks.no_such_status` (InvalidInput) for other statuses. Raises
    `tasks.no_such_task`, `tasks.no_file`, `tasks.invalid`, `file.locked`, `file.not_writable` too.
    """

    def edit(text: str, tasks: TaskList) -> tuple[str, str]:
        at = _object(text, tasks, task_id)
        text = _with_status(text, at, FORMATS[tasks.format], status)
        return task_id, text if notes is None else json_text.with_member(text, at, REMARK[tasks.format], _clean(notes))

    return change(path, edit, strict=False).changed


def add_task(path: Path, fields: Mapping[str, Any], *, dry_run: bool = False) -> Written:
    """Append a task; where there is no file, one of the plan's format is made. `fields` are those of Task, `id` may lack.

    Raises `tasks.duplicate_id` (Conflict), and `tasks.invalid` when the file is wrong, or would be with it.
    """
    _refuse_bad_texts(fields)

    def edit(text: str, tasks: TaskList) -> tuple[str, str]:
        known = {task.id for task in tasks.tasks}
        given = {"id": fields.get("id") or next_id([task.id for task in tasks.tasks]), **_without(fields, "id")}
        name = str(given["id"])
        if name in known:
            text = f"there is a task '{one_line(name, 60)}' already"
            raise Conflict("tasks.duplicate_id", text, hint="choose another id", details={"task": printable(name)})
        format = FORMATS[tasks.format]
        at = json_text.offset(text, (format.list_key,) if text[json_text.root(text)] == "{" else ())
        return name, json_text.with_element(text, at, spelled(format, given))

    return change(path, edit, dry_run=dry_run, create=True)


def update_task(path: Path, task_id: str, changes: Mapping[str, Any], *, dry_run: bool = False) -> Written:
    """Change fields of a task, named as in Task; None takes a field away. Raises as `set_status` and `add_task` do."""
    _refuse_bad_texts(changes)

    def edit(text: str, tasks: TaskList) -> tuple[str, str]:
        format = FORMATS[tasks.format]
        for name, value in changes.items():
            at = _object(text, tasks, task_id)
            if name == "status":
                text = _with_status(text, at, format, value)
            elif value is None:
                text = json_text.without_member(text, at, format.keys[name])
            else:
                text = json_text.with_member(text, at, format.keys[name], _plain(value))
        return task_id, text

    return change(path, edit, dry_run=dry_run)


def change(path: Path, edit: Edit, *, dry_run: bool = False, create: bool = False, strict: bool = True) -> Written:
    """Read, change and replace a file while nobody else does. A link is followed: what it leads to is replaced.

    With `strict` the file must be right before and afterwards, else nothing is written. Files keep their mode.
    """
    if dry_run:
        return _changed(path, edit, create=create, strict=strict)[0]
    target = Path(os.path.realpath(path))
    with locked(_lock(target)):
        written, raw = _changed(target, edit, create=create, strict=strict)
        if written.changed:
            mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o644
            write_atomic(target, raw, mode=mode)
    return written


def next_id(known: list[str]) -> str:
    """An id like the last one, with the next number: US-003 after US-002, else task-4 after three others."""
    last = known[-1] if known else ""
    stem, digits = last.rstrip("0123456789"), last[len(last.rstrip("0123456789")) :]
    if not digits or not digits.isascii() or len(digits) > 12:
        stem, digits = "task-", str(len(known))
    number = int(digits)
    while True:
        number += 1
        name = f"{stem}{number:0{len(digits)}d}"
        if name not in known:
            return name


def spelled(format: Format, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as an object of a format, in the order of the format. Empty ones are left out, save those that it asks for."""
    found: dict[str, Any] = {}
    given = dict(fields)
    if format.name == STORIES:
        given["status"] = given.get("status") == "done"
        given["criteria"] = given.get("criteria") or ()
    for name in _ORDER:
        value = given.get(name)
        if value is not None and (value not in ("", ()) or (format.name == STORIES and name == "criteria")):
            found[format.keys[name]] = _plain(value)
    return found


_ORDER = (
    *("id", "title", "description", "priority", "status", "dependencies", "criteria", "checks"),
    *("agent", "model", "pattern", "labels", "notes"),
)


def _changed(path: Path, edit: Edit, *, create: bool, strict: bool) -> tuple[Written, bytes]:
    raw = NEW.encode() if create and not path.exists() else content(path)
    judged = _judged(raw, path, strict=strict)
    assert judged.tasks is not None
    name, text = edit(judged.tasks.text, judged.tasks)
    after = judge(text.encode(), str(path))
    if after.tasks is None or (strict and after.errors):
        raise invalid(path, after, would_be=True)
    return Written(text != judged.tasks.text, name, after.tasks), text.encode()


def _judged(raw: bytes, path: Path, *, strict: bool) -> Judged:
    """The file as it is. Raises `tasks.invalid`; without `strict` only for what is no list of tasks at all."""
    judged = judge(raw, str(path))
    errors = [problem for problem in judged.errors if problem.rule != "tasks.empty"]
    if judged.tasks is None or (strict and errors):
        raise invalid(path, judged)
    return judged


def _object(text: str, tasks: TaskList, name: str) -> int:
    """Where the object of a task begins. Raises `tasks.no_such_task`, and `tasks.invalid` for an id that two have."""
    root = tasks.raw if isinstance(tasks.raw, list) else tasks.raw[FORMATS[tasks.format].list_key]
    path: tuple[str, ...] = () if isinstance(tasks.raw, list) else (FORMATS[tasks.format].list_key,)
    found = [number for number, item in enumerate(root) if isinstance(item, dict) and identity(item.get("id")) == name]
    if not found:
        raise no_such_task(name, [task.id for task in tasks.tasks])
    if len(found) > 1:
        text = f"{len(found)} tasks have the id '{one_line(name, 60)}'"
        raise InvalidInput("tasks.invalid", text, hint="give each an id of its own", details={"task": printable(name)})
    return json_text.offset(text, (*path, found[0]))


def _with_status(text: str, at: int, format: Format, status: Status) -> str:
    wanted: Status = "pending" if status == "ready" else status
    key = format.keys["status"]
    if format.name == PLAN:
        held = json_text.member(text, at, key)
        word = json_text.value(text, held) if held else "pending"
        if isinstance(word, str) and status_of(word) == wanted:
            return text  # the file says it, perhaps in another word
        return json_text.with_member(text, at, key, wanted)
    if wanted not in ("done", "pending"):
        raise InvalidInput(
            "tasks.no_such_status",
            f"a file of user stories cannot say that one is {wanted}",
            cause="it has only passes, true or false; what else a run knows of its tasks stays in its session",
            hint="use done or pending, or turn the file into a plan: cowork loop task export --format json",
            details={"status": wanted},
        )
    if wanted == "pending" and json_text.member(text, at, key) is None:
        return text
    return json_text.with_member(text, at, key, wanted == "done")


def _without(fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key != name}


def _refuse_bad_texts(fields: Mapping[str, Any]) -> None:
    """Raises `tasks.bad_text` for what no file can hold, such as words of a command line that are not UTF-8."""
    for name, value in fields.items():
        texts = value if isinstance(value, (list, tuple)) else [value]
        if not all(usable(text) for text in texts if isinstance(text, str)):
            text = f"the {name} holds bytes that are no text"
            raise InvalidInput("tasks.bad_text", text, hint="write it in UTF-8", details={"field": name})


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _clean(text: str) -> str:
    return text if usable(text) else "".join(character for character in text if usable(character))


def _lock(target: Path) -> Path:
    """A lock of this file, kept in the home: beside the file it would show up in the user's repository."""
    digest = hashlib.sha256(str(target).encode("utf-8", "surrogateescape")).hexdigest()
    return ensure_dir(home() / "locks") / f"tasks-{digest[:32]}.lock"
