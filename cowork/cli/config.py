"""cowork config"""

from __future__ import annotations

import click

from cowork.cli.commands import verb
from cowork.cli.results import SettingItem, SettingList
from cowork.core import settings
from cowork.core.outcome import Outcome


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
