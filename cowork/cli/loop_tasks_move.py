"""cowork loop task load, import, export: tasks that come from elsewhere, and go elsewhere."""

from __future__ import annotations

from typing import Any

import click

from cowork.cli.commands import verb
from cowork.cli.loop_tasks import FILE, path_of
from cowork.core.outcome import Outcome

_FORCE = click.option("--force", is_flag=True, help="Replace a file that is there.")
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Show what would be written; write nothing.")


@verb()
@click.argument("source", metavar="FILE", help="A file of tasks: a plan, or user stories.")
@_FORCE
@_DRY_RUN
def load(source: str, force: bool, dry_run: bool) -> Outcome:
    """Check a file of tasks and copy it to .cowork/tasks.json, where the project's own are found."""
    from cowork.core.paths import project_dir
    from cowork.loop.tasks import moving

    return Outcome(*moving.load(path_of(source), project_dir(), force=force, dry_run=dry_run))


@verb()
@click.argument("source", metavar="FILE.md", help="A Markdown list; checkboxes, numbers and nested items are understood.")
@click.option("--output", "-o", metavar="FILE", help="Where to write the tasks; by default .cowork/tasks.json.")
@_FORCE
@_DRY_RUN
def import_(source: str, output: str | None, force: bool, dry_run: bool) -> Outcome:
    """Make tasks from a Markdown list: an item each, what is nested in it says when it is done, headings are labels."""
    from cowork.core.paths import project_dir
    from cowork.loop.tasks import moving

    return Outcome(*moving.import_(source, project_dir(), output, force=force, dry_run=dry_run))


@verb()
@click.option(
    "--format", "format", type=click.Choice(["json", "stories", "markdown"]), default="json", help="A plan by default."
)
@click.option("--output", "-o", metavar="FILE", help="Where to write it; by default it is the answer.")
@_FORCE
@FILE
@_DRY_RUN
def export(format: Any, output: str | None, force: bool, file: str | None, dry_run: bool) -> Outcome:
    """Write tasks as a plan (json), as a prd.json of user stories, or as a Markdown list."""
    from cowork.loop.tasks import moving

    return Outcome(*moving.export(path_of(file), format, output, force=force, dry_run=dry_run))
