"""Which files are below a directory: what git would commit or show as new; without git, what the rules of .gitignore leave."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from cowork.core.errors import InvalidInput
from cowork.core.ignored import ALWAYS, rules_in
from cowork.core.walk import Walk
from cowork.prompts import git_view
from cowork.prompts.git_view import GitFailed, Repository, View

MOST_ENTRIES = 300_000
SECONDS = 10.0
_ALWAYS = [f"--exclude={name}/" for name in sorted(ALWAYS)]
_GONE = "RS"  # removed from the working tree, or never there because only a part is checked out

Names = tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """Files, links and repositories of others below a directory, each as its names, sorted.

    `ignored` counts the files and whole directories that rules left out. `problem` says why something is missing, if so.
    """

    paths: tuple[Names, ...]
    ignored: int
    problem: str | None = None


def listed(root: Path) -> Listing:
    """What is below a directory, a path without links. Raises `context.unreadable`."""
    repository = git_view.find(root)
    if repository is not None:
        try:
            with git_view.opened(repository, root, seconds=SECONDS) as view:
                found = _by_git(view)
            if found.paths or root == repository.top:
                return found
            repository = None  # the repository ignores all of it, and it was asked for all the same
        except GitFailed:
            pass  # the rules are read without git then; a repository that is too large for it is cut there, which is said
    return _by_reading(root, repository)


def _by_git(view: View) -> Listing:
    rules = ["--exclude-standard", *_ALWAYS, "-z"]
    ignored = view.start("ls-files", "--others", "--ignored", "--directory", *rules)
    try:
        said = view.ask("ls-files", "-t", "--cached", "--deleted", "--others", *rules)
    finally:
        left_out = view.answer(ignored)
    found: set[str] = set()
    gone: set[str] = set()
    for item in os.fsdecode(said).split("\0"):
        if item:
            (gone if item[0] in _GONE else found).add(item[2:])
    paths = sorted(tuple(path.rstrip("/").split("/")) for path in found - gone)
    return Listing(tuple(paths), _counted(left_out))


def _counted(left_out: bytes) -> int:
    """How many there are; git also names a directory that holds nothing else than what it names."""
    names = sorted(left_out.split(b"\0")[:-1])
    return sum(
        not (name.endswith(b"/") and after.startswith(name)) for name, after in zip(names, [*names[1:], b""], strict=False)
    )


def _by_reading(root: Path, repository: Repository | None) -> Listing:
    end = time.monotonic() + SECONDS
    walk = Walk(str(root), most=MOST_ENTRIES, over=lambda: time.monotonic() > end)
    above = str(repository.top) if repository else None
    also = rules_in(str(repository.shared / "info" / "exclude"), 0) if repository else ()
    try:
        paths = tuple(sorted(met.names for met in walk.files(above=above, also=also)))
    except OSError as error:
        raise InvalidInput(
            "context.unreadable",
            f"cannot read the directory ({error.strerror or error}): {root}",
            hint="check the path and its permissions",
            details={"path": str(root)},
        ) from error
    return Listing(paths, walk.ignored, None if walk.complete else "there is more than could be looked at in time")
