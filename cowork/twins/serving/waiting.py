"""Twins that are due and may not beat yet: what failed is not tried again at once, and keeps no other waiting."""

from __future__ import annotations

HELD_MS = 60_000
LONGEST_HELD_MS = 3_600_000
"""After each failure that follows another a twin is held back twice as long, and no longer than this."""
_SOON_MS = 5_000
"""How often what may be over any moment is looked at."""
_FULL = "policy.too_many_twins"
_SOON = frozenset({"twin.busy", "database.locked"})


class Waiting:
    """What a scheduler knows of twins it could not let beat. All moments are milliseconds."""

    def __init__(self) -> None:
        self._until: dict[str, int] = {}
        self._failures: dict[str, int] = {}
        self._full_until = 0

    def has_room(self, now: int) -> bool:
        """False for a while after the policies said that too many twins are at work: then no other need be tried."""
        return _over(self._full_until, now, _SOON_MS)

    def is_free(self, twin_id: str, now: int) -> bool:
        """Whether a twin may be tried."""
        return _over(self._until.get(twin_id, 0), now, LONGEST_HELD_MS)

    def soonest(self, now: int) -> int:
        """When somebody may be tried again; in a while when nobody is held back."""
        held = [*self._until.values(), self._full_until]
        return min((moment for moment in held if not _over(moment, now, LONGEST_HELD_MS)), default=now + _SOON_MS)

    def put_off(self, twin_id: str, code: str, now: int) -> None:
        """It is not the twin's turn, for a reason that has nothing to do with its work."""
        if code == _FULL:
            self._full_until = now + _SOON_MS
        else:
            self._until[twin_id] = now + (_SOON_MS if code in _SOON else HELD_MS)

    def hold(self, twin_id: str, now: int) -> None:
        """The twin's work failed."""
        failures = self._failures[twin_id] = self._failures.get(twin_id, 0) + 1
        self._until[twin_id] = now + min(LONGEST_HELD_MS, HELD_MS * 2 ** min(failures - 1, 10))

    def forget(self, twin_id: str) -> None:
        """The twin did its work."""
        self._failures.pop(twin_id, None)
        self._until.pop(twin_id, None)


def _over(until: int, now: int, longest: int) -> bool:
    """A moment that is further away than it can be is of a clock that was put back."""
    return not now < until <= now + longest
