"""Whether a project can be worked on as it is asked for: looked at before anything is begun, and nothing is changed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from cowork.core.errors import Conflict, CoworkError, InvalidInput
from cowork.core.text import one_line
from cowork.loop.repository.facts import EXCLUDED, Repository, find
from cowork.loop.repository.git import Git
from cowork.sessions import places

LEAST_ROOM_BYTES = 500 * 1024 * 1024
"""What is left free on the disk, beside the files of the worktrees."""


@dataclass(frozen=True)
class Ready:
    """A project that can be worked on in worktrees: what they begin with, and are merged into."""

    repository: Repository
    branch: str
    head: str


async def preflight(project: Path, *, workers: int = 1, excluded: tuple[str, ...] = EXCLUDED) -> Ready:
    """Whether a project can be worked on in worktrees, before anything is begun.

    Raises `loop.no_repository`, `loop.no_commit` (InvalidInput), `loop.under_way`, `loop.detached_head`, `loop.dirty_tree`
    (Conflict), `loop.no_room`, and `git.*`.
    """
    repository = await repository_of(project)
    head = await repository.head()
    if head is None:
        raise InvalidInput("loop.no_commit", f"{project} has no commit yet", hint="commit something first")
    branch = await _branch_of(repository)
    _require_clean(project, await repository.dirty(excluded), "commit or stash them: worktrees begin with the last commit")
    await _check_room(repository, workers)
    return Ready(repository, branch, head)


async def require_committable(project: Path, *, dirty: bool = False, excluded: tuple[str, ...] = EXCLUDED) -> None:
    """Refuse to commit for the user where that cannot be, or where work of theirs would go along, unless it may be `dirty`.

    What changed elsewhere in the repository is in no commit, and counts for nothing. Raises what `preflight` raises of that.
    """
    repository = await repository_of(project, "make it one with git init, or say --no-auto-commit")
    await _branch_of(repository)
    if not dirty:
        changed = tuple(name for name in await repository.dirty(excluded) if name.startswith(repository.prefix))
        hint = "commit or stash them, or have them in the first commit: --allow-dirty"
        _require_clean(project, changed, hint)


async def repository_of(project: Path, hint: str = "make it one with: git init") -> Repository:
    """The repository of a project. Raises `loop.no_repository` and `git.*`."""
    repository = await find(project)
    if repository is None:
        raise InvalidInput("loop.no_repository", f"{project} is in no git repository", hint=hint)
    return repository


async def _branch_of(repository: Repository) -> str:
    """The branch that commits would be part of. Raises `loop.under_way` and `loop.detached_head`."""
    project = repository.directory
    if repository.underway:
        raise Conflict("loop.under_way", f"a {repository.underway} is under way in {project}", hint="end it first")
    branch = await repository.branch()
    if branch is None:
        raise Conflict("loop.detached_head", f"HEAD is detached in {project}", hint="check out a branch")
    return branch


def _require_clean(project: Path, dirty: tuple[str, ...], hint: str) -> None:
    """Raises `loop.dirty_tree` with the names."""
    if dirty:
        names = ", ".join(one_line(name, 60) for name in dirty[:5]) + (f" and {len(dirty) - 5} more" if dirty[5:] else "")
        raise Conflict(
            "loop.dirty_tree",
            f"{project} has changes that are not committed",
            cause=names,
            hint=hint,
            details={"files": list(dirty[:100])},
        )


async def _check_room(repository: Repository, workers: int) -> None:
    """Whether the disk holds as many worktrees. Raises `loop.no_room`."""
    listed = (await Git(repository.top).must("ls-tree", "-r", "-l", "-z", "HEAD")).names
    sizes = [entry.partition("\t")[0].split()[-1] for entry in listed]
    needed = LEAST_ROOM_BYTES + workers * sum(int(size) for size in sizes if size.isdigit())
    place = next(path for path in (places.root(), *places.root().parents) if path.exists())
    free = shutil.disk_usage(place).free
    if free < needed:
        raise CoworkError(
            "loop.no_room",
            f"the disk of {place} has no room for {workers} worktrees",
            cause=f"{free // 2**20} MB are free, {needed // 2**20} MB are wanted",
            hint="make room, work with fewer at a time, or point COWORK_HOME at another disk",
        )
