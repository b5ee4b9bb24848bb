"""A directory for one installation under way. It goes away with it; what a killed process left, the next one sweeps out."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cowork.core.files import cannot_write, ensure_dir
from cowork.install.places import Place

_LOCK = ".lock"


@contextlib.contextmanager
def staging(place: Place | None) -> Iterator[Path]:
    """An empty private directory: in the staging of `place`, or without one (a dry run) in the system's temporary directory.

    Where it and its parents did not exist before and stay empty, they are gone afterwards. Raises `file.not_writable`, also for
    what goes wrong with the disk while it is used.
    """
    if place is None:
        with tempfile.TemporaryDirectory(prefix="cowork-") as name:
            yield Path(name)
        return
    from filelock import FileLock

    created = [path for path in (place.staging, place.base, *place.base.parents) if not path.exists()]
    ensure_dir(place.staging)
    try:
        work = Path(tempfile.mkdtemp(dir=place.staging))
    except OSError as error:
        raise cannot_write(place.staging, error) from error
    lock = FileLock(work / _LOCK)
    lock.acquire()
    try:
        yield work
    except BrokenPipeError:  # whoever reads our answer has gone
        raise
    except OSError as error:  # what is read is judged where it is read; what is left is a disk that is full or gone
        raise cannot_write(Path(error.filename or work), error) from error
    finally:
        lock.release()
        shutil.rmtree(work, ignore_errors=True)
        for path in created:
            with contextlib.suppress(OSError):
                path.rmdir()


def sweep(place: Place) -> int:
    """Remove what killed processes left in staging; how much it was. Call it only when no transaction is pending."""
    from filelock import FileLock, Timeout

    swept = 0
    for work in _children(place.staging):
        lock = FileLock(work / _LOCK, timeout=0)
        try:
            with lock:
                shutil.rmtree(work, ignore_errors=True)
                swept += 1
        except (Timeout, OSError):
            continue  # its owner lives
    with contextlib.suppress(OSError):
        place.staging.rmdir()
    return swept


def _children(directory: Path) -> list[Path]:
    try:
        return sorted(path for path in directory.iterdir() if path.is_dir() and not path.is_symlink())
    except OSError:
        return []
