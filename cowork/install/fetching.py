"""Fetching a repository while what will judge it is loaded: git works for itself, in a process of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cowork.install.git import Pending
from cowork.install.wanted import Wanted, permit


@contextlib.contextmanager
def begun(wanted: Wanted, work: Path, progress: Callable[[str, dict[str, Any]], None]) -> Iterator[Pending | None]:
    """The fetch of a repository's default branch, under way; None for everything else. It is stopped at the end at the latest.

    Raises Denied by policy, before anything is asked of the network.
    """
    source = wanted.source
    if wanted.offline or source.kind not in ("github", "git") or source.ref is not None:
        yield None
        return
    permit(wanted, source)
    progress("install.fetching", {"source": source.canonical})
    directory = work / "begun"
    directory.mkdir(mode=0o700)
    pending = Pending(source, directory)
    try:
        yield pending
    finally:
        pending.close()
