"""cowork pack install, update, rollback: bringing content in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from cowork.cli.commands import verb
from cowork.cli.invocation import current
from cowork.core.errors import UsageError
from cowork.core.outcome import Outcome

if TYPE_CHECKING:
    from cowork.install.install import Options

SCOPE = click.option(
    "--scope",
    type=click.Choice(["user", "project"]),
    default="user",
    show_default=True,
    help="Whose packs: yours or the project's.",
)
APPROVE = click.option(
    "--approve", metavar="CAP,...", multiple=True, help="Approve these capabilities, such as hooks,mcp,network."
)
YES = click.option("--yes", is_flag=True, help="At a terminal: approve what is shown without asking.")
DRY_RUN = click.option("--dry-run", is_flag=True, help="Fetch and judge, show what would happen, change nothing.")
OFFLINE = click.option("--offline", is_flag=True, help="Take only what was installed before, from the store.")
STREAM = click.option("--stream", is_flag=True, help="Events as NDJSON, the last one the result.")


@verb()
@click.argument("source", required=False, help="github:owner/repo, a git or https address, ./directory, or a catalogue id.")
@click.option("--plugin", metavar="NAME", help="Which of several packs in the source.")
@click.option("--list", "listing", is_flag=True, help="Show what the source offers; install nothing.")
@click.option("--frozen", is_flag=True, help="Restore exactly what the lockfile says, or fail; a project's still asks.")
@APPROVE
@YES
@click.option("--force", is_flag=True, help="Replace a pack that is there; its content stays in the store.")
@SCOPE
@OFFLINE
@DRY_RUN
@STREAM
def install(
    source: str | None,
    plugin: str | None,
    listing: bool,
    frozen: bool,
    approve: tuple[str, ...],
    yes: bool,
    force: bool,
    scope: str,
    offline: bool,
    dry_run: bool,
    stream: bool,
) -> Outcome:
    r"""Install a pack, a Claude Code plugin or a skill from SOURCE.

    \b
    github:owner/repo[/path][@ref]          git+https://host/repo[//path][@ref]
    https://host/cowork.plugin.json         https://host/name.zip or .tar.gz
    ./directory or ./name.zip               id[@range] of the catalogue

    Everything is judged before it is written. What the pack can do beyond being read is shown and has to be approved.
    """
    from cowork.core.clock import SystemClock
    from cowork.install.install import install as bring
    from cowork.install.install import offers_of
    from cowork.install.sources import parse
    from cowork.install.wanted import Wanted

    if frozen == (source is not None):
        hint = "cowork pack install SOURCE, or cowork pack install --frozen"
        raise UsageError("usage.invalid", "give a source, or --frozen without one", hint=hint)
    clock = SystemClock()
    options, progress, done = prepare(scope, approve, yes=yes, force=force, dry_run=dry_run, stream=stream)
    try:
        if source is None:
            from cowork.install.frozen import restore

            return Outcome(*restore(options, clock, progress, offline=offline))
        wanted = Wanted(parse(source), plugin, dry_run=dry_run, offline=offline)
        return Outcome(*(offers_of(wanted, clock, progress) if listing else bring(wanted, options, clock, progress)))
    finally:
        done()


def prepare(
    scope: str, approve: tuple[str, ...], *, yes: bool, force: bool, dry_run: bool, stream: bool = False
) -> tuple[Options, Callable[[str, dict[str, Any]], None], Callable[[], None]]:
    """The options of an installation, who hears of its steps, and what to do when it is over."""
    from cowork.cli.asking import capability_question
    from cowork.cli.events import EventPrinter
    from cowork.core.clock import SystemClock
    from cowork.install.approval import Approval
    from cowork.install.install import Options
    from cowork.install.places import place_of
    from cowork.render.steps import Steps

    invocation = current()
    events = EventPrinter(SystemClock(), stream=stream)
    steps = Steps(invocation.color)
    given = tuple(name.strip() for part in approve for name in part.split(",") if name.strip())
    approval = Approval(given, capability_question(steps.stop, yes=yes))
    place = place_of("project" if scope == "project" else "user")

    def progress(kind: str, data: dict[str, Any]) -> None:
        if stream:
            events.emit(kind, data)
        elif not events.silent:
            steps(kind, data)

    return Options(place, approval, force=force, dry_run=dry_run), progress, steps.stop
