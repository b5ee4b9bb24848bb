"""When the tasks of a twin are due after somebody changed it: by `heartbeat`, and never a flood of them at once."""

from __future__ import annotations

import dataclasses

from cowork.core.clock import from_millis, millis, parsed
from cowork.twins.heartbeat import heartbeat_from, next_due
from cowork.twins.twin import Twin, TwinTask


def next_beat(twin: Twin, now: int) -> int:
    """The first heartbeat of a twin that is not before a moment, in milliseconds."""
    return heartbeat_from(now, millis(parsed(twin.anchor_at)), twin.interval_minutes)


def at_next_beat(twin: Twin, task: TwinTask, now: int) -> TwinTask:
    """The task, due at the next heartbeat."""
    return dataclasses.replace(task, due_at=from_millis(next_beat(twin, now)))


def fitted(twin: Twin, task: TwinTask, now: int) -> TwinTask:
    """The task, due at a heartbeat of the twin's interval and by its frequency. One that is due already stays so.

    What would have been due before now, had it always been like this, is due at the next heartbeat.
    """
    if task.due_at is not None and millis(parsed(task.due_at)) <= now:
        return task
    anchor = millis(parsed(twin.anchor_at))
    due = next_beat(twin, now)
    if task.last_run_at is not None:
        ran = millis(parsed(task.last_run_at))
        due = max(due, next_due(ran, task.frequency_minutes, anchor, twin.interval_minutes))
    return dataclasses.replace(task, due_at=from_millis(due))


def after_rest(twin: Twin, now: int) -> Twin:
    """A twin that works again: what became due meanwhile is done at its next heartbeat, once."""
    tasks = tuple(
        at_next_beat(twin, task, now)
        if task.enabled and task.due_at is not None and millis(parsed(task.due_at)) < now
        else task
        for task in twin.tasks
    )
    return dataclasses.replace(twin, tasks=tasks)
