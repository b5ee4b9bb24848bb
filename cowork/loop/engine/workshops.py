"""Where tasks are worked on: the project itself, or a worktree for each task beside it."""

from __future__ import annotations

from pathlib import Path

from cowork.loop.tasks.task import Task


class ProjectWorkshop:
    """Everything happens in the project's own directory: what was done there is there."""

    def __init__(self, project: Path) -> None:
        self._project = project

    async def directory(self, task: Task) -> Path:
        return self._project

    async def deliver(self, iteration: int, task: Task) -> tuple[str, ...]:
        return ()

    async def close(self) -> None:
        """Nothing to clean up."""
