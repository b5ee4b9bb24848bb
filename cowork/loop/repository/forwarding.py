"""Moving the project's branch forward to a merge that was made elsewhere, and undoing half of such a move.

git writes the files, then the index, then the branch. A process that is killed in between leaves some of it: every file that
differs from what was before is then known by being what was to come, or the beginning of that. Anything else is the user's, and
is left alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from cowork.core.errors import Conflict, CoworkError
from cowork.core.text import one_line
from cowork.loop.repository.facts import Repository, filters_off
from cowork.loop.repository.git import NO_HOOKS, TREE, Git
from cowork.loop.repository.leftovers import end_gits, without_locks

_LAST_STEP_S = 0.3  # between the index and the branch
_ABSENT = "0" * 6


@dataclass(frozen=True)
class _Change:
    path: str
    is_new: bool
    is_deletion: bool
    blob: str


async def forward(repository: Repository, merged: str) -> str | None:
    """Forward what is checked out to a descendant; why not, when git refuses. Nothing of the user's is written over.

    Raises `git.late` and `git.failed` when git did not come to its end, and may have left half of it.
    """
    words = ("merge", "-q", "--ff-only", "--no-autostash", "--no-overwrite-ignore", merged)
    done = await Git(repository.top).having(NO_HOOKS, {TREE: _mark(repository)}).run(*words)
    if done.status < 0:
        raise CoworkError("git.failed", f"git merge was killed in {repository.directory}", cause=done.why)
    return None if done.ok else done.why


async def undo_half(repository: Repository, before: str, merged: str, target: str, note: Path) -> None:
    """Undo a forwarding that was cut short; nothing when it came to its end, or never began.

    Raises `loop.merge_unclear` for files that are neither what was nor what was to come, changing nothing.
    """
    end_gits(_mark(repository))
    await without_locks(repository, target, since=note.stat().st_mtime)
    if await repository.head() != before or await repository.branch() != target:
        return
    git = Git(repository.top).looking(await filters_off(repository)).having(environment={"GIT_LITERAL_PATHSPECS": "1"})
    changes = await _changes(git, before, merged)
    unlike_before = await _unlike(git, before, note)
    unlike_merged = await _unlike(git, merged, note)
    begun = [change for change in changes if _is_begun(repository.top, change, unlike_before)]
    staged = set((await git.must("diff-index", "--cached", "-z", "--name-only", "--no-renames", before)).names)
    if not begun and not staged & {change.path for change in changes}:
        return
    await asyncio.sleep(_LAST_STEP_S)
    if await repository.head() != before:  # a git that outlived us has just come to its end
        return
    strange = [change for change in begun if change.path in unlike_merged and not await _is_ours(git, change)]
    foreign = [change.path for change in strange if not change.is_new]
    if foreign:
        raise Conflict(
            "loop.merge_unclear",
            f"a merge into {repository.directory} was cut short, and its files were changed since",
            cause=", ".join(one_line(path, 60) for path in foreign[:5]),
            hint=f"look at them; `git merge {merged[:12]}` would end it, `git checkout {before[:12]} -- FILE` undo it",
            details={"files": foreign[:100]},
        )
    # A new file that is not what was to come is the user's: git writes over none.
    await _restore(git, before, changes, [change for change in begun if change not in strange])


def _mark(repository: Repository) -> str:
    """What tells the gits that forward this project from all others."""
    return f"forwarding {repository.top}"


async def _restore(git: Git, before: str, changes: list[_Change], begun: list[_Change]) -> None:
    """Make the index and the files what they were, as far as the change goes."""
    new = [change.path for change in begun if change.is_new]
    for path in new:
        with contextlib.suppress(OSError):
            (git.directory / path).unlink()
            for parent in (git.directory / path).parents:
                if parent == git.directory:
                    break
                parent.rmdir()  # raises when something else is in it, which ends this
    named = ("--pathspec-from-file=-", "--pathspec-file-nul")
    await git.must("reset", "-q", before, *named, feed=_listed([change.path for change in changes]))
    old = [change.path for change in begun if not change.is_new]
    if old:
        await git.having(NO_HOOKS).must("checkout", "-q", before, *named, feed=_listed(old))


async def _changes(git: Git, before: str, merged: str) -> list[_Change]:
    fields = (await git.must("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", before, merged)).names
    found = []
    for about, path in zip(fields[::2], fields[1::2], strict=True):
        old, new, _, blob, _ = about.lstrip(":").split()
        found.append(_Change(path, old == _ABSENT, new == _ABSENT, blob))
    return found


async def _unlike(git: Git, commit: str, note: Path) -> set[str]:
    """The paths of a commit whose files are not as they are in it, by an index of our own."""
    index = note.with_name(f"{note.name}.index")
    own = git.having(environment={"GIT_INDEX_FILE": str(index)})
    try:
        await own.must("read-tree", commit)
        await own.run("update-index", "-q", "--refresh")
        return set((await own.must("diff-files", "-z", "--name-only", "--ignore-submodules=all")).names)
    finally:
        index.unlink(missing_ok=True)
        Path(f"{index}.lock").unlink(missing_ok=True)


def _is_begun(top: Path, change: _Change, unlike_before: set[str]) -> bool:
    """Whether a file is not what it was before."""
    return os.path.lexists(top / change.path) if change.is_new else change.path in unlike_before


async def _is_ours(git: Git, change: _Change) -> bool:
    """Whether a file that is like neither commit is the beginning of what was to come, or is gone."""
    path = git.directory / change.path
    if not os.path.lexists(path):
        return True
    if change.is_deletion or path.is_symlink() or not path.is_file():
        return False
    return (await git.must("cat-file", "blob", change.blob)).out.startswith(path.read_bytes())


def _listed(paths: list[str]) -> bytes:
    return b"".join(os.fsencode(path) + b"\0" for path in paths)
