"""Locks that a git left which was killed: nobody holds them, and every git after it waits for them."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from cowork.loop.repository.facts import Repository
from cowork.loop.repository.git import TIMEOUT_S

_STALE_S = 5.0  # after which a lock that nobody else can have made belongs to nobody
_LOOK_AGAIN_S = 0.1
_CLOCK_S = 0.05  # a file system's clock may be a tick behind


async def without_locks(repository: Repository, branch: str, *, since: float | None = None) -> None:
    """Wait until no lock of a tree and its branch is left; remove those that stay.

    With `since`, only locks that were made within a git's time from then are ours: any other stays, and is not waited for.
    """
    names = ("index.lock", "HEAD.lock", "ORIG_HEAD.lock")
    for lock in (*(repository.git_dir / name for name in names), repository.common_dir / f"refs/heads/{branch}.lock"):
        await _without(lock, since)


async def _without(lock: Path, since: float | None) -> None:
    while True:
        try:
            made = lock.stat().st_mtime
        except OSError:
            return
        if since is not None and not since - _CLOCK_S <= made <= since + TIMEOUT_S:
            return
        if abs(time.time() - made) > _STALE_S:  # also when the clock went backwards
            lock.unlink(missing_ok=True)
            return
        await asyncio.sleep(_LOOK_AGAIN_S)
