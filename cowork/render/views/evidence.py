"""Evidence, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cowork.core.text import one_line
from cowork.render.screen import Screen

if TYPE_CHECKING:
    from cowork.twins.evidence.findings import Evidence
    from cowork.twins.evidence.results import Collected, CollectorList


def listing(data: CollectorList, screen: Screen) -> None:
    """A table of collectors."""
    rows = [(item.name, item.needs or "-", item.help) for item in data.items]
    screen.table(("COLLECTOR", "NEEDS", "WHAT IT FINDS"), rows)


def collected(data: Collected, screen: Screen) -> None:
    """What each found, as numbered facts."""
    for number, evidence in enumerate(data.items):
        if number:
            screen.blank()
        _one(evidence, screen)


def _one(evidence: Evidence, screen: Screen) -> None:
    kept = f", as of {evidence.collected_at[:16].replace('T', ' ')}" if evidence.cached else ""
    screen.title(evidence.collector, f"{evidence.status}{kept}")
    if evidence.status == "unavailable":
        screen.text(f"not available: {evidence.reason}{f'; {evidence.hint}' if evidence.hint else ''}", indent=2)
        return
    screen.text(evidence.summary, indent=2)
    if evidence.reason:
        screen.text(f"left out: {evidence.reason}", style="dim", indent=2)
    facts = evidence.items[1:]
    if facts:
        screen.table(("  #", "FACT"), [(f"  {item.id.rpartition('.')[2]}", one_line(item.text, 400)) for item in facts])
    if evidence.items_total > len(facts):
        screen.text(f"… and {evidence.items_total - len(facts):,} more", style="dim", indent=2)
