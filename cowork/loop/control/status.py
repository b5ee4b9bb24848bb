"""How a session stands, for `loop status`."""

from __future__ import annotations

from cowork.core.clock import Clock
from cowork.core.errors import LimitReached
from cowork.loop.control.following import Follower
from cowork.loop.control.page import LoopPage
from cowork.loop.ends import require_completed
from cowork.sessions.places import Workplace


def look(place: Workplace, clock: Clock, *, strict: bool = False) -> LoopPage:
    """How a session stands now. Raises `session.journal_corrupt`.

    When it is to be `strict` and the session is not completed, it raises the error that its end is, or LimitReached
    `loop.not_done` when it has none, with the page as `data`.
    """
    follower = Follower(place)
    follower.catch_up()
    page = follower.page(clock)
    if strict and follower.fold.status is None:
        raise LimitReached(
            "loop.not_done",
            f"session {page.session_id} is not done: it is {page.status}",
            hint=f"follow it with: cowork loop watch {page.session_id}",
            data=page,
        )
    if strict:
        require_completed(page.ended(), page)
    return page
