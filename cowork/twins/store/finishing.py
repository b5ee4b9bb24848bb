"""The end of a heartbeat in one transaction: all of it is stored, or it never was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from sqlite3 import Connection

from cowork.core.clock import millis, parsed
from cowork.twins.results import Result
from cowork.twins.store import requests, results
from cowork.twins.store.claims import close, close_task
from cowork.twins.store.leases import Taken, holding
from cowork.twins.store.opening import writing

Queue = Callable[[Connection, Sequence[Result]], None]


def finish(
    taken: Taken, found: Sequence[Result], state: str, now: int, about: Mapping[str, object], queue: Queue
) -> tuple[Result, ...]:
    """Store the results, close what was claimed, schedule it anew, queue deliveries, and give back the lease. As stored.

    Raises Conflict `twin.lease_lost` when somebody else has it: then nothing is stored. Raises `database.*`.
    """
    asked = set(taken.requests)
    with writing() as connection:
        holding(connection, taken)
        stored = results.save(connection, taken.twin_id, found)
        for result in stored:
            if result.task in asked:
                state_of_it = "failed" if result.status == "failed" else "done"
                requests.close(connection, result.task, state_of_it, result.id, now)
            else:
                close_task(connection, taken, result.task, millis(parsed(result.due_at)), now)
        queue(connection, stored)
        close(connection, taken, state, now, dict(about))
    return stored
