"""Merging a task's worktree into the project, so that at any moment it is merged or it is not.

The merge is made, and the checks are run, in the task's own worktree; the project's branch is then forwarded to the result in
one step. A conflict, or a check that fails, never touches the user's tree. A note beside the worktree says what is being done,
for whoever goes on after a crash: what it names is ours to undo, and nothing else is.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from cowork.core.errors import CoworkError, InvalidInput
from cowork.core.files import read_json, write_atomic
from cowork.core.text import one_line
from cowork.core.unbroken import unbroken
from cowork.loop.checking import CheckResult, failures
from cowork.loop.repository import forwarding
from cowork.loop.repository.committing import commit
from cowork.loop.repository.facts import EXCLUDED, Repository, find
from cowork.loop.repository.git import NO_HOOKS, Git
from cowork.loop.repository.leftovers import end_gits, without_locks
from cowork.loop.repository.worktrees import Worktree, held, place_of, prefixed

PATIENCE_S = 3600.0
"""How long a merge waits for another one of its run."""
_ROUNDS = 3  # of merging anew because the user committed meanwhile
_HOOKS_S = 300.0

Check = Callable[[Path], Awaitable[Sequence[CheckResult]]]
Message = tuple[str, Mapping[str, str]]
"""A template of a commit message, and its variables."""


@dataclass(frozen=True)
class Merge:
    """What came of a merge. `merged`: `commit` is part of the branch. `empty`: there was nothing to merge.

    Else nothing is merged and the branch is kept: `conflict` names the `files`, `checks` what failed, `error` says why;
    `refused` says why the project takes nothing as it is, which is the user's to change.
    """

    status: Literal["merged", "empty", "conflict", "checks", "refused", "error"]
    commit: str | None = None
    files: tuple[str, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    message: str = ""


@dataclass(frozen=True)
class _Note:
    """A merge that is under way: `tip` of the worktree's branch into `before`. `merged` is set when that is to be its head."""

    task: str
    target: str
    before: str
    tip: str
    merged: str | None = None


async def merge(
    tree: Worktree,
    *,
    target: str,
    title: str = "",
    check: Check | None = None,
    excluded: tuple[str, ...] = EXCLUDED,
    message: Message | None = None,
) -> Merge:
    """Merge a worktree into the project's branch `target`, which has to be checked out there; one merge at a time.

    What is left in the worktree is committed first, under the title or a `message`. `check` judges the merged tree in the
    directory it is given. Never raises for what git says; also when it is cancelled, the worktree is back on its branch.
    """
    try:
        async with held(tree.path.with_name("merging.lock"), PATIENCE_S):
            repository = await find(tree.project)
            if repository is None:
                return Merge("error", message="the project is in no git repository")
            await settle(tree, repository)
            try:
                return await _merge(tree, repository, _Wanted(target, title, check, excluded, message))
            finally:
                await unbroken(settle(tree, repository))
    except CoworkError as error:
        return Merge("error", message=one_line(f"{error.message}: {error.cause}" if error.cause else error.message, 500))


async def recover(project: Path, session: str) -> None:
    """Bring every merge of a session that a crash cut short to an end: merged it is then, or not. Raises `git.*`, `file.*`."""
    repository = await find(project)
    if repository is None:
        return
    for path in sorted(place_of(repository, session, "").path.parent.glob("*.merging.json")):
        note = _read(path)
        if note is not None:
            tree = place_of(repository, session, note.task)
            async with held(tree.path.with_name("merging.lock")):
                await settle(tree, repository)


async def settle(tree: Worktree, repository: Repository) -> None:
    """Undo what a merge left when it did not come to its end, as far as the note says that it is ours.

    Raises `git.*`, and `loop.merge_unclear` when the user changed the very files that were being written.
    """
    note = _read(tree.note)
    if note is None:
        return
    if note.merged is not None:
        await forwarding.undo_half(repository, note.before, note.merged, note.target, tree.note)
    inside = await find(tree.path) if (tree.path / ".git").exists() else None
    if inside is not None:
        end_gits(str(tree.path))
        await without_locks(inside, tree.branch)
        git = inside.git.having(NO_HOOKS)
        await git.run("merge", "--abort")
        # Everything of the task was committed before the note was written: what differs now, the merge and its checks made.
        await git.must("checkout", "-q", "-f", tree.branch)
    tree.note.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Wanted:
    target: str
    title: str
    check: Check | None
    excluded: tuple[str, ...]
    message: Message | None


async def _merge(tree: Worktree, repository: Repository, wanted: _Wanted) -> Merge:
    refused = await _gathered(tree, repository, wanted)
    if refused is not None:
        return refused
    tip = (await Git(tree.path).must("rev-parse", "--verify", f"refs/heads/{tree.branch}")).text
    for _ in range(_ROUNDS):
        reason = await _reason_against(repository, wanted)
        if reason:
            return Merge("refused", message=reason)
        before = (await repository.git.must("rev-parse", "--verify", "HEAD^{commit}")).text
        if (await repository.git.run("merge-base", "--is-ancestor", tip, before)).ok:
            found = await _merged_as(repository, tip)
            return Merge("merged" if found else "empty", found)
        note = _Note(tree.task, wanted.target, before, tip)
        _write(tree.note, note)
        done = await _tried(tree, repository, note, wanted)
        if done is not None:
            return done
        await settle(tree, repository)
    return Merge("error", message=f"{wanted.target} moved on again and again while it was merged")


