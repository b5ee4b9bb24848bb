"""A twin in the middle of its work: a task is due, one was done, and somebody asked something."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from cowork.core.clock import SystemClock, from_millis, millis
from cowork.twins import requesting
from cowork.twins.store import claims, requests, roles
from tests.twins.owners import anybody, finished
from tests.twins.samples import task, twin


def something_at_work() -> None:
    """Store twin-a, its result, and the request q1."""
    clock = SystemClock()
    now = millis(clock.now())
    due = from_millis(now - 60_000)
    tasks = (task("done", due_at=due, evidence=()), task("due", 2, due_at=due, evidence=()))
    roles.add(twin("twin-a", anchor_at=due, tasks=tasks, workspace=str(Path.cwd())))
    stored = roles.twins(["twin-a"])[0]
    finished(claims.take(stored.id, now - 120_000, anybody, tasks=[("done", now - 60_000)], requests=[]), now - 120_000)
    asked = requesting.new(stored, "task", "Paint it", clock.now())
    requests.add(stored.id, dataclasses.replace(asked, id="q1"))
