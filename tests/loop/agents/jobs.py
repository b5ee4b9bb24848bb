"""Letting an agent work on a job, and what was heard of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import CoworkError
from cowork.loop.agents import naming
from cowork.loop.agents.opening import open_agent
from cowork.loop.agents.work import Execution, Job
from tests.agent.tools.workshop import until
from tests.models.surroundings import settings
from tests.support import FakeClock


@dataclass
class Site:
    """A place to work, apart from where the tests run."""

    place: Path
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    clock: FakeClock = field(default_factory=FakeClock)

    @property
    def directory(self) -> Path:
        return self.place / "worktree"

    @property
    def output(self) -> Path:
        return self.place / "0001.log"

    @property
    def job(self) -> Job:
        return Job("1/a", "Do it.", self.directory, self.output, 1, "a")

    def heard(self, kind: str, data: dict[str, Any]) -> None:
        self.events.append((kind, data))

    def kinds(self) -> list[str]:
        """What was heard of beside output."""
        return [kind for kind, _ in self.events if kind != "agent.output"]

    def data(self, kind: str) -> dict[str, Any]:
        """The data of the first event of a kind."""
        return next(data for found, data in self.events if found == kind)

    @property
    def said(self) -> str:
        return "".join(data["text"] for kind, data in self.events if kind == "agent.output")

    async def working(self, name: str, values: dict[str, Any] | None = None, job: Job | None = None, **how: Any) -> Execution:
        loaded = settings(**(values or {}))
        spec = naming.parse(name, loaded)
        agent = open_agent(spec, loaded, self.clock, **how)
        assert agent.spec == spec
        try:
            return await agent.work(job or self.job, self.heard)
        finally:
            await agent.close()
            await nothing_else_runs()

    def work(self, name: str, values: dict[str, Any] | None = None, job: Job | None = None, **how: Any) -> Execution:
        """Let the agent of this name do the job; `values` are settings, `how` is for opening it."""
        self.events.clear()
        return asyncio.run(self.working(name, values, job, **how))

    def refused(self, name: str, values: dict[str, Any] | None = None, job: Job | None = None, **how: Any) -> CoworkError:
        with pytest.raises(CoworkError) as caught:
            self.work(name, values, job, **how)
        return caught.value

    def cancelled(self, name: str, when: Callable[[str, dict[str, Any]], bool], path: Path | None = None, **how: Any) -> None:
        """Let it work until something was heard and a file is there, and cancel it."""

        async def body() -> None:
            reached = asyncio.Event()

            def heard(kind: str, data: dict[str, Any]) -> None:
                self.heard(kind, data)
                if when(kind, data):
                    reached.set()

            loaded = settings()
            agent = open_agent(naming.parse(name, loaded), loaded, self.clock, **how)
            task = asyncio.create_task(agent.work(self.job, heard))
            await asyncio.wait({task, asyncio.create_task(reached.wait())}, return_when=asyncio.FIRST_COMPLETED)
            await until(lambda: path is None or path.exists())
            assert not task.done()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await agent.close()
            await asyncio.sleep(0)  # what was cancelled has a moment to end
            await nothing_else_runs()

        asyncio.run(body())


async def nothing_else_runs() -> None:
    """Nothing goes on, once what was cancelled and what the SDKs let go of has had a moment to end."""
    for _ in range(20):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


def with_job(site: Site, **changes: Any) -> Job:
    return replace(site.job, **changes)
