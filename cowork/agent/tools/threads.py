"""Blocking work beside the event loop, told to stop when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from cowork.agent.tools.base import ToolFailure

T = TypeVar("T")


class Patience:
    """How long work may take. It looks with `check`, which raises ToolFailure when time is up or nobody waits."""

    def __init__(self, seconds: float, what: str) -> None:
        self._end = time.monotonic() + seconds
        self._what = what
        self._left_alone = threading.Event()

    def leave(self) -> None:
        """Nobody waits any more."""
        self._left_alone.set()

    @property
    def is_over(self) -> bool:
        """Whether to stop."""
        return self._left_alone.is_set() or time.monotonic() > self._end

    def check(self) -> None:
        """Raises ToolFailure when it is over."""
        if self.is_over:
            raise ToolFailure(f"{self._what} takes too long and was given up. Ask for less.")


async def in_thread(work: Callable[[Patience], T], seconds: float, what: str) -> T:
    """The result of work that may block. When the call is cancelled, the work ends at its next look at its patience.

    The thread is a daemon: what hangs in the kernel does not hold up the end of the program.
    """
    loop = asyncio.get_running_loop()
    patience = Patience(seconds, what)
    done: asyncio.Future[T] = loop.create_future()

    def tell(result: T | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def body() -> None:
        result, error = None, None
        try:
            result = work(patience)
        except BaseException as caught:
            error = caught
        try:
            loop.call_soon_threadsafe(tell, result, error)
        except RuntimeError:  # the loop is closed: nobody waits
            return

    threading.Thread(target=body, daemon=True, name=what).start()
    try:
        return await done
    except asyncio.CancelledError:
        patience.leave()
        raise
