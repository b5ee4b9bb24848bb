"""Several renames as one step: either none of them ever happened, or all of them will have.

Everything new is written aside first. The journal that names the renames is put in place atomically, and that is the moment of
decision: whoever finds it, after a crash, carries the renames out to the end. Each of them can be repeated without harm.

A journal may also have come with a repository that somebody cloned, so it is believed only where it cannot do harm: it names
what is in the place, in the staging beside it, and the lockfile, relative to the directory of the three, never through a link.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from cowork.core.errors import InvalidInput
from cowork.core.files import cannot_write, ensure_dir, read_json, sync_dir, write_atomic

JOURNAL = ".transaction.json"
STAGING = "staging"
LOCKFILE = "cowork.lock"
_PATIENCE_S = 10.0


class Move(NamedTuple):
    """A rename. What stands at `target` goes to `aside` first; a file without `aside` is replaced."""

    source: Path
    target: Path
    aside: Path | None = None


def commit(place: Path, moves: Sequence[Move]) -> None:
    """Carry out `moves`, which must lie on one file system, as one step whose journal is in the directory `place`.

    They go between `place/NAME`, `STAGING/...` and `LOCKFILE` beside it. The caller holds the lock of `place`. Raises
    `file.not_writable` with nothing done; after the journal is written, a failure leaves it to `recover`.
    """
    import json

    written = [[part and part.relative_to(place.parent).as_posix() for part in move] for move in moves]
    for move in moves:
        ensure_dir(move.target.parent)
        if move.aside is not None:
            ensure_dir(move.aside.parent)
    _sync(moves)
    write_atomic(ensure_dir(place) / JOURNAL, json.dumps({"version": 1, "moves": written}).encode())
    _apply(place, moves)


def recover(place: Path) -> bool:
    """Finish what was decided in `place` and not carried out. Whether there was anything. Raises `file.*` errors.

    `file.journal` (InvalidInput) is for a journal that none of ours can be; nothing of it is carried out.
    A transaction that is still under way in another process is waited for.
    """
    if not pending(place):
        return False
    from cowork.core.locks import locked

    with locked(lock_of(place), patience_s=_PATIENCE_S):
        return recover_locked(place)


def recover_locked(place: Path) -> bool:
    """`recover` for a caller that holds the lock of `place`."""
    try:
        document = read_json(place / JOURNAL, what="transaction journal")
    except FileNotFoundError:
        return False
    _apply(place, _judged(place, document))
    return True


def pending(place: Path) -> bool:
    """Whether a transaction was decided in `place` that may not have been carried out."""
    return os.path.lexists(place / JOURNAL)


def lock_of(place: Path) -> Path:
    """The lock that whoever changes `place` holds."""
    return place / ".lock"


def _judged(place: Path, document: Any) -> list[Move]:
    """The moves of a journal. Raises `file.journal` unless every one of them stays where ours do."""
    try:
        return [
            Move(_inside(place, source), _inside(place, target), None if aside is None else _inside(place, aside))
            for source, target, aside in document["moves"]
        ]
    except (LookupError, TypeError, ValueError) as error:
        raise InvalidInput(
            "file.journal",
            f"{place / JOURNAL} was not written by cowork",
            cause="it speaks of files that no installation moves",
            hint="do not trust where it came from; look at it, then remove it",
            details={"path": str(place / JOURNAL)},
        ) from error


def _inside(place: Path, text: Any) -> Path:
    """The path that a journal means. Raises ValueError for one that leads out, or through a link, and TypeError."""
    path = PurePosixPath(text)
    within = path.parts[0] == STAGING and len(path.parts) > 1
    held = path.parts[0] == place.name and len(path.parts) == 2
    if "\0" in text or ".." in path.parts or not (within or held or path.parts == (LOCKFILE,)):
        raise ValueError(text)
    found = place.parent
    for part in path.parts[:-1]:
        found /= part
        if found != place and found.is_symlink():  # `place` itself is where the journal was found
            raise ValueError(text)
    return place.parent / path


def _apply(place: Path, moves: Sequence[Move]) -> None:
    try:
        for source, target, aside in moves:
            if not os.path.lexists(source):
                continue  # done before the crash
            if aside is not None and os.path.lexists(target):
                target.rename(aside)
            source.replace(target)
        _sync(moves)
        (place / JOURNAL).unlink(missing_ok=True)
        sync_dir(place)
    except OSError as error:
        raise cannot_write(Path(error.filename or place), error) from error


def _sync(moves: Sequence[Move]) -> None:
    for directory in sorted({path.parent for move in moves for path in move if path is not None}):
        with contextlib.suppress(OSError):  # a directory that the moves themselves took away
            sync_dir(directory)
