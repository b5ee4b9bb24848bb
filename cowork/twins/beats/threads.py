"""Threads for what blocks: neither the event loop nor the renewal of leases waits for the store or for collectors."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from functools import cache, partial
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Pool(Enum):
    """What threads are for, and how many there are; `renewal` is never busy with anything else."""

    STORE = ("store", 4)
    RENEWAL = ("renewal", 4)
    EVIDENCE = ("evidence", 8)


@cache
def _threads(pool: Pool) -> ThreadPoolExecutor:
    name, most = pool.value
    return ThreadPoolExecutor(most, thread_name_prefix=f"twins-{name}")


def beside(pool: Pool, function: Callable[_P, _T], *args: _P.args, **named: _P.kwargs) -> asyncio.Future[_T]:
    """A call that is made in a thread of a pool."""
    call = partial(contextvars.copy_context().run, partial(function, *args, **named))
    return asyncio.get_running_loop().run_in_executor(_threads(pool), call)


async def settled(function: Callable[_P, _T], *args: _P.args, **named: _P.kwargs) -> _T:
    """What a call of the store comes to. It is not left half way: who is cancelled meanwhile learns it from `stop_if_told`."""
    running = beside(Pool.STORE, function, *args, **named)
    while not running.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait({running})
    return running.result()


def stop_if_told() -> None:
    """Raises CancelledError in a task that was cancelled."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
