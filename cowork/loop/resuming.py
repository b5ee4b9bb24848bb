"""Going on with a session, of whichever kind: a pattern's run, or a working loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cowork.core.clock import Clock
from cowork.core.errors import UsageError
from cowork.core.settings import Settings
from cowork.loop import single
from cowork.loop.control import finding
from cowork.loop.control.inbox import post
from cowork.loop.engine import closing, planning, reading, starting
from cowork.loop.engine.order import LIMIT_FLAGS
from cowork.loop.engine.results import LoopReport, Resumed
from cowork.sessions import places
from cowork.sessions.journal import Listener
from cowork.sessions.places import Workplace


@dataclass(frozen=True)
class Again:
    """How to go on: new limits, another chance for what was given up, in spite of another machine, in the background."""

    limits: Mapping[str, Any] = field(default_factory=dict)
    again: bool = False
    take_over: bool = False
    detach: bool = False


def resume(name: str, wish: Again, settings: Settings, clock: Clock, listeners: tuple[Listener, ...] = ()) -> Resumed:
    """Go on with a session. One that is paused in a process of its own is told to go on there.

    Raises `session.not_found`, `session.finished`, `session.locked`, and what its kind of run raises.
    """
    place = _find(name)
    if not _works(place):
        _require_plain(wish)
        return single.resume(place.session_id, settings, clock, listeners)
    state = reading.read(place)
    if places.alive(place) and state.phase in ("pausing", "paused"):
        _require_told(place, wish)
        if wish.limits:
            post(place, "limits", **wish.limits)
        post(place, "resume")
        return _told(place, "continued", f"it goes on where it runs; follow it: cowork loop watch {place.session_id}")
    if wish.detach:
        from cowork.loop.control.detaching import detach

        starting.require_open(place, state)
        return _told(place, "detached", *starting.background(place.session_id, detach(place.session_id, _options(wish))))
    return starting.resume(
        place, settings, clock, listeners, limits=dict(wish.limits), again=wish.again, take_over=wish.take_over
    )


def plan(name: str, wish: Again) -> Resumed:
    """What going on would do. Raises what `resume` raises before anything is done."""
    place = _find(name)
    if not _works(place):
        _require_plain(wish)
        return single.resume_plan(place.session_id)
    state = reading.read(place)
    starting.require_open(place, state)
    assert state.order is not None
    state.limits = replace(state.limits, **wish.limits)
    return planning.plan_of(state.order, state, verb="loop resume")


def _find(name: str) -> Workplace:
    """The session that is meant; by `last` never another project's."""
    return finding.last(name)


def _works(place: Workplace) -> bool:
    """Whether it is a working loop."""
    return "order" in (places.beginning(place) or {})


def _require_plain(wish: Again) -> None:
    if wish.limits or wish.again or wish.detach:
        raise UsageError(
            "loop.bad_option",
            "a pattern's run keeps the limits that it began with, and ends here",
            hint="leave out everything but --dry-run and --stream",
        )


def _require_told(place: Workplace, wish: Again) -> None:
    """Refuse what a process that works on it cannot be told, instead of leaving it out."""
    if wish.again or wish.take_over:
        flag = "--again" if wish.again else "--take-over"
        raise UsageError(
            "loop.bad_option",
            f"session {place.session_id} is paused, and goes on in the process that works on it: {flag} is for one that ended",
            hint=f"leave it out; or first: cowork loop stop {place.session_id} --wait",
        )


def _options(wish: Again) -> list[str]:
    """The same wishes for a process of its own, as options of its command line."""
    options = [flag for flag, wanted in (("--again", wish.again), ("--take-over", wish.take_over)) if wanted]
    for name, value in wish.limits.items():
        options += [LIMIT_FLAGS[name], str(value)]
    return options


def _told(place: Workplace, status: str, *notes: str) -> LoopReport:
    return replace(closing.report_of(place.session_id, reading.read(place), notes), status=status)
