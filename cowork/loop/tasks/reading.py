"""Files of tasks: where they are, and what they hold. A file that cannot be understood is never taken for an empty one."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import NamedTuple

from cowork.core.errors import InvalidInput, NotFound
from cowork.core.files import MAX_JSON_BYTES, read_regular
from cowork.core.outcome import Notice
from cowork.core.text import did_you_mean, one_line, printable
from cowork.formats.problem import Problem
from cowork.loop.tasks.judging import Judged, judge
from cowork.loop.tasks.task import Task, TaskList

PLACES = (".cowork/prd.json", ".cowork/tasks.json", "prd.json", "tasks.json")
"""Where a project keeps its tasks; the first one that is there counts."""
OURS = ".cowork/tasks.json"
_WIDE = 400


class Looked(NamedTuple):
    """A file's tasks, and what is odd about it that may be a slip."""

    tasks: TaskList
    notices: tuple[Notice, ...]


def find(project: Path, given: str | None = None) -> Path:
    """The file of tasks: the one that was named, else the first of PLACES in the project. Raises `tasks.no_file` (NotFound)."""
    if given is not None:
        path = Path(given).expanduser()
        if given and _is_there(path):
            return path.absolute()
        text = f"there is no file of tasks {one_line(given, _WIDE) or 'without a name'}"
        raise NotFound("tasks.no_file", text, hint="check the path", details={"path": printable(given)})
    for place in PLACES:
        if _is_there(project / place):
            return project / place
    raise NotFound(
        "tasks.no_file",
        f"{shown(project)} has no file of tasks",
        cause=f"looked for {', '.join(PLACES)}",
        hint="write the first task: cowork loop task create TITLE; or name a file: --file FILE",
        details={"project": str(project), "places": list(PLACES)},
    )


def read(path: Path) -> TaskList:
    """The tasks of a file, of either format. There is at least one, ids are unique, and dependencies exist without cycles.

    Raises `tasks.no_file` (NotFound), `tasks.unreadable`, `tasks.empty` for a list without tasks, and `tasks.invalid` with
    every problem in its details, a line and a column with each (all InvalidInput).
    """
    return look(path).tasks


def look(path: Path) -> Looked:
    """As `read`, with notices about keys that look misspelled."""
    judged = judge(content(path), str(path))
    if judged.errors or judged.tasks is None:
        raise invalid(path, judged)
    odd = (problem for problem in judged.problems if problem.severity == "warning")
    return Looked(
        judged.tasks, tuple(Notice(problem.rule, f"{_place(problem)}: {problem.message}; {problem.fix}") for problem in odd)
    )


def content(path: Path) -> bytes:
    """The bytes of a file; of one that is too large, enough to tell. Raises `tasks.no_file` and `tasks.unreadable`."""
    try:
        return read_regular(path, MAX_JSON_BYTES)
    except (FileNotFoundError, NotADirectoryError) as error:
        text = f"there is no file of tasks {shown(path)}"
        raise NotFound("tasks.no_file", text, hint="check the path", details={"path": str(path)}) from error
    except (OSError, ValueError) as error:
        raise InvalidInput(
            "tasks.unreadable",
            f"cannot read {shown(path)}",
            cause=getattr(error, "strerror", None) or str(error),
            hint="check the path and its permissions",
            details={"path": str(path)},
        ) from error


def invalid(path: Path, judged: Judged, *, would_be: bool = False) -> InvalidInput:
    """The error for a file that cannot be used, or `would_be` wrong after a change that was not made."""
    first, more = judged.errors[0], len(judged.errors) - 1
    empty = first.rule == "tasks.empty" and not more
    rest = f"{more} more problem{'s' if more > 1 else ''}: cowork loop task validate {shlex.quote(shown(path))}"
    cause = f"and {rest}" if more else None
    return InvalidInput(
        "tasks.empty" if empty else "tasks.invalid",
        f"{_place(first)}: {first.message}",
        cause="so it would be after this change; nothing is written" if would_be else cause,
        hint=first.fix,
        details={"path": str(path), "problems": [problem.as_dict() for problem in judged.errors]},
    )


def shown(path: Path | str) -> str:
    """A path as people read it, on one safe line: from the working directory, if it is below."""
    try:
        return one_line(str(Path(path).relative_to(Path.cwd())), _WIDE)
    except (ValueError, OSError):  # elsewhere, or the working directory is gone
        return one_line(str(path), _WIDE)


def task_of(tasks: TaskList, name: str) -> Task:
    """The task with an id. Raises `tasks.no_such_task` (NotFound) with a suggestion."""
    found = next((task for task in tasks.tasks if task.id == name), None)
    if found is not None:
        return found
    raise no_such_task(name, [task.id for task in tasks.tasks])


def no_such_task(name: str, known: list[str]) -> NotFound:
    """The error for an id that no task has."""
    hint = did_you_mean(name, known, "see: cowork loop task list")
    text = f"there is no task '{one_line(name, 60)}'"
    return NotFound("tasks.no_such_task", text, hint=hint, details={"task": printable(name)})


def _is_there(path: Path) -> bool:
    """Whether there is something, a file or not: what cannot be read is an error later on, and not passed over."""
    try:
        return path.is_symlink() or path.exists()
    except (OSError, ValueError):
        return False


def _place(problem: Problem) -> str:
    file = shown(problem.file)
    return f"{file}:{problem.line}:{problem.column or 1}" if problem.line else file
