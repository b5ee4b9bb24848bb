"""How a run ended, told to a script: one table for the verbs that run a loop, and for those that look at one."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cowork.core.errors import CoworkError, Degraded, Interrupted, LimitReached, Terminated, Unavailable
from cowork.core.stopping import Stopping
from cowork.core.text import one_line


@dataclass(frozen=True)
class Ended:
    """How a run ended, by its terminal event: the status, the reason as a word, and the same for people.

    `done` of `total` tasks are done, and `question` is one that waits for an answer, with its task. `used` is
    what was used of what has limits: iterations, time in seconds, tokens, cost in USD.
    """

    session: str
    status: str
    reason: str = ""
    message: str | None = None
    done: int = 0
    total: int = 0
    question: tuple[str, str] | None = None
    used: Mapping[str, float | None] = field(default_factory=dict)


class _End(NamedTuple):
    """The error that an end is, its code, what it says, and what is typed to go on, with the flags that this takes."""

    error: type[CoworkError]
    code: str
    what: str
    flags: str = ""
    hint: str = "go on where it stood with: cowork loop resume {session}"


_ANSWER = 'cowork loop answer {session} {task} "..." and then: cowork loop resume {session}'
_LIMIT = "the run reached its limit of "
_ENDS: Mapping[str, _End] = {
    "limit": _End(LimitReached, "loop.limit", "the run reached a limit"),
    "limit iterations": _End(LimitReached, "loop.limit", f"{_LIMIT}iterations", "--max-iterations {more}"),
    "limit time": _End(LimitReached, "loop.limit", f"{_LIMIT}time", "--max-time {more}"),
    "limit tokens": _End(LimitReached, "loop.limit", f"{_LIMIT}tokens", "--max-tokens {more}"),
    "limit cost": _End(LimitReached, "loop.limit", f"{_LIMIT}money", "--max-cost {more}"),
    "limit cost_unknown": _End(LimitReached, "loop.limit", f"{_LIMIT}money"),
    "limit failures": _End(LimitReached, "loop.limit", f"{_LIMIT}failures in a row", "--again"),
    "blocked": _End(LimitReached, "loop.blocked", "the run waits for an answer", hint=_ANSWER),
    "rate-limited": _End(Unavailable, "loop.rate_limited", "every agent is rate limited"),
    "stagnated": _End(CoworkError, "loop.stagnated", "the run came to a standstill", "--again"),
    "failed": _End(CoworkError, "loop.failed", "the run failed", "--again"),
    "failed by error": _End(CoworkError, "loop.failed", "the run failed"),
    "failed in part": _End(Degraded, "loop.unfinished", "{done} of {total} tasks are done", "--again"),
    "failed unanswered": _End(Unavailable, "loop.failed", "no seat gave an answer"),
    "failed budget": _End(
        LimitReached,
        "loop.budget_spent",
        "the budget ended before a seat gave an answer",
        hint="start it anew with a higher cap: a session keeps the one that it began with",
    ),
    "degraded": _End(Degraded, "loop.degraded", "the run lost a seat: its result is not the full one"),
    "aborted": _End(CoworkError, "loop.aborted", "the run was aborted"),
    "interrupted": _End(Interrupted, "loop.interrupted", "the run was interrupted"),
    "interrupted sigterm": _End(Terminated, "loop.terminated", "the run was asked to end"),
    "interrupted stopped": _End(LimitReached, "loop.stopped", "the run was stopped before it was done"),
}
"""By the status, and where the reason makes a difference by both. A completed run is no error."""


def error_of(ended: Ended, data: Any = None) -> CoworkError | None:
    """The error that goes with an end, which carries `data`; None for a run that is completed."""
    if ended.status == "completed":
        return None
    end = _ENDS.get(_key(ended)) or _ENDS.get(ended.status) or _unknown(ended.status)
    task, question = ended.question or ("TASK", "")
    words = {
        "session": ended.session,
        "task": shlex.quote(one_line(task)),
        "done": ended.done,
        "total": ended.total,
        "more": _more(ended),
    }
    what = end.what.format(**words)
    cause = question if ended.status == "blocked" and question else ended.message
    return end.error(
        end.code,
        what,
        cause=cause if cause and cause != what else None,
        hint=f"{end.hint} {end.flags}".rstrip().format(**words),
        data=data,
    )


def flags_of(ended: Ended) -> str:
    """What `loop resume` needs besides the session, so that it goes on at all; empty where it needs nothing."""
    end = _ENDS.get(_key(ended)) or _ENDS.get(ended.status)
    return end.flags.format(more=_more(ended)) if end else ""


def _more(ended: Ended) -> str:
    """A limit to go on with: twice what was used, as a number that can be typed."""
    twice = 2 * (ended.used.get(ended.reason) or 0.5)
    return f"{max(twice, 0.01):.2f}" if ended.reason == "cost" else str(math.ceil(twice))


def _key(ended: Ended) -> str:
    if ended.status == "failed" and (ended.reason == "internal" or "." in ended.reason):  # the code of an error
        return "failed by error"
    return "failed in part" if ended.status == "failed" and ended.done else f"{ended.status} {ended.reason}"


def require_completed(ended: Ended, data: Any) -> None:
    """Return when a run is done. Raises the error that goes with any other end, which carries `data`."""
    if (error := error_of(ended, data)) is not None:
        raise error


def signals(session: str) -> Stopping:
    """What the signals that end a run come to."""
    errors = [error_of(Ended(session, "interrupted", reason)) for reason in ("sigint", "sigterm")]
    assert errors[0] is not None
    assert errors[1] is not None
    return Stopping(errors[0], errors[1])


def reason_of(stopping: Stopping) -> str:
    """The reason of a run that a signal ended, as a word."""
    return "sigterm" if stopping.error is stopping.terminate else "sigint"


def _unknown(status: str) -> _End:
    return _End(CoworkError, f"loop.{status.replace('-', '_')}", f"the run ended: {status}")
