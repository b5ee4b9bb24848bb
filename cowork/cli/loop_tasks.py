"""cowork loop task list, show, next, graph, validate: reading files of tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome

STATUSES = ("pending", "ready", "active", "done", "blocked", "failed", "skipped")

FILE = click.option("--file", "file", metavar="FILE", help="The file of tasks; by default the project's.")


def path_of(file: str | None) -> Path:
    """The file of tasks that is meant. Raises `tasks.no_file`."""
    from cowork.core.paths import project_dir
    from cowork.loop.tasks.reading import find

    return find(project_dir(), file)


@verb()
@click.option("--status", "statuses", multiple=True, type=click.Choice(STATUSES), help="Only these. Repeatable.")
@FILE
def list_(statuses: tuple[str, ...], file: str | None) -> Outcome:
    """List the tasks of a file in its order, with the status of each."""
    from cowork.loop.tasks import pages

    return Outcome(*pages.list_tasks(path_of(file), statuses))


@verb()
@click.argument("task", metavar="ID", help="A task's id.")
@FILE
def show(task: str, file: str | None) -> Outcome:
    """Show a task: what is to be done, when it is done, what it waits for and who waits for it."""
    from cowork.loop.tasks import pages

    return Outcome(*pages.show_task(path_of(file), task))


@verb()
@FILE
def next_(file: str | None) -> Outcome:
    """Say which task is next, and why: dependencies first, then priority, then the order of the file. Exit 8 when none is."""
    from cowork.loop.tasks import pages

    return Outcome(*pages.next_of(path_of(file)))


@verb()
@click.option(
    "--format", "format", type=click.Choice(["text", "dot", "mermaid"]), default="text", show_default=True, help="How."
)
@FILE
def graph(format: Any, file: str | None) -> Outcome:
    """Show what waits for what, in layers that could be worked on side by side; or as source for Graphviz or Mermaid."""
    from cowork.loop.tasks import drawing

    return Outcome(*drawing.draw(path_of(file), format))


@verb()
@click.argument("path", required=False, metavar="[FILE]", help="A file of tasks; by default the project's.")
@FILE
def validate(path: str | None, file: str | None) -> Outcome:
    """Check a file of tasks: everything that is wrong, with line and column, and what is odd. Exit 4 when it is wrong."""
    from cowork.loop.tasks import report

    return Outcome(report.validate(path_of(path if path is not None else file)))
