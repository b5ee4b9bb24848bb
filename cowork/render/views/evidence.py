"""Evidence, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cowork.core.text import one_line
from cowork.render.moments import minute
from cowork.render.screen import Screen

if TYPE_CHECKING:
    from cowork.twins.evidence.findings import Evidence
    from cowork.twins.evidence.results import Collected, CollectorList


def listing(data: CollectorList, screen: Screen) -> None:
    """A table of collectors."""
    rows = [(item.name, item.needs or "-", item.help) for item in data.items]
    screen.table(("COLLECTOR", "NEEDS", "WHAT IT FINDS"), rows)


def collected(data: Collected, screen: Screen) -> None:
    """What each found, as numbered facts, and what is not available; of that the reason, unless an error tells it."""
    there = [item for item in data.items if item.status != "unavailable"]
    for number, evidence in enumerate(there):
        if number:
            screen.blank()
        _one(evidence, screen, data.limit)
    missing = [item for item in data.items if item.status == "unavailable"]
    alike: dict[str, list[str]] = {}
    for item in missing:
        alike.setdefault(f"{item.reason}{f' ({item.hint})' if item.hint else ''}", []).append(item.collector)
    if there and missing:
        screen.section("Not available")
    for reason, names in alike.items():
        screen.text(f"{', '.join(names)}: {reason if there or len(alike) > 1 else 'not available'}", indent=2)


def _one(evidence: Evidence, screen: Screen, limit: int) -> None:
    kept = f", as of {minute(evidence.collected_at)}" if evidence.cached else ""
    screen.title(evidence.collector, f"{evidence.status}{kept}")
    screen.text(evidence.summary, indent=2)
    if evidence.reason:
        screen.text(f"left out: {evidence.reason}", style="dim", indent=2)
    facts = evidence.items[1:]
    shown = facts[:limit] if limit else facts
    if shown:
        screen.table(("  #", "FACT"), [(f"  {item.id.rpartition('.')[2]}", one_line(item.text, 400)) for item in shown])
    if evidence.items_total > len(shown):
        more = "" if len(shown) == len(facts) else ": --limit 0"
        screen.text(f"… and {evidence.items_total - len(shown):,} more{more}", style="dim", indent=2)
