"""Being told to end while a connector's process runs: it is taken along."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

from cowork.core.errors import Terminated


class Ending:
    """Answers SIGTERM with Terminated and SIGINT with KeyboardInterrupt, but not before it is known whom to take along."""

    def __init__(self) -> None:
        self._ready = False
        self._number = 0

    def __call__(self, number: int, _frame: object) -> None:
        self._number = number
        if self._ready:
            self._ready = False  # a second signal must not interrupt the cleaning up
            self._end()

    def ready(self) -> None:
        """From now on end at once, and now if a signal came already."""
        self._ready = True
        if self._number:
            self._end()

    def _end(self) -> None:
        if self._number == signal.SIGINT:
            raise KeyboardInterrupt
        raise Terminated("connector.terminated", "the call was asked to end", hint="what it had started was ended, too")


@contextlib.contextmanager
def ending_together() -> Iterator[Ending]:
    """Signals that end us do so as an exception, through the code that ends the process."""
    ending = Ending()
    held = {}
    if threading.current_thread() is threading.main_thread():  # Python allows no other to do this
        held = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        held = {number: handler for number, handler in held.items() if handler is not signal.SIG_IGN}
    for number in held:
        signal.signal(number, ending)
    try:
        yield ending
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)
