"""How long an agent may take over a job, and how long it may say nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from cowork.core.errors import Unavailable
from cowork.loop.agents.work import Job
from cowork.models.errors import IdleError, LateError

T = TypeVar("T")


class TimeIsUp(Unavailable):
    """An agent took too long, `loop.agent_late`, or said nothing for too long, `loop.agent_idle`. `partial` is what it said."""

    def __init__(self, code: str, agent: str, seconds: float, partial: str = "") -> None:
        said = "said nothing for" if code == "loop.agent_idle" else "was not done within"
        hint = "give it more time, or smaller tasks"
        super().__init__(code, f"{agent} {said} {seconds:g} seconds", hint=hint, details={"agent": agent, "seconds": seconds})
        self.partial = partial


def late(error: LateError, agent: str, seconds: float | None) -> TimeIsUp | LateError:
    """A model's error as that of an agent at work, when it is about the time that the agent had."""
    if seconds is None:
        return error
    code = "loop.agent_idle" if isinstance(error, IdleError) else "loop.agent_late"
    return TimeIsUp(code, agent, seconds, error.partial)


def within(job: Job, seconds: float | None) -> Job:
    """The job with no more time than so many seconds, where there are any."""
    given = [limit for limit in (job.total_s, seconds) if limit is not None]
    return replace(job, total_s=min(given, default=None))


async def in_time(work: Awaitable[T], job: Job, agent: str, heard_at: Callable[[], float]) -> T:
    """What `work` comes to. Raises TimeIsUp, once it is cancelled and over, when that takes longer than the job allows, or
    `heard_at`, a time of the event loop's clock, lies too far back.
    """
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)
    end = None if job.total_s is None else loop.time() + job.total_s
    try:
        while True:
            quiet_until = None if job.idle_s is None else heard_at() + job.idle_s
            ends = [moment for moment in (end, quiet_until) if moment is not None]
            patience = max(0.0, min(ends) - loop.time()) if ends else None
            await asyncio.wait({task}, timeout=patience)
            if task.done():
                return await task
            if end is not None and loop.time() >= end:
                raise TimeIsUp("loop.agent_late", agent, job.total_s or 0.0)
            if job.idle_s is not None and loop.time() >= heard_at() + job.idle_s:
                raise TimeIsUp("loop.agent_idle", agent, job.idle_s)
    finally:
        await _over(task)


async def _over(task: asyncio.Future[T]) -> None:
    """Cancel it, and wait until it is over, whatever comes."""
    cancelled: asyncio.CancelledError | None = None
    task.cancel()
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
            task.cancel()
    if not task.cancelled():
        task.exception()
    if cancelled is not None:
        raise cancelled
