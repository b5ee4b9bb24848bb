"""cowork context"""

from __future__ import annotations

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Notice, Outcome


@verb()
@click.argument("paths", nargs=-1, help="Text files, and directories of them.")
@click.option("--session", metavar="SESSION", help="Add the last prompts of a session: its id, the start of one, or 'last'.")
@click.option("--prompts", type=click.IntRange(1, 100), default=5, metavar="N", help="How many of them; 5 unless told.")
@click.option(
    "--budget", type=click.IntRange(1), default=20_000, metavar="TOKENS", help="The most tokens of all; 20,000 unless told."
)
@click.option("--no-tree", is_flag=True, help="Leave the file tree out.")
@click.option("--no-git", is_flag=True, help="Leave the repository's state out.")
def show(paths: tuple[str, ...], session: str | None, prompts: int, budget: int, no_tree: bool, no_git: bool) -> Outcome:
    """Show what a prompt is told about this directory: PATHS, git, a session, the file tree; in this order, within a budget."""
    from cowork.prompts.extraction import gather

    found = gather(
        ".", session=session, prompts=prompts, contexts=paths, tree=not no_tree, git=not no_git, budget_tokens=budget
    )
    cuts = [Notice("context.cut", f"{part.kind} {part.name}: {part.cut}") for part in found.parts if part.cut]
    return Outcome(found, tuple(cuts))


@verb()
@click.argument("path", default=".", help="A directory; this one unless told.")
@click.option("--depth", type=click.IntRange(1), metavar="N", help="The most levels.")
@click.option("--budget", type=click.IntRange(1), metavar="TOKENS", help="The most tokens.")
def tree(path: str, depth: int | None, budget: int | None) -> Outcome:
    """Show the file tree without what is ignored; what finds no room is counted where it would stand."""
    from cowork.prompts import tree as trees

    found = trees.tree(path, depth=depth, budget_tokens=budget)
    return Outcome(found, (Notice("context.incomplete", found.problem),) if found.problem else ())