async def _gathered(tree: Worktree, repository: Repository, wanted: _Wanted) -> Merge | None:
    """Have everything of the task on its branch; an error when that cannot be."""
    inside = await find(tree.path)
    if inside is None:
        return Merge("error", message="the worktree is gone")
    end_gits(str(tree.path))
    await without_locks(inside, tree.branch)  # of an agent's git, perhaps; nobody works here any more
    git = inside.git.having(NO_HOOKS)
    if inside.underway:
        return Merge("error", message=f"a {inside.underway} is under way in the worktree")
    if await inside.branch() != tree.branch:  # the agent went to another one: bring ours to where it is
        if not (await git.run("merge-base", "--is-ancestor", f"refs/heads/{tree.branch}", "HEAD")).ok:
            return Merge("error", message=f"the worktree left the branch {tree.branch}, and does not hold it")
        await git.must("checkout", "-q", "-B", tree.branch)
    title = one_line(wanted.title) or f"chore: {one_line(tree.task)}"
    template, variables = wanted.message or ("{{title}}", {"title": title})
    left_out = prefixed(wanted.excluded, repository.prefix)
    made = await commit(tree.path, template, variables, key=tree.key, excluded=left_out, again=True)
    return Merge("error", message=f"it cannot be committed: {made.failure}") if made.failure else None


async def _reason_against(repository: Repository, wanted: _Wanted) -> str | None:
    """Why nothing can be merged into the project now."""
    if repository.underway:
        return f"a {repository.underway} is under way in the project"
    branch = await repository.branch()
    if branch != wanted.target:
        return f"the project is on {branch or 'no branch'} now, and no longer on {wanted.target}"
    dirty = await repository.dirty(wanted.excluded, untracked=False)
    if dirty:
        names = ", ".join(one_line(name, 60) for name in dirty[:5])
        return f"the project has changes that are not committed: {names}{' and more' if dirty[5:] else ''}"
    return None


async def _tried(tree: Worktree, repository: Repository, note: _Note, wanted: _Wanted) -> Merge | None:
    """Merge in the worktree, check, and forward the project. None when the project moved meanwhile."""
    inside = Git(tree.path).having({"rerere.enabled": "false"})
    await inside.having(NO_HOOKS).must("checkout", "-q", "-f", "--detach", note.before)
    subject = (
        f"Merge {one_line(tree.task, 60)}: {one_line(wanted.title)}" if wanted.title else f"Merge {one_line(tree.task, 60)}"
    )
    words = ("merge", "-q", "--no-ff", "--no-edit", "--no-autostash", "-m", subject)
    done = await inside.run(*words, note.tip, timeout_s=_HOOKS_S)
    if not done.ok:
        files = (await inside.must("diff", "--name-only", "--diff-filter=U", "-z", "--no-ext-diff")).names
        if not files:
            return Merge("error", message=done.why)
        named = ", ".join(one_line(name, 60) for name in files[:5])
        message = f"in conflict with {note.target}: {named}{' and more' if files[5:] else ''}"
        return Merge("conflict", files=tuple(sorted(set(files))), message=message)
    merged = (await inside.must("rev-parse", "--verify", "HEAD^{commit}")).text
    if wanted.check is not None:
        tree.directory.mkdir(parents=True, exist_ok=True)
        failed = failures(await wanted.check(tree.directory))
        if failed:
            return Merge("checks", checks=failed, message="; ".join(result.verdict for result in failed))
    return await unbroken(_forwarded(tree, repository, replace(note, merged=merged), wanted))


async def _forwarded(tree: Worktree, repository: Repository, note: _Note, wanted: _Wanted) -> Merge | None:
    reason = await _reason_against(repository, wanted)
    if reason:
        return Merge("refused", message=reason)
    if await repository.head() != note.before:
        return None
    assert note.merged is not None
    _write(tree.note, note)
    failure = await forwarding.forward(repository, note.merged)
    if failure is None:
        return Merge("merged", note.merged)
    _write(tree.note, replace(note, merged=None))  # git looked, refused and wrote nothing: there is nothing to undo
    return Merge("refused", message=failure)


async def _merged_as(repository: Repository, tip: str) -> str | None:
    """The merge that brought a commit into the branch; None when there is none, for there was nothing to bring."""
    listed = await repository.git.must("log", "--merges", "--first-parent", "-n500", "--no-show-signature", "--format=%H %P")
    parents = [line.split() for line in listed.text.splitlines()]
    return next((line[0] for line in parents if tip in line[2:]), None)


def _write(path: Path, note: _Note) -> None:
    write_atomic(path, json.dumps(asdict(note)).encode())


def _read(path: Path) -> _Note | None:
    """The note, None when there is none. Raises `file.corrupt` for one that says nothing."""
    try:
        return _Note(**read_json(path, what="the note of a merge"))
    except FileNotFoundError:
        return None
    except TypeError as error:
        raise InvalidInput(
            "file.corrupt", f"{path} is no note of a merge", hint="look at the project, then remove it"
        ) from error
