"""Fetching a repository in the background, so that what will judge it is loaded while the network is waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cowork.install import git
from cowork.install.git import GitMaterial
from cowork.install.sources import Source
from cowork.install.wanted import Wanted, permit


class Begun:
    """A fetch under way."""

    def __init__(self, source: Source, directory: Path) -> None:
        self.source = source
        self._directory = directory
        self._found: GitMaterial | None = None
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._fetch, name="fetching", daemon=True)
        self._thread.start()

    def result(self) -> GitMaterial:
        """What was fetched, when it is there. Raises what `git.fetch` raises."""
        self._thread.join()
        if self._failed is not None:
            raise self._failed
        assert self._found is not None
        return self._found

    def _fetch(self) -> None:
        try:
            self._found = git.fetch(self.source, self._directory)
        except BaseException as error:
            self._failed = error


def begin(wanted: Wanted, work: Path, progress: Callable[[str, dict[str, Any]], None]) -> Begun | None:
    """Begin to fetch what is wanted into `work`, when it is a repository. Raises Denied by policy."""
    if wanted.offline or wanted.source.kind not in ("github", "git"):
        return None
    permit(wanted, wanted.source)
    progress("install.fetching", {"source": wanted.source.canonical})
    directory = work / "begun"
    directory.mkdir(mode=0o700)
    return Begun(wanted.source, directory)
