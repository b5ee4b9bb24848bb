"""Walking a directory tree by handles: no link is followed, also none that appears on the way. Standard library only."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cowork.core.ignored import ALWAYS, Rules, is_ignored, rules_of

DEEPEST = 64
_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Met:
    """A file or link on the way: its names below the top, and the open directory that holds it, for as long as it is met."""

    names: tuple[str, ...]
    directory: int
    entry: os.DirEntry[str]


class Walk:
    """A walk through what is below `top`, a path without links.

    `complete` says whether everything was seen, `ignored` how many files and directories rules left out on the way.
    """

    def __init__(self, top: str, *, most: int, over: Callable[[], bool]) -> None:
        self.complete = True
        self.ignored = 0
        self._top, self._left, self._over = top, most, over

    def files(self, start: tuple[str, ...] = (), above: str | None = None, also: Rules = ()) -> Iterator[Met]:
        """Every file and link below `start`, which is below the top; in the order of names.

        The rules of .gitignore files hold, from the directory `above` (default: the top) on, and before them those of `also`.
        What is there but cannot be opened is passed over. Raises OSError when `top` itself cannot be opened.
        """
        prefix = tuple(part for part in os.path.relpath(self._top, above or self._top).split("/") if part != ".")
        rules = also
        handle = os.open(above or self._top, _OPEN)
        try:
            for depth, name in enumerate((*prefix, *start)):
                rules += rules_of(handle, depth)
                deeper = os.open(name, _OPEN, dir_fd=handle)
                os.close(handle)
                handle = deeper
            yield from self._below(handle, start, prefix, rules)
        finally:
            os.close(handle)

    def _below(self, handle: int, names: tuple[str, ...], prefix: tuple[str, ...], rules: Rules) -> Iterator[Met]:
        rules += rules_of(handle, len(prefix) + len(names))
        for entry in self._entries(handle):
            whole = (*names, entry.name)
            is_directory = entry.is_dir(follow_symlinks=False)
            if (is_directory and entry.name in ALWAYS) or is_ignored(rules, (*prefix, *whole), is_directory):
                self.ignored += entry.name != ".git"
                continue
            if not is_directory:
                yield Met(whole, handle, entry)
                continue
            if len(whole) > DEEPEST:
                self.complete = False
                continue
            try:
                deeper = os.open(entry.name, _OPEN, dir_fd=handle)
            except OSError:
                continue
            try:
                yield from self._below(deeper, whole, prefix, rules)
            finally:
                os.close(deeper)

    def _entries(self, handle: int) -> list[os.DirEntry[str]]:
        """What a directory holds, as far as patience goes."""
        found: list[os.DirEntry[str]] = []
        try:
            with os.scandir(handle) as entries:
                for entry in entries:
                    if self._left <= 0 or self._over():
                        self.complete = False
                        break
                    self._left -= 1
                    found.append(entry)
        except OSError:
            return found
        return sorted(found, key=lambda entry: entry.name)
