"""The ends of pipes that an event loop serves: pieces are read as they come, and bytes written as they are taken."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

_PIECE = 64 * 1024
_LAST_PIECES = 64  # more than a pipe holds


class Outlet:
    """The end that is read. `told` hears of every piece."""

    def __init__(self, told: Callable[[bytes], object]) -> None:
        self._told = told
        self._loop = asyncio.get_running_loop()
        self._fd, self.inner = os.pipe()
        os.set_blocking(self._fd, False)
        self._loop.add_reader(self._fd, self._read)

    def started(self) -> None:
        """The process has its end; ours of it is closed, so that the pipe ends with the process."""
        os.close(self.inner)

    def close(self) -> None:
        """Hand on what is still in the pipe, and close it."""
        for _ in range(_LAST_PIECES):
            if self._fd < 0 or not self._read():
                break
        self._close()

    def _read(self) -> bool:
        """Hand on a piece; whether there was one."""
        try:
            piece = os.read(self._fd, _PIECE)
        except BlockingIOError:
            return False
        if not piece:
            self._close()
            return False
        self._told(piece)
        return True

    def _close(self) -> None:
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1


class Inlet:
    """The end that is written: `feed`, as fast as it is taken, and then the end of file."""

    def __init__(self, feed: bytes) -> None:
        self._left = memoryview(feed)
        self._loop = asyncio.get_running_loop()
        self.inner, self._fd = os.pipe()
        os.set_blocking(self._fd, False)
        self._loop.add_writer(self._fd, self._write)

    def started(self) -> None:
        """The process has its end; ours of it is closed, so that writing fails once nobody reads."""
        os.close(self.inner)

    def close(self) -> None:
        """Write no more."""
        if self._fd >= 0:
            self._loop.remove_writer(self._fd)
            os.close(self._fd)
            self._fd = -1

    def _write(self) -> None:
        try:
            self._left = self._left[os.write(self._fd, self._left[:_PIECE]) :] if self._left else self._left
        except BlockingIOError:
            return
        except OSError:  # it does not want to hear more
            self._left = self._left[:0]
        if not self._left:
            self.close()
