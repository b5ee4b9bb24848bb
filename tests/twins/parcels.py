"""Results of twins with addresses, stored and queued as at the end of a heartbeat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import uuid4

from cowork.core.clock import Clock, from_millis, millis, rfc3339
from cowork.twins.evidence.findings import Evidence, Item
from cowork.twins.results import Delivery, Result
from cowork.twins.store import outbox, results, roles
from cowork.twins.store.opening import reading, writing
from cowork.twins.twin import Twin
from tests.twins.samples import twin

_BEATS = count(1)


def telling(*urls: str, name: str = "twin-a", tasks: dict[str, str] | None = None, **changes: Any) -> Twin:
    """A stored twin whose results go to these addresses, and those of some tasks to others."""
    made = twin(name, **changes)
    roles.add(made)
    addresses = [*(("", url) for url in urls), *(tasks or {}).items()]
    with writing() as connection:
        for task_id, url in addresses:
            connection.execute(
                roles.insert("addresses", ("id", "twin_id", "task_id", "url")), (str(uuid4()), made.id, task_id, url)
            )
    return made


def evidence(*facts: str, summary: str = "3 things", collector: str = "todo-comments", **changes: Any) -> Evidence:
    """What a collector found."""
    items = tuple(Item(f"{collector}.{number}", text, {}) for number, text in enumerate((summary, *facts)))
    fields: dict[str, Any] = {
        "collector": collector,
        "status": "ok",
        "summary": summary,
        "reason": "",
        "hint": "",
        "figures": {},
        "items": items,
        "items_total": len(facts),
        "commit": None,
        "collected_at": "2026-01-31T08:05:00.000Z",
        "seconds": 0.1,
        "cached": False,
    }
    return Evidence(**{**fields, **changes})


def result(text: str = "All is well.", *found: Evidence, **changes: Any) -> Result:
    """A result that is not stored yet."""
    number = uuid4().hex[:8]
    fields: dict[str, Any] = {
        "id": f"r{number}",
        "twin": "twin-a",
        "task": "one",
        "kind": "proactive",
        "title": "Review queue",
        "status": "done",
        "made_by": "model",
        "text": text,
        "evidence": found,
        "claims": (),
        "notes": (),
        "due_at": "2026-01-31T08:05:00.000Z",
        "created_at": "",
        "beat_id": "b1",
        "session_id": "",
    }
    return Result(**{**fields, **changes})


def publish(of: Twin, *found: Result, clock: Clock) -> Sequence[Result]:
    """Store results and queue what is to be told of them, in one transaction. Each is of another heartbeat."""
    now = rfc3339(clock.now())
    dated = [replace(item, twin=of.name, created_at=now, due_at=from_millis(next(_BEATS) * 60_000)) for item in found]
    with writing() as connection:
        results.save(connection, of.id, dated)
        outbox.queue(connection, of.id, dated, millis(clock.now()))
    return dated


def deliveries(result_id: str) -> tuple[Delivery, ...]:
    """What `twin results show` says of the deliveries of a result."""
    return results.find(result_id).deliveries


def states(*found: Result) -> list[str]:
    """The states of the deliveries of results."""
    return [delivery.status for item in found for delivery in deliveries(item.id)]


def how_many(state: str) -> int:
    """How many deliveries are in a state."""
    with reading() as connection:
        assert connection is not None
        return int(connection.execute("SELECT COUNT(*) FROM deliveries WHERE state = ?", (state,)).fetchone()[0])
