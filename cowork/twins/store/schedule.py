"""What comes next, over all twins."""

from __future__ import annotations

from cowork.twins.store.opening import reading


def next_due(now: int) -> int | None:
    """When something is due next, `now` or later; None when no active twin has anything to do."""
    with reading() as connection:
        if connection is None:
            return None
        tasks = connection.execute(
            "SELECT MIN(t.due_ms) FROM twin_tasks t JOIN agent_roles r ON r.id = t.twin_id "
            "WHERE t.enabled = 1 AND r.status = 'active'"
        ).fetchone()[0]
        requests = connection.execute(
            "SELECT MIN(q.wake_ms) FROM requests q JOIN agent_roles r ON r.id = q.twin_id "
            "WHERE q.state = 'open' AND r.status = 'active'"
        ).fetchone()[0]
    known = [moment for moment in (tasks, requests) if moment is not None]
    return max(now, min(known)) if known else None
