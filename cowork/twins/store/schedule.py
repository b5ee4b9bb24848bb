"""What comes next, over all twins."""

from __future__ import annotations

from cowork.twins.store.opening import reading


def next_due(now: int) -> int | None:
    """When something is due next, `now` or later; None when no active twin has anything to do."""
    moment = _first(0)
    return None if moment is None else max(now, moment)


def next_after(now: int) -> int | None:
    """When something will be due that is not due already; None when nothing will."""
    return _first(now + 1)


def _first(since: int) -> int | None:
    """The first moment, not before `since`, at which something is due."""
    with reading() as connection:
        if connection is None:
            return None
        tasks = connection.execute(
            "SELECT MIN(t.due_ms) FROM twin_tasks t JOIN agent_roles r ON r.id = t.twin_id "
            "WHERE t.enabled = 1 AND t.due_ms >= ? AND r.status = 'active'",
            (since,),
        ).fetchone()[0]
        requests = connection.execute(
            "SELECT MIN(q.wake_ms) FROM requests q JOIN agent_roles r ON r.id = q.twin_id "
            "WHERE q.state = 'open' AND q.wake_ms >= ? AND r.status = 'active'",
            (since,),
        ).fetchone()[0]
    return min((moment for moment in (tasks, requests) if moment is not None), default=None)
