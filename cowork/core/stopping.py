"""Ending in order when told to: SIGINT, SIGTERM and SIGHUP cancel the task under way instead of the process."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from cowork.core.errors import CoworkError


@dataclass
class Stopping:
    """What signals come to; `error` is that of the one that came first. A terminal that is closed is SIGTERM to a run."""

    interrupt: CoworkError
    terminate: CoworkError
    error: CoworkError | None = None


@contextlib.contextmanager
def stopped_by_signals(stopping: Stopping) -> Iterator[None]:
    """Inside a coroutine: any of these signals cancels its task, once, and is remembered in `stopping`.

    SIGHUP stays ignored where it is, as below nohup. Beside the main thread nothing happens: Python tells no other of signals.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None  # inside a coroutine there is one

    def stop(error: CoworkError) -> None:
        if stopping.error is None:
            stopping.error = error
            task.cancel()

    reasons = {signal.SIGINT: stopping.interrupt, signal.SIGTERM: stopping.terminate}
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        reasons[signal.SIGHUP] = stopping.terminate
    if threading.current_thread() is not threading.main_thread():
        reasons = {}
    for number, error in reasons.items():
        loop.add_signal_handler(number, stop, error)
    try:
        yield
    finally:
        for number in reasons:
            loop.remove_signal_handler(number)
