"""What somebody wants to bring in, and whether content may come in that way. Loads little: it stands before the network."""

from __future__ import annotations

from typing import NamedTuple

from cowork.install.sources import Source
from cowork.policy import gate
from cowork.policy.actions import Action, Via

_VIA: dict[str, Via] = {
    "github": "git",
    "git": "git",
    "manifest": "url",
    "archive": "url",
    "local": "local",
    "catalogue": "catalogue",
}


class Wanted(NamedTuple):
    """What to bring in. The `expected_*` are what somebody, a catalogue or a lockfile, promised about it."""

    source: Source
    plugin: str | None = None
    expected_names: tuple[str, ...] = ()
    expected_hash: str | None = None
    verb: str = "pack install"
    dry_run: bool = False
    offline: bool = False


def permit(wanted: Wanted, origin: Source) -> None:
    """Ask the gate whether content may come in this way. Only a refusal is logged here: the pack's name is not known yet."""
    gate.refuse(Action(wanted.verb, source=origin.canonical, via=via(origin)), dry_run=wanted.dry_run)


def via(source: Source) -> Via:
    """The way by which a source brings content in, as policies name it."""
    return _VIA[source.kind]
