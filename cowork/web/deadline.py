"""A wall-clock limit that also stops a server which sends one byte at a time: when it is over, the line is cut."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from types import TracebackType
from typing import Self

from cowork.core.errors import Unavailable


class Deadline:
    """`seconds` from now, for everything one exchange does; one address has `connect_s` of them to accept a connection.

    A context manager; `is_over` says whether time ran out.

    Socket timeouts start anew with every byte that arrives, so they bound nothing. This holds a duplicate of each socket of
    the exchange and shuts it down when time is over, which ends a read, a write or a TLS handshake at once.
    """

    def __init__(self, seconds: float, connect_s: float) -> None:
        self._connect_s = connect_s
        self._end = time.monotonic() + seconds
        self._seconds = seconds
        self._lock = threading.Lock()
        self._lines: list[socket.socket] = []
        self._cut = False
        self._timer = threading.Timer(max(seconds, 0.0), self._cut_lines)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._timer.cancel()
        with self._lock:
            for line in self._lines:
                line.close()
            self._lines.clear()

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self._cut or time.monotonic() >= self._end

    def left(self) -> float:
        """The seconds that remain. Raises `web.timeout` when there are none."""
        if self.is_over:
            raise self.expired()
        return max(self._end - time.monotonic(), 0.001)

    def left_to_connect(self) -> float:
        """The seconds that one connection attempt may take. Raises `web.timeout` when there are none."""
        return min(self._connect_s, self.left())

    def expired(self) -> Unavailable:
        """The error for an exchange that took too long."""
        return Unavailable("web.timeout", f"there was no complete answer within {self._seconds:g} s", hint="try again later")

    def watch(self, line: socket.socket) -> None:
        """Cut this connection, too, when the time is over."""
        with self._lock:
            self._lines.append(line.dup())
        if self.is_over:
            self._cut_lines()

    def _cut_lines(self) -> None:
        with self._lock:
            self._cut = True
            for line in self._lines:
                with contextlib.suppress(OSError):  # it ended by itself
                    line.shutdown(socket.SHUT_RDWR)
