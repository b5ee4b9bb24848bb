"""How runs of agents end: told to by a signal, at a limit, by a hook; and what hooks are told of it."""

from __future__ import annotations

import asyncio
import contextlib

from cowork.agent.context import Seat
from cowork.agent.results import AgentRun
from cowork.core.errors import CoworkError, Interrupted, LimitReached, Terminated
from cowork.core.stopping import Stopping

_GOODBYE_S = 5


def hint_of(session: str) -> str:
    """Where to look for what a run did."""
    return f"see what it did with: cowork session show {session}"


def stopping(session: str) -> Stopping:
    """What signals come to for a run with a session of its own."""
    hint = hint_of(session)
    return Stopping(
        Interrupted("agent.interrupted", "the run was interrupted", hint=hint),
        Terminated("agent.terminated", "the run was asked to end", hint=hint),
    )


def judge(run: AgentRun, hint: str | None) -> AgentRun:
    """The run, if it came to its end. Raises `agent.limit` or `agent.stopped` with it as `data`."""
    why = "; ".join(run.problems) or None
    if run.status == "limit":
        raise LimitReached("agent.limit", "the agent was ended before it was done", cause=why, hint=hint, data=run)
    if run.status == "stopped":
        raise CoworkError("agent.stopped", "a hook ended the run", cause=why, hint=hint, data=run)
    return run


async def farewell(main: Seat) -> None:
    """Tell the hooks that the session ends; that they fail or take long changes nothing any more."""
    if main.hooks is not None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                await main.hooks.fire("SessionEnd", reason="other")
