"""cowork evidence"""

from __future__ import annotations

from pathlib import Path

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome


@verb()
def list_() -> Outcome:
    """List what can be collected about a workspace, and what each collector needs."""
    from cowork.twins.evidence import results

    return Outcome(results.list_collectors())


@verb()
@click.argument("names", nargs=-1, metavar="[NAME]...", help="Collectors, as `cowork evidence list` names them.")
@click.option("--all", "everything", is_flag=True, help="All collectors.")
@click.option("--workspace", type=click.Path(path_type=Path), default=Path(), metavar="DIR", help="Where; here unless told.")
@click.option(
    "--limit", type=click.IntRange(0), default=20, show_default=True, help="Facts shown of each; 0: all. JSON has all."
)
@click.option("--fresh", is_flag=True, help="Collect anew, whatever was collected before.")
def run(names: tuple[str, ...], everything: bool, workspace: Path, limit: int, fresh: bool) -> Outcome:
    """Collect facts about a workspace, without a model. Nothing of it is run, and nothing is changed."""
    from cowork.cli.events import EventPrinter
    from cowork.cli.invocation import current
    from cowork.core.clock import SystemClock
    from cowork.twins.evidence import results
    from cowork.twins.evidence.findings import Evidence

    clock = SystemClock()
    printer = EventPrinter(clock, stream=False)

    def told(evidence: Evidence) -> None:
        if len(names) != 1 and not evidence.cached and evidence.status != "unavailable":  # the page says why
            data = {"collector": evidence.collector, "status": evidence.status, "seconds": evidence.seconds}
            printer.emit("collector.ended", data)

    found = results.run(names, workspace, clock, everything=everything, fresh=fresh, told=told, limit=limit)
    return found if current().json else Outcome(found.data)
