"""What became of deliveries, for a person."""

from __future__ import annotations

from cowork.render.moments import minute
from cowork.render.screen import Screen
from cowork.twins.delivering import Attempt, Deliveries


def made(data: Deliveries, screen: Screen) -> None:
    """A table of what was tried, and when there is more to do."""
    if data.dry_run:
        screen.table(("STEP", "TARGET", "DETAIL"), [(step.action, step.target, step.detail) for step in data.plan])
    elif data.items:
        rows = [(item.twin, item.result_id or "a test", item.address, item.status, _about(item)) for item in data.items]
        screen.table(("TWIN", "RESULT", "ADDRESS", "STATE", ""), rows)
    else:
        screen.text("no delivery is due")
    if data.waiting_until and not data.dry_run:
        screen.text(f"the next one is due at {minute(data.waiting_until)}")


def _about(item: Attempt) -> str:
    again = f"again at {minute(item.next_at)}" if item.next_at else ""
    return "; ".join(part for part in (item.problem, again) if part)
