"""Worktrees: a task that is worked on beside others has a tree and a branch of its own.

They stand in the session's directory, not in the project, where agents would find the project around them. Making one again
finds it, with all that is in it; it goes only when nothing of it would be lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cowork.core.errors import Conflict
from cowork.core.files import ensure_dir, unused
from cowork.core.locks import locked
from cowork.loop.repository.facts import EXCLUDED, Repository, find
from cowork.loop.repository.git import NO_HOOKS, TREE, Git
from cowork.loop.repository.leftovers import end_gits, without_lock
from cowork.loop.repository.readiness import repository_of
from cowork.sessions import places

_LONGEST_SLUG = 40
_PATIENCE_S = 600.0
_LOOK_AGAIN_S = 0.05


@dataclass(frozen=True)
class Worktree:
    """A task's own tree: `path` is its top, `directory` where the project is in it."""

    project: Path
    session: str
    task: str
    path: Path
    directory: Path
    branch: str

    @property
    def key(self) -> str:
        """`SESSION/TASK`."""
        return f"{self.session}/{self.task}"

    @property
    def note(self) -> Path:
        """The file that says that the tree is being merged."""
        return self.path.with_name(f"{self.path.name}.merging.json")


@dataclass(frozen=True)
class Stranded:
    """Work of a session that is in no worktree's project yet: `commits` of a branch, and files `dirty` in its worktree."""

    branch: str
    path: Path | None
    commits: int
    dirty: int


def slug(text: str) -> str:
    """A name for directories and branches, another one for every text."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:_LONGEST_SLUG].strip("-")
    return (
        plain
        if plain and plain == text
        else f"{plain or 'task'}-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:6]}"
    )


def place_of(repository: Repository, session: str, task: str) -> Worktree:
    """Where a task's worktree is, or would be."""
    path = _home_of(session) / slug(task)
    return Worktree(repository.directory, session, task, path, path / repository.prefix, branch_of(session, task))


def branch_of(session: str, task: str) -> str:
    """The branch of a task."""
    return f"cowork/{slug(session)}/{slug(task)}"


async def create(project: Path, session: str, task: str) -> Worktree:
    """A task's worktree on its branch: made from the project's last commit, or found with what is in it.

    Raises `loop.no_repository`, `git.*` and `file.*`.
    """
    repository = await repository_of(project)
    tree = place_of(repository, session, task)
    git = repository.git.having(NO_HOOKS, {TREE: str(tree.path)})
    ensure_dir(tree.path.parent)
    async with held(tree.path.with_name("creating.lock")):
        entry = (await _registered(git)).get(os.path.realpath(tree.path))
        if entry is not None and "initializing" not in entry and (tree.path / ".git").exists():
            return _existing(tree)
        end_gits(str(tree.path))
        await without_lock(repository.common_dir / f"refs/heads/{tree.branch}.lock")
        if os.path.lexists(tree.path) and (entry is None or not (tree.path / ".git").exists()):
            tree.path.rename(unused(tree.path.parent, f"{tree.path.name}.aside."))  # whatever it is, it is not thrown away
        if entry is not None:  # half made, so nobody worked in it; or its directory is gone
            await git.must("worktree", "remove", "--force", "--force", str(tree.path))
        known = await git.says("rev-parse", "--verify", "-q", f"refs/heads/{tree.branch}")
        words = [str(tree.path), tree.branch] if known else ["--no-track", "-b", tree.branch, str(tree.path), "HEAD"]
        await git.must("worktree", "add", "-q", *words, timeout_s=_PATIENCE_S)
    return _existing(tree)


async def remove(tree: Worktree, *, excluded: tuple[str, ...] = EXCLUDED) -> str | None:
    """Remove a worktree and its branch when the project has all of it, or it is empty. Else why they are kept.

    Ignored files in it, which tools made, go with it. Raises `loop.no_repository` and `git.*`.
    """
    repository = await repository_of(tree.project)
    git = repository.git.having(NO_HOOKS)
    if tree.note.exists():
        return "its merge is not over"
    tip = await git.says("rev-parse", "--verify", "-q", f"refs/heads/{tree.branch}")
    tips = [tip] if tip else []
    if (tree.path / ".git").exists():
        inside = await find(tree.path)
        dirty = await inside.dirty(prefixed(excluded, repository.prefix)) if inside else ()
        if dirty:
            return f"{len(dirty)} files in it are not committed"
        tips += [head for head in [await inside.head() if inside else None] if head]
    for commit in tips:
        if not (await git.run("merge-base", "--is-ancestor", commit, "HEAD")).ok:
            return "it is not merged"
    if os.path.realpath(tree.path) in await _registered(git):
        await git.must("worktree", "remove", "--force", str(tree.path))
    if tip:
        await git.must("update-ref", "-d", f"refs/heads/{tree.branch}", tip)
    return None


async def stranded(project: Path, session: str, *, excluded: tuple[str, ...] = EXCLUDED) -> tuple[Stranded, ...]:
    """Branches and worktrees of a session that hold something the project's current branch does not, by branch."""
    repository = await repository_of(project)
    git = repository.git.having(NO_HOOKS)
    under = f"refs/heads/cowork/{slug(session)}/"
    branches = (await git.must("for-each-ref", "--format=%(refname)", under)).text.splitlines()
    registered = await _registered(git)
    found = []
    for name in sorted(branches):
        path = _home_of(session) / name.removeprefix(under)
        there = path if os.path.realpath(path) in registered and (path / ".git").exists() else None
        inside = await find(there) if there else None
        tips = [name, *([head] if inside and (head := await inside.head()) else [])]
        commits = int((await git.must("rev-list", "--count", *tips, "^HEAD")).text)
        dirty = len(await inside.dirty(prefixed(excluded, repository.prefix))) if inside else 0
        if commits or dirty:
            found.append(Stranded(name.removeprefix("refs/heads/"), there, commits, dirty))
    return tuple(found)


@contextlib.asynccontextmanager
async def held(path: Path, patience_s: float = _PATIENCE_S) -> AsyncIterator[None]:
    """Hold the lock at a path, waiting for it without keeping others of this process from work. Raises `file.locked`."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    with contextlib.ExitStack() as stack:
        while True:
            try:
                stack.enter_context(locked(path, patience_s=0.0))
                break
            except Conflict:
                if loop.time() >= deadline:
                    raise
                await asyncio.sleep(_LOOK_AGAIN_S)
        yield


def prefixed(excluded: tuple[str, ...], prefix: str) -> tuple[str, ...]:
    """Excluded paths of a project as they are called at the top of its repository."""
    return tuple(os.path.normpath(f"{prefix}{path}") for path in excluded)


def _home_of(session: str) -> Path:
    return places.root() / session / "worktrees"


def _existing(tree: Worktree) -> Worktree:
    """The tree, with the directory of the project in it: it is not there when nothing in it is committed."""
    tree.directory.mkdir(parents=True, exist_ok=True)
    return tree


async def _registered(git: Git) -> Mapping[str, str]:
    """The worktrees that git knows, by real path, with why they are locked: empty when they are not."""
    found: dict[str, str] = {}
    path = ""
    for line in (await git.must("worktree", "list", "--porcelain")).text.split("\n"):
        word, _, rest = line.partition(" ")
        if word == "worktree":
            path = os.path.realpath(rest)
            found[path] = ""
        elif word == "locked":
            found[path] = rest
    return found
