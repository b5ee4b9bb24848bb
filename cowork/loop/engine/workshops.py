"""Where tasks are worked on: the project itself, or a worktree for each task beside it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from cowork.core.errors import CoworkError
from cowork.core.text import one_line
from cowork.loop.checking import CheckResult, CheckRunner, Wrap, feedback
from cowork.loop.engine.book import Book
from cowork.loop.engine.committing import own_files, variables_of
from cowork.loop.engine.order import LoopOrder
from cowork.loop.engine.run import Waits
from cowork.loop.repository import merging, readiness, worktrees
from cowork.loop.repository.readiness import Ready
from cowork.loop.repository.worktrees import Worktree
from cowork.loop.tasks.task import Task
from cowork.sessions.places import Workplace


class ProjectWorkshop:
    """Everything happens in the project's own directory: what was done there is there."""

    def __init__(self, project: Path) -> None:
        self._project = project

    async def open(self) -> None:
        """The directory is there."""

    async def directory(self, task: Task) -> Path:
        return self._project

    async def deliver(self, iteration: int, task: Task) -> tuple[str, ...]:
        return ()

    async def close(self) -> None:
        """Nothing to clean up."""


class WorktreeWorkshop:
    """A worktree and a branch for each task. What is done there is merged into the project's branch, one task at a time.

    A task is delivered once it is merged and the checks pass on the merged tree. What is not merged stays on its branch.
    """

    def __init__(self, place: Workplace, order: LoopOrder, book: Book, confined: Callable[[Path], Wrap | None]) -> None:
        self._session = place.session_id
        self._project = Path(order.project)
        self._order = order
        self._book = book
        self._confined = confined
        self._excluded = excluded(order)
        self._target = ""
        self._trees: dict[str, Worktree] = {}

    async def open(self) -> None:
        """Bring merges that a crash cut short to an end, and see that the project can be worked on.

        Raises `loop.no_repository`, `loop.dirty_tree` and the like.
        """
        await merging.recover(self._project, self._session)
        self._target = (await require_room(self._order)).branch

    async def directory(self, task: Task) -> Path:
        tree = await worktrees.create(self._project, self._session, task.id)
        if task.id not in self._trees:
            self._book.note("worktree.created", task=task.id, path=str(tree.path), branch=tree.branch)
        self._trees[task.id] = tree
        return tree.directory

    async def deliver(self, iteration: int, task: Task) -> tuple[str, ...]:
        tree, about = self._trees[task.id], {"task": task.id, "branch": self._trees[task.id].branch}
        self._book.note("merge.started", **about)

        async def check(directory: Path) -> tuple[CheckResult, ...]:
            runner = CheckRunner(self._order.completion.check_timeout_s, self._confined(directory))
            return tuple([await runner.run(command, directory) for command in self._order.checks_of(task)])

        title = one_line(task.title, 100)
        said = None
        if self._order.commit is not None:
            said = self._order.commit, variables_of(self._session, self._book.state.agent, task)
        done = await merging.merge(tree, target=self._target, title=title, check=check, excluded=self._excluded, message=said)
        if done.status in ("merged", "empty"):
            self._book.keep("merge.completed", **about, commit=done.commit)
            await self._remove(task.id, tree)
            return ()
        message = one_line(done.message, 2000)
        self._book.keep("merge.failed", **about, reason=done.status, files=list(done.files), message=message)
        if done.status == "conflict":
            files = ", ".join(one_line(name, 100) for name in done.files[:20])
            return (
                f"its branch conflicts with {self._target} in {files}: merge {self._target} into it here, and resolve that",
            )
        if done.status == "checks":
            return (f"merged with {self._target} it fails: {feedback(done.checks)}",)
        if done.status == "refused":
            raise Waits(f"{message}. It is done and waits on {tree.branch}: make room for it, and say so.")
        return (f"it cannot be merged into {self._target}: {message}",)

    async def close(self) -> None:
        """Say what is not merged, and where it is kept; remove worktrees that hold nothing. Raises `file.not_writable`."""
        for task, tree in list(self._trees.items()):
            with contextlib.suppress(CoworkError):  # what is left there is told next
                await self._remove(task, tree)
        told = {data["branch"] for data in self._book.state.unmerged.values()}
        names = {worktrees.branch_of(self._session, task): task for task in self._book.state.tasks}
        try:
            kept = await worktrees.stranded(self._project, self._session, excluded=self._excluded)
        except CoworkError as error:
            why = one_line(f"what waits there cannot be told: {error.message}", 2000)
            for task, tree in self._trees.items():
                if tree.branch not in told:
                    self._say_left(task, tree.branch, why)
            return
        for item in kept:
            if item.branch not in told:
                words = f"{item.commits} commits wait there"
                if item.dirty:
                    words += f", and {item.dirty} changed files in {item.path}"
                self._say_left(names.get(item.branch, item.branch), item.branch, words)

    def _say_left(self, task: str, branch: str, words: str) -> None:
        self._book.keep("merge.failed", task=task, branch=branch, reason="unfinished", files=[], message=words)

    async def _remove(self, task: str, tree: Worktree) -> None:
        if await worktrees.remove(tree, excluded=self._excluded) is None:
            self._trees.pop(task, None)
            self._book.note("worktree.removed", task=task, path=str(tree.path))


async def require_room(order: LoopOrder) -> Ready:
    """What worktrees begin with. Raises `loop.no_repository`, `loop.dirty_tree` and the like when nothing can be done there."""
    return await readiness.preflight(Path(order.project), workers=order.parallel, excluded=excluded(order))


async def require_committable(order: LoopOrder) -> None:
    """Refuse commits where none can be, or where work of the user's would go along. Raises what `require_room` raises."""
    await readiness.require_committable(Path(order.project), dirty=order.allow_dirty, excluded=excluded(order))


def excluded(order: LoopOrder) -> tuple[str, ...]:
    """The files that the run changes itself, as they are called from the project."""
    return (*own_files(order), *([os.path.relpath(order.tasks_file, order.project)] if order.tasks_file else []))
