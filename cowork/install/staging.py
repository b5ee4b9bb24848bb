"""A directory for one installation under way. It goes away with it; what a killed process left, the next one sweeps out."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from cowork.core.errors import CoworkError
from cowork.core.files import cannot_write, ensure_dir, unused
from cowork.install.places import Place

_LOCK = ".lock"
_MOST_ATTEMPTS = 100
_PREFIX = "work-"
"""What our directories are called; nothing else in staging is ever removed."""


@contextlib.contextmanager
def staging(place: Place | None) -> Iterator[Path]:
    """An empty private directory: in the staging of `place`, or without one (a dry run) in the system's temporary directory.

    Where it and its parents did not exist before and stay empty, they are gone afterwards. Raises `place.link`, and
    `file.not_writable`, also for what goes wrong with the disk while it is used.
    """
    if place is None:
        import tempfile

        with tempfile.TemporaryDirectory(prefix="cowork-") as name:
            yield Path(name)
        return
    place.refuse_links()
    created = [path for path in (place.staging, place.base, *place.base.parents) if not path.exists()]
    work, lock = _create(place.staging)
    try:
        yield work
    except BrokenPipeError:  # whoever reads our answer has gone
        raise
    except OSError as error:  # what is read is judged where it is read; what is left is a disk that is full or gone
        raise cannot_write(Path(error.filename or work), error) from error
    finally:
        _remove(work)
        os.close(lock)
        _remove_empty(created)


def sweep(place: Place) -> int:
    """Remove what killed processes left in staging; how much it was. Call it only when no transaction is pending.

    Where there is a link on the way, what lies behind it is somebody else's and stays.
    """
    try:
        place.refuse_links()
        guard = _guarded(place.staging)
    except (OSError, CoworkError):
        return 0
    try:
        dead = [work for work in _children(place.staging) if _abandoned(work)]
        for work in dead:
            _remove(work)
        with contextlib.suppress(OSError):
            place.staging.rmdir()
        return len(dead)
    finally:
        os.close(guard)


def _create(parent: Path) -> tuple[Path, int]:
    """A new directory with a lock in it that is held. Nobody sweeps between the two."""
    attempts = iter(range(_MOST_ATTEMPTS))
    while True:
        try:
            ensure_dir(parent)
            guard = _guarded(parent)
        except FileNotFoundError:  # somebody swept it away, empty as it was
            continue
        except OSError as error:
            raise cannot_write(parent, error) from error
        except CoworkError as error:  # the same, while it was made
            if not isinstance(error.__cause__, (FileNotFoundError, FileExistsError)) or next(attempts, None) is None:
                raise
            continue
        try:
            work = unused(parent, _PREFIX)
            work.mkdir(mode=0o700)
            lock = os.open(work / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
            return work, lock
        except FileNotFoundError:
            continue
        except OSError as error:
            raise cannot_write(parent, error) from error
        finally:
            os.close(guard)


def _guarded(parent: Path) -> int:
    """A descriptor of the directory `parent`, locked. Raises FileNotFoundError when it is not there, OSError for a link.

    While it is held nobody takes the directory away, and so it is the one that others mean by the same name.
    """
    guard = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not os.path.samestat(os.fstat(guard), os.lstat(parent)):  # waited for one that is gone
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(parent))
    except OSError:
        os.close(guard)
        raise
    return guard


def _remove(work: Path) -> None:
    import shutil  # only now: it loads the compression libraries

    shutil.rmtree(work, ignore_errors=True)


def _remove_empty(created: Sequence[Path]) -> None:
    """Take away the directories that did not exist before, the innermost first, as far as they are empty."""
    for number, path in enumerate(created):
        with contextlib.suppress(OSError):
            guard = _guarded(path) if number == 0 else None
            try:
                path.rmdir()
            finally:
                if guard is not None:
                    os.close(guard)


def _abandoned(work: Path) -> bool:
    """Whether no process holds the lock in a staging directory. The system lets go of it when its holder dies."""
    try:
        lock = os.open(work / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return True  # killed before it had one
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(lock)
    return True


def _children(directory: Path) -> list[Path]:
    try:
        return sorted(path for path in directory.glob(f"{_PREFIX}*") if path.is_dir() and not path.is_symlink())
    except OSError:
        return []
