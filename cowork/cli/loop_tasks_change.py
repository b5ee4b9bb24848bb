"""cowork loop task create, update: changing one task of a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from cowork.cli.commands import verb
from cowork.cli.loop_tasks import FILE, STATUSES, path_of
from cowork.core.outcome import Outcome

CLEARABLE = ("description", "priority", "depends-on", "criterion", "check", "agent", "model", "pattern", "label", "notes")
_FIELDS = {"depends-on": "dependencies", "criterion": "criteria", "check": "checks", "label": "labels"}
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")

_OPTIONS = (
    click.option("--description", metavar="TEXT", help="What is to be done."),
    click.option("--priority", metavar="N", help="Lower comes first, 2 is usual; or critical, high, medium, low, P0 to P9."),
    click.option("--depends-on", "dependencies", multiple=True, metavar="ID", help="What must be done before. Repeatable."),
    click.option("--criterion", "criteria", multiple=True, metavar="TEXT", help="When it is done. Repeatable."),
    click.option("--check", "checks", multiple=True, metavar="COMMAND", help="Must end with 0 when it is done. Repeatable."),
    click.option("--agent", metavar="NAME", help="Who works on it."),
    click.option("--model", metavar="NAME", help="With which model."),
    click.option("--pattern", metavar="NAME", help="How models deliberate on it; see: cowork loop patterns."),
    click.option("--label", "labels", multiple=True, metavar="TEXT", help="What it is filed under. Repeatable."),
    click.option("--notes", metavar="TEXT", help="What whoever works on it should know."),
)


def _fields(function: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """The options for the fields of a task."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@verb()
@click.argument("title", help="What the task is, in a line.")
@click.option("--id", "id", metavar="ID", help="Its id; by default the next one like those that are there.")
@_fields
@FILE
@_DRY_RUN
def create(title: str, file: str | None, dry_run: bool, **fields: Any) -> Outcome:
    """Append a task to a file of tasks. Where there is none, .cowork/tasks.json is made."""
    from cowork.core.paths import project_dir
    from cowork.loop.tasks import changes
    from cowork.loop.tasks.reading import OURS

    path = changes.file_for(project_dir(), file, OURS)
    return Outcome(changes.create(path, {"title": title, **fields}, dry_run=dry_run))


@verb()
@click.argument("task", metavar="ID", help="A task's id.")
@click.option("--status", type=click.Choice(STATUSES), help="A file of user stories knows done and pending only.")
@click.option("--title", metavar="TEXT", help="What the task is, in a line.")
@_fields
@click.option("--clear", multiple=True, type=click.Choice(CLEARABLE), help="Take a field away. Repeatable.")
@FILE
@_DRY_RUN
def update(task: str, clear: tuple[str, ...], file: str | None, dry_run: bool, **fields: Any) -> Outcome:
    """Change a task in place; everything else in the file stays as it is. Repeatable options replace what was there."""
    from cowork.loop.tasks import changes

    given = {name: value for name, value in fields.items() if value not in (None, ())}
    cleared = {_FIELDS.get(name, name): None for name in clear}
    return Outcome(changes.update(path_of(file), task, {**given, **cleared}, dry_run=dry_run))
