"""A scheduler whose days pass in moments: a clock that sleeps at once, and what happens at which hour."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cowork.core.clock import from_millis, millis, parsed
from cowork.twins.serving import server
from cowork.twins.serving.served import Served
from cowork.twins.store import roles
from cowork.twins.store.opening import reading
from cowork.twins.twin import Twin
from tests.support import FakeClock
from tests.twins.beating import setup
from tests.twins.samples import task, twin

START = "2026-03-28T00:00:00.000Z"  # the night after, Europe puts its clocks forward
NOW = millis(parsed(START))
MINUTE_MS = 60_000


class Days(FakeClock):
    """A clock that has things happen at their minutes, and tells the process to end at the last one."""

    def __init__(self, minutes: float, events: dict[float, Callable[[], object]] | None = None) -> None:
        super().__init__(parsed(START))
        self.end = self.moment + timedelta(minutes=minutes, seconds=1)  # what is due at the last minute begins before
        self.events = sorted((self.moment + timedelta(minutes=minute), happens) for minute, happens in (events or {}).items())

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        while self.events and self.events[0][0] <= self.moment:
            self.events.pop(0)[1]()
        if self.moment >= self.end:
            os.kill(os.getpid(), signal.SIGTERM)


def at(minutes: float) -> str:
    return from_millis(NOW + int(minutes * MINUTE_MS))


def stored(name: str, stagger: float = 0, /, *, interval: int = 30, workspace: str = "", **frequencies: int) -> Twin:
    """A twin with the frequencies of its tasks in minutes, which need no evidence, except in a workspace that is named."""
    looks = ("git-activity",) if workspace else ()
    tasks = tuple(
        task(name, frequency_minutes=every, evidence=looks, due_at=at(stagger)) for name, every in sorted(frequencies.items())
    )
    made = twin(name, anchor_at=at(stagger), interval_minutes=interval, tasks=tasks, workspace=workspace or os.getcwd())
    roles.add(made)
    return made


def serve(
    clock: FakeClock, *, jobs: int = 4, tick_s: float = 86_400, once: bool = False, told: list[Any] | None = None
) -> Served:
    """Serve until the clock says so. With a longer tick than the real one there are fewer looks at nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "TICK_S", tick_s)
        return server.serve(setup(clock, told=told), jobs=jobs, drain_s=5, once=once)


def runs() -> dict[tuple[str, str], list[int]]:
    """Of each twin and task the minutes at which it was done, and of each the minute it was due at."""
    found: dict[tuple[str, str], list[int]] = {}
    with reading() as connection:
        rows = connection.execute(
            "SELECT r.name, x.task_id, x.created_ms FROM results x JOIN agent_roles r ON r.id = x.twin_id ORDER BY x.created_ms"
        )
        for name, task_id, moment in rows:
            found.setdefault((name, task_id), []).append((moment - NOW) // MINUTE_MS)
    return found
