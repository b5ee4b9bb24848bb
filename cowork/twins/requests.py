"""What people ask of a twin: assigned tasks, mentions and wake requests, which it attends to before its own tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RequestKind = Literal["task", "mention", "wake", "ask", "skill"]
"""An assigned task, a mention, a reason to wake; or what somebody asks at once and waits for."""
Status = Literal["open", "working", "done", "failed", "cancelled"]
Priority = Literal["urgent", "high", "normal", "low"]
PRIORITIES = {"urgent": 0, "high": 1, "normal": 2, "low": 3}
"""What people say, and what it is stored as: lower goes first."""


@dataclass(frozen=True)
class Request:
    """A request to a twin. `wake_at` is the heartbeat that attends to it, None while the twin has none.

    `due_at` is when it has to be done, if that was said. `attempt` counts how often it was begun. `result_id` is what came of
    it, empty before.
    """

    id: str
    twin: str
    kind: RequestKind
    title: str
    text: str
    priority: int
    status: Status
    due_at: str | None
    wake_at: str | None
    attempt: int
    result_id: str
    created_at: str
    updated_at: str
