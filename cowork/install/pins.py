"""`pack pin` and `pack unpin`: whether updates leave a pack alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cowork.core.clock import Clock, rfc3339
from cowork.core.plan import Step
from cowork.install import commit, lockfile
from cowork.install.commit import Change
from cowork.install.lockfile import Pin
from cowork.install.places import Place
from cowork.install.staging import staging
from cowork.policy import gate
from cowork.policy.actions import Action


@dataclass(frozen=True)
class Pinned:
    """A pack that was pinned or let go. `changed` is false when it was so already."""

    name: str
    version: str
    pinned: bool
    reason: str | None
    changed: bool
    dry_run: bool
    plan: tuple[Step, ...]


def set_pin(place: Place, name: str, reason: str | None, clock: Clock, *, dry_run: bool) -> Pinned:
    """Pin a pack for a reason, or without one let it go. Raises `pack.not_installed`, `policy.*`, `lock.*`, `file.*`."""
    entry = lockfile.find(lockfile.read(place), name, place)
    verb = "pack unpin" if reason is None else "pack pin"
    gate.require(Action(verb, pack=name, source=entry.source), dry_run=dry_run)
    held = entry.pinned.reason if entry.pinned else None
    plan = (Step("unpin" if reason is None else "pin", name, reason or ""), Step("record", str(place.lock)))
    if held != reason and not dry_run:
        pin = None if reason is None else Pin(reason, rfc3339(clock.now()))
        with staging(place) as work:
            commit.apply(place, [Change(name, entry, replace(entry, pinned=pin))], work)
    return Pinned(name, entry.version, reason is not None, reason, held != reason, dry_run, plan)
