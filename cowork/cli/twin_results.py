"""cowork twin results"""

from __future__ import annotations

import click

from cowork.cli import completing
from cowork.cli.commands import verb
from cowork.core.outcome import Outcome


@verb()
@click.option(
    "--twin", "names", multiple=True, shell_complete=completing.twins, metavar="TWIN", help="Of this twin. Repeatable."
)
@click.option("--since", metavar="WHEN", help="Since then: 24h, 7d, 2026-12-01.")
@click.option("--kind", "kinds", multiple=True, help="proactive, task, mention, wake, ask or skill. Repeatable.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many.")
@click.option("--format", "style", type=click.Choice(["md", "json"]), help="Whole results, as Markdown or as JSON.")
def list_(names: tuple[str, ...], since: str | None, kinds: tuple[str, ...], limit: int, style: str | None) -> Outcome:
    """List results of twins, newest first."""
    from cowork.core.clock import SystemClock
    from cowork.twins import reading

    return Outcome(reading.listed(names, since, kinds, limit, style, SystemClock()))


@verb()
@click.argument("name", metavar="RESULT", help="A result's id, a unique beginning of it, or 'last'.")
def show(name: str) -> Outcome:
    """Show a result: its text with claims that rest on nothing marked, what it rests on, and where it was delivered."""
    from cowork.twins import judging
    from cowork.twins.store import results

    found = results.find(name)
    return Outcome(found, judging.beside(found.id) if name == "last" else ())
