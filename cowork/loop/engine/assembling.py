"""A run put together from its order and its journal: its agents, its workshop, its desk."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from cowork.core.clock import Clock
from cowork.core.settings import Settings
from cowork.loop.agents.work import Agent, AgentSpec
from cowork.loop.engine.book import Book
from cowork.loop.engine.order import wanted
from cowork.loop.engine.pool import AgentPool
from cowork.loop.engine.prompting import TemplateDesk
from cowork.loop.engine.run import Run
from cowork.loop.engine.source import source_of
from cowork.loop.engine.staffing import Staff
from cowork.loop.engine.workshops import ProjectWorkshop
from cowork.loop.repository import snapshot
from cowork.loop.tasks.task import Task
from cowork.sessions.places import Workplace


@contextlib.asynccontextmanager
async def assembled(place: Workplace, book: Book, settings: Settings, clock: Clock) -> AsyncIterator[Run]:
    """The run; what it opened is closed when it is over. Raises `template.*`, `replay.*` and provider errors."""
    order = book.state.order
    assert order is not None
    source = source_of(order.task, order.tasks_file)
    desk = TemplateDesk(place, order, book, clock, lambda: source.overlay(book.state))
    workshop = ProjectWorkshop(Path(order.project))
    async with AgentPool(place, order, settings, clock) as pool:

        def own(task: Task) -> AgentSpec | None:
            return order.task_agents.get(wanted(task))

        def agent(spec: AgentSpec) -> Agent:
            return pool.agent(spec)

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
            agent=agent,
            own=own,
            digest=snapshot.digest_of,
        )
