"""Following what agents print, from iteration to iteration, until nobody works any more."""

from __future__ import annotations

import codecs
from collections.abc import Callable

from cowork.core.clock import Clock
from cowork.loop.control.logs import What, last_iteration, path_of
from cowork.sessions import places
from cowork.sessions.places import Workplace

INTERVAL_S = 0.1
_PIECE = 256 * 1024


async def follow(place: Workplace, what: What, clock: Clock, told: Callable[[int, str], object]) -> None:
    """Pass on what the last iteration printed, and everything that comes, with the number of its iteration.

    Returns when nobody runs the session. It takes memory for one piece only.
    """
    number, log = None, None
    while True:
        alive = places.alive(place)
        newest = last_iteration(place, what)
        while newest is not None:
            number = newest if number is None else number
            log = log or _Growing(place, number, what)
            log.pass_on(told)
            if number >= newest:
                break
            number, log = number + 1, None  # it is over, for there is a later one
        if not alive:
            return
        await clock.sleep(INTERVAL_S)


class _Growing:
    """The log of an iteration, which may not be there yet."""

    def __init__(self, place: Workplace, number: int, what: What) -> None:
        self._path = path_of(place, number, what)
        self._number = number
        self._offset = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def pass_on(self, told: Callable[[int, str], object]) -> None:
        """Everything that is new in it."""
        try:
            with self._path.open("rb") as stream:
                stream.seek(self._offset)
                while piece := stream.read(_PIECE):
                    self._offset += len(piece)
                    if text := self._decoder.decode(piece):
                        told(self._number, text)
        except FileNotFoundError:
            return
