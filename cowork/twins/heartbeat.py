"""When a twin wakes and when its tasks are due: arithmetic on milliseconds, without a clock and without drift.

Heartbeats are `anchor + k x interval`, the anchor being the activation plus the stagger, once. A task is done at the first
heartbeat that is at least its frequency after the heartbeat of its last run (`now - last >= frequency`, asked at heartbeats). A
run that is late, or long, counts for the heartbeat it belongs to, so that lateness does not add up; after downtime a task is
done once, and what was missed is not made up for.
"""

from __future__ import annotations

from cowork.core.text import counted

MINUTE_MS = 60_000


def heartbeat_before(moment: int, anchor: int, interval_minutes: int) -> int:
    """The last heartbeat that is not after `moment`; before the first one it is the first."""
    interval = interval_minutes * MINUTE_MS
    return anchor + max(0, (moment - anchor) // interval) * interval


def heartbeat_from(moment: int, anchor: int, interval_minutes: int) -> int:
    """The first heartbeat that is not before `moment`."""
    interval = interval_minutes * MINUTE_MS
    return anchor + max(0, -(-(moment - anchor) // interval)) * interval


def how_often(frequency_minutes: int, interval_minutes: int) -> str:
    """How often a task is done, for a person: never between heartbeats."""
    if frequency_minutes >= interval_minutes:
        return f"every {counted(frequency_minutes, 'minute')}"
    return f"every {counted(interval_minutes, 'minute')}: not more often than its heartbeat"


def next_due(ran: int, frequency_minutes: int, anchor: int, interval_minutes: int) -> int:
    """The heartbeat at which a task that ran at a moment is due again."""
    counted = heartbeat_before(ran, anchor, interval_minutes)
    due = heartbeat_from(counted + frequency_minutes * MINUTE_MS, anchor, interval_minutes)
    return due if due > ran else heartbeat_from(ran + 1, anchor, interval_minutes)
