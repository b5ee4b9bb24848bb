"""Activating a team from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cowork.core.clock import Clock
from cowork.core.errors import InvalidInput
from cowork.core.outcome import Notice
from cowork.formats import team
from cowork.twins.activation import activate_all
from cowork.twins.twin import Activation
from cowork.twins.values import MOST_TWINS
from cowork.twins.wanted import Wanted

_FIELDS = {"name": "display_name"}


def activate(
    path: Path, clock: Clock, *, dry_run: bool = False, trust_addresses: bool = False
) -> tuple[Activation, tuple[Notice, ...]]:
    """Create the twins that a file lists, all of them or none; of its addresses only `env:NAME` unless they are trusted.

    Raises `team.*`, and what `activate_all` raises; all of them name the file and the entry.
    """
    entries = team.read(path)
    base = path.absolute().parent
    total = sum(max(0, entry.get("count", 1)) for entry in entries)
    if total > MOST_TWINS:
        text = f"{path}: it lists {total} twins, at most {MOST_TWINS} are made at once"
        raise InvalidInput("team.too_many", text, hint="make it several files", details={"path": str(path), "count": total})
    places = [team.place(path, number) for number in range(1, len(entries) + 1)]
    wanted = [_wanted(entry, base, trust_addresses) for entry in entries]
    return activate_all(wanted, clock, dry_run=dry_run, places=places)


def _wanted(entry: dict[str, Any], base: Path, trust_addresses: bool) -> Wanted:
    tasks = entry.get("tasks", {})
    told = tuple((task, url) for task, urls in tasks.get("deliver", {}).items() for url in urls)
    fields = {_FIELDS.get(key, key.replace("-", "_")): value for key, value in entry.items() if key != "tasks"}
    return Wanted(
        **fields,
        base=base,
        enable=tasks.get("on", ()),
        disable=tasks.get("off", ()),
        every=tuple(tasks.get("every", {}).items()),
        deliver_tasks=told,
        trust_addresses=trust_addresses,
    )
