"""How the end of a run is told to a script: one table for the verbs that run a loop and those that look at one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cowork.core.errors import CoworkError, Degraded, Interrupted, LimitReached, Unavailable

if TYPE_CHECKING:
    from cowork.loop.control.page import LoopPage

EXITS: Mapping[str, int] = {
    "completed": 0,
    "stagnated": 1,
    "failed": 1,
    "aborted": 1,
    "stopped": 1,
    "rate-limited": 7,
    "limit": 8,
    "blocked": 8,
    "degraded": 9,
    "interrupted": 130,
}
"""The exit status of a run that ended so. Stopped, aborted and stagnated ones have failed; blocked ones are pending."""

_ERRORS: Mapping[int, type[CoworkError]] = {
    1: CoworkError,
    7: Unavailable,
    8: LimitReached,
    9: Degraded,
    130: Interrupted,
}
_SAID = {
    "stagnated": "the run made no progress any more",
    "failed": "the run failed",
    "aborted": "the run was ended on request",
    "stopped": "the run was ended",
    "rate-limited": "every agent is rate limited",
    "limit": "the run reached a limit",
    "blocked": "an agent waits for an answer",
    "degraded": "the run lost a seat: its result is not the full one",
    "interrupted": "the run was interrupted",
}


def require_completed(page: LoopPage) -> None:
    """Return when a run ended well. Raises the error that its end is, with the page and the exit status that its process had.

    A run that was told to stop is pending, one that a signal ended was interrupted; one that failed with some of its tasks done
    has a part of its result.
    """
    status, name = page.status, page.status.replace("-", "_")
    code = EXITS.get(status, 1)
    if code == 0:
        return
    said = _SAID.get(status, f"the run ended: {status}")
    if status == "interrupted" and page.reason == "stopped":
        code, name, said = 8, "stopped", "the run was stopped before it was done"
    elif status == "failed" and page.tasks_done:
        code, name, said = 9, "unfinished", f"{page.tasks_done} of {page.tasks_total} tasks are done"
    command = "answer" if status == "blocked" else "resume"
    raise _ERRORS[code](
        f"loop.{name}",
        said,
        cause=page.message,
        hint=f"go on with: cowork loop {command} {page.session_id}" + (" TEXT" if command == "answer" else ""),
        data=page,
    )
