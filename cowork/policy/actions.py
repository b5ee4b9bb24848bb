"""What somebody is about to do, as the gate is asked about it."""

from __future__ import annotations

from typing import Literal, NamedTuple

Via = Literal["git", "url", "local", "catalogue", "created"]


class Action(NamedTuple):
    """A change, or the use of something. What is None is not what the action is about, or not known yet.

    `verb` as typed: "pack install". `pack` is the pack's name and `directory` that of its directory. `source` is the canonical
    text of where content comes from and `via` the way it comes in. `connector` is a connector's name. `what` is the skill,
    persona or field concerned, for the log alone. `heartbeat_s` is the time between two heartbeats in seconds, `twins` how
    many twins will be at work at once. `removes` takes something away or turns it off. `mends` puts policies right that cannot
    be read.
    """

    verb: str
    pack: str | None = None
    directory: str | None = None
    source: str | None = None
    via: Via | None = None
    connector: str | None = None
    heartbeat_s: int | None = None
    removes: bool = False
    what: str | None = None
    twins: int | None = None
    mends: bool = False
