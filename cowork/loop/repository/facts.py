"""What there is to know of a repository before anything is done with it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cowork.core.errors import CoworkError
from cowork.loop.repository.git import Git

EXCLUDED = (".cowork/progress.md", ".cowork/sessions")
"""Files and directories of a project that the program itself writes: no change, no commit and no dirt."""

_UNDERWAY: Mapping[str, str] = {
    "MERGE_HEAD": "merge",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "BISECT_LOG": "bisection",
}


@dataclass(frozen=True)
class Repository:
    """The repository that a directory belongs to. `prefix` is where the directory is in it: empty, or with a `/` at its end."""

    directory: Path
    top: Path
    git_dir: Path
    common_dir: Path
    prefix: str

    @property
    def git(self) -> Git:
        """What runs git in the directory."""
        return Git(self.directory)

    @property
    def underway(self) -> str | None:
        """What somebody has begun here and not ended: a merge, a rebase; None when nothing is."""
        return next((word for name, word in _UNDERWAY.items() if (self.git_dir / name).exists()), None)

    async def head(self) -> str | None:
        """The commit that is checked out, None before the first one."""
        return await self.git.says("rev-parse", "--verify", "-q", "HEAD^{commit}")

    async def branch(self) -> str | None:
        """The branch that is checked out; None when HEAD is detached."""
        found = await self.git.says("symbolic-ref", "-q", "HEAD")
        return found.removeprefix("refs/heads/") if found else None

    async def dirty(self, excluded: tuple[str, ...] = EXCLUDED, *, untracked: bool = True) -> tuple[str, ...]:
        """The paths of the whole repository that are not as they were committed, without those excluded in the directory."""
        mode = "all" if untracked else "no"
        words = ["status", "--porcelain=v1", "-z", "--no-renames", "--ignore-submodules=none", f"--untracked-files={mode}"]
        top = Git(self.top).looking(await filters_off(self))
        done = await top.must(*words, "--", *pathspec(excluded, self.prefix, "."))
        return tuple(name[3:] for name in done.names)


def pathspec(excluded: tuple[str, ...], prefix: str = "", within: str = ".") -> tuple[str, ...]:
    """A pathspec of everything in `within` but the excluded paths, which are relative to the directory at `prefix`.

    What lies outside of the repository is none of its files.
    """
    inside = (path for path in map(os.path.normpath, (f"{prefix}{path}" for path in excluded)) if path.split("/")[0] != "..")
    return (within, *(f":(top,literal,exclude){path}" for path in inside))


def is_excluded(path: str, excluded: tuple[str, ...]) -> bool:
    """Whether a path is excluded, or lies in a directory that is."""
    return any(path == item or path.startswith(f"{item}/") for item in excluded)


async def find(directory: Path) -> Repository | None:
    """The repository with a working tree that a directory belongs to; None when there is none, or it ignores the directory.

    Raises `git.failed` when there is one that git refuses to work with, and `git.*` as `Git.run`.
    """
    git = Git(directory).looking()
    asked = ("--is-inside-work-tree", "--absolute-git-dir", "--git-common-dir", "--show-toplevel", "--show-prefix")
    done = await git.run("rev-parse", *asked)
    if not done.ok:
        if "not a git repository" in done.complaint or "must be run in a work tree" in done.complaint:
            return None
        raise CoworkError("git.failed", f"git does not work in {directory}", cause=done.why)
    lines = os.fsdecode(done.out).split("\n")
    if lines[0] != "true":
        return None
    if len(lines) not in (5, 6):  # the prefix has no line of its own at the top
        raise CoworkError("git.failed", f"git does not work in {directory}", cause="its path has a line break")
    prefix = lines[4] if len(lines) == 6 else ""
    if prefix and (await git.run("check-ignore", "-q", ".")).ok:
        return None
    common = Path(os.path.normpath(directory / lines[2]))
    return Repository(directory, Path(lines[3]), Path(lines[1]), common, prefix)


async def filters_off(repository: Repository) -> dict[str, str]:
    """Settings that turn off the filters which the repository's own configuration defines.

    Filters of the user's configuration (Git LFS puts its there) are theirs, and run. Those of the repository may be an agent's
    work; a mere look at the tree is no reason to run them.
    """
    places = [repository.common_dir / "config", repository.git_dir / "config.worktree"]
    if not any(re.search(rb"filter|include", _content(place), re.IGNORECASE) for place in places):
        return {}
    done = await Git(repository.directory).run("config", "--show-scope", "-z", "--get-regexp", r"^filter\.")
    fields = done.names
    users: dict[str, str] = {}
    local: set[str] = set()
    for scope, entry in zip(fields[::2], fields[1::2], strict=False):
        name, _, value = entry.partition("\n")
        if scope in ("local", "worktree"):
            local.add(name)
        elif scope != "command":
            users[name] = value
    return {name: users.get(name, "false" if name.endswith(".required") else "") for name in sorted(local)}


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
