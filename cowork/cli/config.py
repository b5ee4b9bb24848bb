"""cowork config"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from cowork.cli.asking import can_ask, confirm_destruction
from cowork.cli.commands import verb
from cowork.cli.invocation import current
from cowork.cli.results import SettingItem, SettingList
from cowork.core import settings
from cowork.core.errors import UsageError
from cowork.core.outcome import Outcome

if TYPE_CHECKING:
    from cowork.agent.trusting import TrustAnswer


@verb()
@click.argument("key", required=False, help="One setting; all of them without it.")
@click.option("--origin", is_flag=True, help="Show where each value comes from.")
def show(key: str | None, origin: bool) -> Outcome:
    """Show the settings in force, or one of them."""
    loaded = settings.load()
    values = [loaded.value(key)] if key else loaded.all()
    items = tuple(
        SettingItem(item.key, item.value, item.help, item.origin if origin else None, item.source if origin else None)
        for item in values
    )
    return Outcome(SettingList(items, len(items)), loaded.notices)


@verb()
@click.argument("directory", metavar="[DIR]", required=False, help="A project; by default the one you are in.")
@click.option("--list", "listed", is_flag=True, help="List the directories you trust, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Show what its files may do, and record nothing.")
def trust(directory: str | None, listed: bool, yes: bool, dry_run: bool) -> Outcome:
    """Let a project's own files run and allow things: hooks, MCP servers, allow rules, connectors, shell substitutions.

    Shows all of them, asks, and records the decision with a digest of the files: once one changes, you are asked again. Deny
    rules count without it.
    """
    from cowork.agent import trusting
    from cowork.core.clock import SystemClock

    if listed:
        if directory or yes:
            raise UsageError("usage.invalid", "--list takes no directory and no --yes", hint="leave them out")
        return Outcome(trusting.list_trusted(dry_run=dry_run))
    return Outcome(*trusting.trust_project(directory, SystemClock(), _ask_to_trust(yes), dry_run=dry_run))


@verb()
@click.argument("directory", metavar="[DIR]", required=False, help="A project; by default the one you are in.")
@click.option("--dry-run", is_flag=True, help="Show what would be taken back.")
def untrust(directory: str | None, dry_run: bool) -> Outcome:
    """Take back the trust in a project: its own files run and allow nothing any more."""
    from cowork.agent import trusting

    return Outcome(trusting.untrust_project(directory, dry_run=dry_run))


def _ask_to_trust(yes: bool) -> Callable[[TrustAnswer], None]:
    def ask(answer: TrustAnswer) -> None:
        if not yes and can_ask():
            from cowork.render import questions

            questions.powers(answer, current().color)
        try:
            confirm_destruction(f"Trust {answer.path}?", yes=yes)
        except UsageError as error:
            error.data = answer  # whoever cannot be asked still sees what it is about
            raise

    return ask
