"""`loop task validate`: everything that is wrong with a file of tasks, and what is odd, with its place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cowork.formats.problem import Problem, bounded
from cowork.loop.tasks.judging import judge
from cowork.loop.tasks.reading import content, invalid


@dataclass(frozen=True)
class TasksReport:
    """What was found in a file, sorted by place. `valid`: none of it is an error. `format` is None when it has none.

    Of many problems the first are listed, errors before the rest, and a last one says how many more there are.
    """

    path: str
    format: str | None
    valid: bool
    tasks: int
    items: tuple[Problem, ...]
    count: int


def validate(path: Path) -> TasksReport:
    """Judge a file. Raises `tasks.no_file`, `tasks.unreadable`; `tasks.invalid` and `tasks.empty` with the report as data."""
    judged = judge(content(path), str(path))
    items = tuple(bounded(list(judged.problems)))
    tasks = judged.tasks
    valid = not judged.errors
    report = TasksReport(str(path), tasks.format if tasks else None, valid, len(tasks.tasks) if tasks else 0, items, len(items))
    if valid:
        return report
    error = invalid(path, judged)
    error.data, error.cause = report, None  # the report shows them all
    raise error
