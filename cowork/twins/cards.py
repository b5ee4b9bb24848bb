"""What boards and lists of tasks show: the results of `twin board` and `twin tasks`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cowork.twins.requests import Priority

Column = Literal["scheduled", "open", "working", "done", "failed"]


@dataclass(frozen=True)
class Card:
    """A card of the board: a request or a proactive task. `at` is when it is due, was begun, or was done.

    `kind` as of results and requests; `priority` is what somebody said of a request, None for anything else; `result_id` is
    what came of it, empty before.
    """

    id: str
    title: str
    kind: str
    priority: Priority | None
    at: str | None
    result_id: str


@dataclass(frozen=True)
class TwinBoard:
    """The cards of one twin. `scheduled` are its own tasks, `open` what people asked, `done` and `failed` the last hours'."""

    twin: str
    display_name: str
    status: str
    scheduled: tuple[Card, ...]
    open: tuple[Card, ...]
    working: tuple[Card, ...]
    done: tuple[Card, ...]
    failed: tuple[Card, ...]


@dataclass(frozen=True)
class Board:
    """The boards of twins, sorted by name; `total` is how many twins there are with those beyond the limit."""

    items: tuple[TwinBoard, ...]
    count: int
    total: int


@dataclass(frozen=True)
class TaskItem:
    """Something a twin has to do, or did: `status` scheduled, off, open, working, done, failed or cancelled.

    `wake_at` is the heartbeat that attends to it, None while there is none; `due_at` is when somebody wants it done, if that
    was said. `priority` is what was said, None for its own tasks; `last_run_at` of these is when they were done last.
    """

    id: str
    twin: str
    title: str
    kind: str
    status: str
    priority: Priority | None
    wake_at: str | None
    due_at: str | None
    last_run_at: str | None
    updated_at: str | None
    result_id: str


@dataclass(frozen=True)
class TaskList:
    """Tasks of twins: requests first, the most urgent first, then what is over, then the proactive ones by when they are due.

    `total` is how many there are with those beyond the limit.
    """

    items: tuple[TaskItem, ...]
    count: int
    total: int
