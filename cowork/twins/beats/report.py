"""What heartbeats came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cowork.core.plan import Step
from cowork.twins.results import Result

Status = Literal["done", "degraded", "failed", "skipped"]


@dataclass(frozen=True)
class Beat:
    """One heartbeat of a twin. `degraded`: a model was to be asked and did not answer; `skipped`: it did not take place.

    `reason` says why it is not simply done. `model` is empty where none was asked; `session_id` names its journal then, too.
    """

    twin: str
    beat_id: str
    status: Status
    reason: str
    provider: str
    model: str
    rehearsal: bool
    session_id: str
    input_tokens: int
    output_tokens: int
    seconds: float
    results: tuple[Result, ...]


@dataclass(frozen=True)
class BeatReport:
    """The heartbeats of one call. `nothing_due`: there was nothing to do; the next is at `next_due_at`, if there is one."""

    items: tuple[Beat, ...]
    count: int
    nothing_due: bool
    next_due_at: str | None
    dry_run: bool
    plan: tuple[Step, ...]
