"""What a scheduler came to, or would begin with."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.clock import from_millis, millis
from cowork.core.plan import Step
from cowork.core.text import counted
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.twins.beats.work import Setup
from cowork.twins.store import due as store_due
from cowork.twins.store import schedule


@dataclass(frozen=True)
class Served:
    """How a scheduler ended: its heartbeats and results, and how many heartbeats were cut off and given back.

    `failed` heartbeats came to nothing, `degraded` ones to results that are not whole; what the policies or other processes
    keep from beating is neither. `left`: of a look `once`, twins that have something to do still.
    """

    beats: int
    results: int
    failed: int
    degraded: int
    cut_off: int
    left: int
    started_at: str
    stopped_at: str
    dry_run: bool = False
    plan: tuple[Step, ...] = ()


def planned(setup: Setup, *, jobs: int) -> Served:
    """What serving would begin with. Nothing is written. Raises `database.*`."""
    gate.require(Action("twin serve"), dry_run=True)
    now = millis(setup.clock.now())
    following = schedule.next_due(now)
    moment = "nothing is due" if following is None else f"the first heartbeat at {from_millis(following)}"
    plan = (
        Step("serve", f"{counted(jobs, 'twin')} at a time", moment),
        *(
            Step("let beat", item.name, f"{counted(len(item.tasks), 'task')}, {counted(len(item.requests), 'request')}")
            for item in store_due.due(now)
        ),
    )
    return Served(0, 0, 0, 0, 0, 0, from_millis(now), from_millis(now), True, plan)
