"""cowork session"""

from __future__ import annotations

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome


@verb()
def list_() -> Outcome:
    """List sessions of agents and loops, newest first."""
    from cowork.sessions.pages import list_entries

    return Outcome(*list_entries())


@verb()
@click.argument("session", default="last", help="A session's id, the start of one, or 'last'.")
def show(session: str) -> Outcome:
    """Show a session: how it ended, what it cost, and every tool call with its verdict."""
    from cowork.sessions import pages

    return Outcome(pages.show(session))


@verb()
@click.argument("session", default="last", help="A session's id, the start of one, or 'last'.")
@click.option("--format", "style", type=click.Choice(["markdown", "jsonl"]), default="markdown", help="How to write it.")
def export(session: str, style: str) -> Outcome:
    """Print a session as Markdown, or its journal as NDJSON."""
    from cowork.sessions import pages

    return Outcome(pages.export(session, style))
