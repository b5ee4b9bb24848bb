"""A twin, or several alike, as somebody wants them made: what the options of `twin activate` and an entry of a team say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Wanted:
    """What is None or empty is as the template has it, or as it usually is.

    `enable` and `disable` are ids of tasks; `every` and `deliver_tasks` are pairs of a task with its minutes, or with an
    address. A relative `workspace` begins at `base`, by default the working directory. Without `trust_addresses` the addresses
    are those of a file that others may have written.
    """

    persona: str
    display_name: str | None = None
    count: int = 1
    interval: int | None = None
    enable: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    every: tuple[tuple[str, int], ...] = ()
    model: str | None = None
    provider: str | None = None
    workspace: str | None = None
    base: Path | None = None
    deliver: tuple[str, ...] = ()
    deliver_tasks: tuple[tuple[str, str], ...] = ()
    quiet_hours: str = ""
    timezone: str = ""
    autonomy: str | None = None
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    trust_addresses: bool = True
