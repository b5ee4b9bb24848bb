"""The files of a workspace: what git tracks and what it does not know yet; without git, what lies there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cowork.core.walk import Walk
from cowork.loop.repository.git import Done

_REPOSITORY = "160000"


@dataclass(frozen=True)
class Entry:
    """A name in the workspace. `mode` is git's, empty for what it does not track.

    `unwatched`: git was told to take it as unchanged, whatever is there; of a sparse checkout it may not be there at all.
    """

    name: str
    mode: str
    unwatched: bool

    @property
    def is_file(self) -> bool:
        """Whether it is a file or a link, and not a repository in the repository."""
        return self.mode != _REPOSITORY and not self.name.endswith("/")


def entries(git: Callable[..., Done]) -> tuple[Entry, ...]:
    """The entries of the directory that git works in, each name once."""
    tracked = git("ls-files", "-z", "-v", "--stage", "--cached").names
    others = git("ls-files", "-z", "--others", "--exclude-standard").names
    found = {entry.name: entry for entry in map(_entry, tracked)}
    return (*found.values(), *(Entry(name, "", unwatched=False) for name in others))


def _entry(line: str) -> Entry:
    """`H 100644 <hash> 0<tab>name`: a small letter or S says that git does not watch it."""
    about, _, name = line.partition("\t")
    tag, mode, *_ = about.split(" ")
    return Entry(name, mode, unwatched=tag.islower() or tag == "S")


def walked(root: Path, most: int, over: Callable[[], bool]) -> Iterator[str]:
    """Files and links below `root` that no .gitignore leaves out, relative; at most `most`, fewer when it is `over`."""
    for met in Walk(os.fspath(root), most=most, over=over).files():
        if met.entry.is_file(follow_symlinks=False) or met.entry.is_symlink():
            yield "/".join(met.names)
