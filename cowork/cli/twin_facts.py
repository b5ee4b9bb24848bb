"""cowork twin facts: what all twins know of the organization."""

from __future__ import annotations

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome

_DRY_RUN = click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")


@verb()
@click.option("--about", metavar="WORDS", help="Only facts in which all these words stand.")
def list_(about: str | None) -> Outcome:
    """List facts, sorted by subject, relation and object."""
    from cowork.twins import knowledge

    return Outcome(knowledge.list_facts(about))


@verb()
@click.argument("subject", help="What is spoken of, for example payments-api.")
@click.argument("relation", help="For example owned-by, or depends-on.")
@click.argument("object_", metavar="OBJECT", help="For example team-payments.")
@_DRY_RUN
def add(subject: str, relation: str, object_: str, dry_run: bool) -> Outcome:
    """Add a fact that every twin may cite."""
    from cowork.core.clock import SystemClock
    from cowork.twins import knowledge

    return Outcome(knowledge.add(subject, relation, object_, SystemClock(), dry_run=dry_run))


@verb()
@click.argument("facts", nargs=-1, required=True, metavar="FACT...", help="Ids of facts, or the starts of some.")
@_DRY_RUN
def remove(facts: tuple[str, ...], dry_run: bool) -> Outcome:
    """Remove facts, all of them or none."""
    from cowork.twins import knowledge

    return Outcome(knowledge.remove(facts, dry_run=dry_run))


@verb()
@click.argument("file", help="CSV or JSON lines with subject, relation and object; or a CODEOWNERS file.")
@_DRY_RUN
def import_(file: str, dry_run: bool) -> Outcome:
    """Add the facts of a file, all of them or none. A file named CODEOWNERS says which paths are owned by whom."""
    from cowork.core.clock import SystemClock
    from cowork.twins import knowledge

    return Outcome(knowledge.import_(file, SystemClock(), dry_run=dry_run))
