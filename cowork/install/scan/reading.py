"""Reading the files to scan: whole, once, and without waiting for what is no file."""

from __future__ import annotations

import errno
import os
import stat


def read(path: str, limit: int) -> bytes:
    """The bytes of a file, no more than `limit` + 1 of them. Raises OSError, also for what is no regular file."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # without waiting for whoever writes into a FIFO
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        data = os.read(handle, min(about.st_size, limit) + 1)
        while len(data) != about.st_size and len(data) <= limit:  # it is being written, or has no size, as those of the kernel
            more = os.read(handle, limit + 1 - len(data))
            if not more:
                break
            data += more
        return data
    finally:
        os.close(handle)
