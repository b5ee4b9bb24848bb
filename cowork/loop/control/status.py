"""How a session stands, for `loop status`."""

from __future__ import annotations

from cowork.core.clock import Clock
from cowork.core.errors import CoworkError, LimitReached
from cowork.loop.control.following import Follower
from cowork.loop.control.page import LoopPage
from cowork.sessions.places import Workplace

_FAILED = ("failed", "stagnated", "aborted", "stopped", "degraded")


def look(place: Workplace, clock: Clock) -> LoopPage:
    """How a session stands now. Raises `session.journal_corrupt`."""
    follower = Follower(place)
    follower.catch_up()
    return follower.page(clock)


def require_done(page: LoopPage) -> None:
    """Return when the session is completed. Raises `loop.has_failed`, or LimitReached `loop.not_done`, with the page."""
    if page.status == "completed":
        return
    if page.status in _FAILED:
        raise CoworkError(
            "loop.has_failed",
            f"session {page.session_id} is {page.status}",
            cause=page.message,
            hint=f"see: cowork loop show {page.session_id}",
            data=page,
        )
    raise LimitReached(
        "loop.not_done",
        f"session {page.session_id} is not done: it is {page.status}",
        cause=page.message,
        hint=f"follow it with: cowork loop watch {page.session_id}",
        data=page,
    )
