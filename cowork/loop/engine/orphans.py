"""Programs of a run whose process was killed: they outlive it, and must not work beside those that come after them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from cowork.core.strays import kill_strays

MARK = "COWORK_LOOP_SESSION"
"""In the environment of everything that a run starts: its session."""
_NO_LEADER = -1


@contextlib.contextmanager
def owned(session: str) -> Iterator[None]:
    """Kill what an earlier process of a session left running, and mark what this one starts.

    Whoever holds the session's lock calls it: nothing with its mark has an owner then. Where /proc does not show environments,
    nothing is found.
    """
    before = os.environ.get(MARK)
    if before != session:  # else we are one of them ourselves
        kill_strays(f"{MARK}={session}", _NO_LEADER)
    os.environ[MARK] = session
    try:
        yield
    finally:
        if before is None:
            del os.environ[MARK]
        else:
            os.environ[MARK] = before
