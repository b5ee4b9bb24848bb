"""Where a call is judged: the directories that relative paths and patterns begin in."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Places:
    """Absolute paths. `root` is where a rule's leading `/` begins: the directory of the settings the rule came from.

    Raises ValueError for a path that is not absolute: a pattern without a fixed beginning means nothing.
    """

    cwd: str
    home: str
    root: str

    def __post_init__(self) -> None:
        for path in (self.cwd, self.home, self.root):
            if not path.startswith("/") or "\0" in path:
                raise ValueError(f"not an absolute path: {path!r}")

    @classmethod
    def here(cls) -> Places:
        """The working directory of this process, which is the root too, and the user's home."""
        cwd = os.getcwd()  # noqa: PTH109
        home = os.path.expanduser("~")  # noqa: PTH111
        return cls(cwd, home if home.startswith("/") else "/", cwd)

    def rooted(self, root: str | None) -> Places:
        """The same places for a rule from settings elsewhere."""
        return self if root is None else Places(self.cwd, self.home, root)
