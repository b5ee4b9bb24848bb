"""What a run that was killed leaves behind: processes that still work for it, and the locks of gits that die with them.

Every process that a run starts inherits a mark with the session's id. Whoever goes on with the session ends those that still
have it: they would change the files under the hands of their successors.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from cowork.core.errors import CoworkError
from cowork.core.strays import kill_strays
from cowork.loop.repository import facts
from cowork.loop.repository.leftovers import without_locks

MARK = "COWORK_RUN"
_NO_SESSION = -2  # a number that no process has


@contextlib.contextmanager
def marked(session: str) -> Iterator[None]:
    """Meanwhile, what is started has the mark of a session."""
    before = os.environ.get(MARK)
    os.environ[MARK] = session
    try:
        yield
    finally:
        if before is None:
            del os.environ[MARK]
        else:
            os.environ[MARK] = before


def _own_environment() -> list[bytes]:
    """What this process was started with."""
    try:
        return Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return []


async def end_orphans(session: str, project: Path, *, committing_since: float | None) -> None:
    """End what still works for a session that nobody else runs. `committing_since` is when it was about to commit, if it was:
    what a git locked that was killed then is free again. Where /proc shows no environments, no process is found.
    """
    if f"{MARK}={session}".encode() in _own_environment():
        return  # one of them is us
    kill_strays(f"{MARK}={session}", _NO_SESSION)
    if committing_since is None:
        return
    with contextlib.suppress(CoworkError):  # a git that does not work will be told of when it is to commit
        repository = await facts.find(project)
        branch = await repository.branch() if repository is not None else None
        if repository is not None and branch is not None:
            await without_locks(repository, branch, since=committing_since)
