"""Locks between processes; the operating system lets go of them whatever happens to the holder."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from cowork.core.errors import Conflict
from cowork.core.files import cannot_write

PATIENCE_S = 30.0
_LOOK_AGAIN_S = 0.05


@contextlib.contextmanager
def locked(path: Path, *, patience_s: float | None = None) -> Iterator[None]:
    """Hold the lock at `path`. Raises `file.locked` after waiting, `file.not_writable` when there can be none."""
    patience = PATIENCE_S if patience_s is None else patience_s
    try:
        handle = _acquired(path, time.monotonic() + patience)
    except OSError as error:
        raise cannot_write(path, error) from error
    if handle is None:
        raise Conflict(
            "file.locked",
            f"another process holds {path}",
            cause=f"waited {patience:g} s",
            hint="try again when it has finished",
            details={"path": str(path)},
        )
    try:
        yield
    finally:
        os.close(handle)


def _acquired(path: Path, deadline: float) -> int | None:
    """A descriptor of the file at `path`, locked; None when the time is up. Raises OSError, also for a link."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        keep = False
        try:
            if not _taken(handle, deadline):
                return None
            keep = os.fstat(handle).st_nlink > 0  # not one that somebody removed meanwhile: others would not see it held
            if keep:
                return handle
        finally:
            if not keep:
                os.close(handle)


def _taken(handle: int, deadline: float) -> bool:
    """Lock a file, looking again and again until `deadline`. The same lock that the library `filelock` takes."""
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(left, _LOOK_AGAIN_S))
        else:
            return True
