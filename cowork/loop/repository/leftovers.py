"""What is left of gits when a run was killed: some still work, and those that were killed themselves left their locks."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from cowork.core.strays import kill_strays
from cowork.loop.repository.facts import Repository
from cowork.loop.repository.git import TIMEOUT_S, TREE

_STALE_S = 5.0  # after which a lock that nobody else can have made belongs to nobody
_LOOK_AGAIN_S = 0.1
_NO_SESSION = -2  # a number that no process has
_CLOCK_S = 0.05  # a file system's clock may be a tick behind


def end_gits(tree: str) -> None:
    """End every git that still works on a tree for a run that is gone; where /proc shows no environments, none is found."""
    kill_strays(f"{TREE}={tree}", _NO_SESSION)


async def without_locks(repository: Repository, branch: str, *, since: float | None = None) -> None:
    """Wait until no lock of a tree and its branch is left; remove those that stay.

    With `since`, only locks that were made within a git's time from then are ours: any other stays, and is not waited for.
    """
    names = ("index.lock", "HEAD.lock", "ORIG_HEAD.lock")
    for lock in (*(repository.git_dir / name for name in names), repository.common_dir / f"refs/heads/{branch}.lock"):
        await without_lock(lock, since)


async def without_lock(lock: Path, since: float | None = None) -> None:
    """The same for one lock."""
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
