"""Following a session while it works: its journal, as it grows, until it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from cowork.core.clock import Clock, rfc3339
from cowork.core.errors import Interrupted
from cowork.loop.control.folding import Fold
from cowork.loop.control.page import LoopPage, page_of
from cowork.loop.ends import require_completed
from cowork.sessions import places
from cowork.sessions.journal import Listener, Position, follow
from cowork.sessions.places import Workplace
from cowork.sessions.reading import Event

INTERVAL_S = 0.1


@dataclass
class Follower:
    """A session's journal, read up to somewhere."""

    place: Workplace

    def __post_init__(self) -> None:
        self.fold = Fold(self.place)
        self._position = Position()

    def catch_up(self, told: Listener | None = None) -> None:
        """Fold what is new in the journal; `told` hears every event. Raises `session.journal_corrupt`."""
        while True:
            events, self._position = follow(self.place.journal, self._position)
            if not events:
                return
            for event in events:
                self.fold.add(event)
                if told:
                    told(event)

    async def until(self, clock: Clock, reached: Callable[[Fold], bool], told: Listener | None = None) -> bool:
        """Follow the session until something is so, or nobody runs it any more; whether it is so. `told` hears every event."""
        while True:
            alive = places.alive(self.place)  # looked at first: what it wrote before it ended is read after that
            self.catch_up(told)
            if reached(self.fold):
                return True
            if not alive:
                return False
            await clock.sleep(INTERVAL_S)
            await asyncio.sleep(0)  # a clock of a test does not wait: others get their turn all the same

    def page(self, clock: Clock) -> LoopPage:
        """How the session stands."""
        return page_of(self.place, self.fold, clock.now())


async def watch(place: Workplace, clock: Clock, told: Listener, *, from_start: bool) -> LoopPage:
    """Pass on what a session writes, from its beginning or from now, until it has ended, and return how it then stands.

    From now on means that the first event is `watch.started`, which says where it stands: no journal has that one.
    Raises the error that its end is, with the page as `data`, and Interrupted when its process is gone without an end.
    """
    follower = Follower(place)
    if not from_start:
        follower.catch_up()
        told(_beginning(follower.page(clock), clock))
    ended = await follower.until(clock, _ended, told)
    found = follower.page(clock)
    if not ended:
        raise Interrupted(
            "loop.gone",
            f"nobody runs session {place.session_id}: its process was killed, or the machine failed",
            hint=f"go on where it stood with: cowork loop resume {place.session_id}",
            data=found,
        )
    require_completed(found.ended(), found)
    return found


def _beginning(page: LoopPage, clock: Clock) -> Event:
    where = {"session": page.session_id, "events": page.events, "iteration": page.iteration, "state": page.state}
    return {"at": rfc3339(clock.now()), "type": "watch.started", "data": {**where, "status": page.status}}


def _ended(fold: Fold) -> bool:
    return fold.status is not None
