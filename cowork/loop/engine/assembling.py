"""A run put together from its order and its journal: its agents, its workshop, its desk."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from cowork.core.clock import Clock
from cowork.core.settings import Settings
from cowork.loop.agents.work import AgentSpec
from cowork.loop.engine.book import Book
from cowork.loop.engine.committing import own_files
from cowork.loop.engine.order import wanted
from cowork.loop.engine.pool import AgentPool
from cowork.loop.engine.prompting import TemplateDesk
from cowork.loop.engine.run import Run
from cowork.loop.engine.source import source_of
from cowork.loop.engine.staffing import Staff
from cowork.loop.engine.workshops import ProjectWorkshop, WorktreeWorkshop
from cowork.loop.repository.snapshot import Snapshots
from cowork.loop.tasks.task import Task
from cowork.sessions import journal as journals
from cowork.sessions.places import Workplace


@contextlib.asynccontextmanager
async def assembled(place: Workplace, book: Book, settings: Settings, clock: Clock) -> AsyncIterator[Run]:
    """The run; what it opened is closed when it is over. Raises `template.*`, `replay.*` and provider errors."""
    order = book.state.order
    assert order is not None
    source = source_of(order.task, order.tasks_file)
    desk = TemplateDesk(place, order, book, clock, lambda: source.overlay(book.state))
    snapshots: dict[Path, Snapshots] = {}
    events = journals.read(place.journal) if order.replay or (order.patterns and book.state.open) else []
    async with AgentPool(place, order, settings, clock, events) as pool:
        side_by_side = order.parallel > 1
        project = ProjectWorkshop(Path(order.project))
        workshop = WorktreeWorkshop(place, order, book, pool.confined) if side_by_side else project
        await workshop.open()

        def own(task: Task) -> AgentSpec | None:
            return order.task_agents.get(wanted(task))

        async def digest(directory: Path) -> str | None:
            store = place.path / "snapshots" / directory.name
            found = snapshots.setdefault(directory, Snapshots(directory, store, excluded=own_files(order)))
            return (await found.take()).digest

        yield Run(
            place=place,
            order=order,
            book=book,
            source=source,
            staff=Staff(order.agents, order.rates, book, clock),
            settings=settings,
            clock=clock,
            workshop=workshop,
            desk=desk,
            agent=pool.agent,
            table=pool.table,
            confined=pool.confined,
            tampered=pool.tampered,
            own=own,
            digest=digest,
        )
