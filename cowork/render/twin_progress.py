"""What a person sees of twins at work: one line an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cowork.core.text import one_line


def _ended(data: dict[str, Any]) -> str:
    return f"{data['twin']}: {data['status']}, {data['results']} result{'' if data['results'] == 1 else 's'}"


_LINES: dict[str, Callable[[dict[str, Any]], str]] = {
    "beat.started": lambda data: f"{data['twin']}: {', '.join(data['tasks'])} ...",
    "beat.completed": _ended,
    "beat.failed": lambda data: f"{data['twin']} failed: {data['message']}",
    "beat.put_off": lambda data: f"{data['twin']} waits: {data['message']}",
    "delivery.sent": lambda data: f"{data['twin']}: told {data['address']}",
    "delivery.failed": lambda data: f"{data['twin']}: could not tell {data['address']}: {data['problem']}",
    "delivery.waiting": lambda data: f"{data['twin']}: tells {data['address']} later, at {data['next_at']}",
    "delivery.problem": lambda data: f"nothing could be delivered: {data['message']}",
    "scheduler.started": lambda data: f"twins beat when they are due, {data['jobs']} at a time; Ctrl-C ends it",
    "scheduler.draining": lambda data: f"lets {data['running']} heartbeat(s) come to an end; Ctrl-C again cuts them off",
    "beat.lease_not_renewed": lambda data: f"{data['twin']}: its lease is to be renewed again soon: {data['problem']}",
    "scheduler.problem": lambda data: f"looks again in a while: {data['message']}",
}


def line(kind: str, data: dict[str, Any]) -> str:
    """The line of an event, empty for one that is not worth one or not of twins."""
    return one_line(_LINES[kind](data), 400) if kind in _LINES else ""
