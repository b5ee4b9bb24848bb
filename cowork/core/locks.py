"""Locks between processes; the operating system lets go of them whatever happens to the holder."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from cowork.core.errors import Conflict
from cowork.core.files import cannot_write

PATIENCE_S = 30.0


@contextlib.contextmanager
def locked(path: Path, *, patience_s: float | None = None) -> Iterator[None]:
    """Hold the lock at `path`. Raises `file.locked` after waiting, `file.not_writable` when there can be none."""
    from filelock import FileLock, Timeout

    patience = PATIENCE_S if patience_s is None else patience_s
    lock = FileLock(path, timeout=patience)
    try:
        lock.acquire()
    except Timeout as error:
        raise Conflict(
            "file.locked",
            f"another process holds {path}",
            cause=f"waited {patience:g} s",
            hint="try again when it has finished",
            details={"path": str(path)},
        ) from error
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        yield
    finally:
        lock.release()
