"""What a twin says without a model: its evidence, in order, headed as what it is."""

from __future__ import annotations

from collections.abc import Sequence

from cowork.twins.evidence.findings import Evidence

MOST_FACTS = 8
MOST_FACTS_BESIDE = 3
"""Of the collector that a task names first there is more than of those that only add to it."""


def digest(title: str, evidence: Sequence[Evidence], why: str) -> str:
    """The evidence of one task as Markdown: per collector what was found, the most urgent facts, and what is not available."""
    parts = [f"# {title}", f"_A digest of the evidence alone: {why}._"]
    found = [item for item in evidence if item.status != "unavailable"]
    parts += [_found(item, MOST_FACTS_BESIDE if number else MOST_FACTS) for number, item in enumerate(found)]
    missing = [_missing(item) for item in evidence if item.status == "unavailable"]
    if missing:
        parts.append("\n".join(["**Not available**", *missing]))
    if not evidence:
        parts.append("This task names no collectors: there is nothing to say without a model.")
    return "\n\n".join(parts)


def _found(evidence: Evidence, most: int) -> str:
    summary, *facts = evidence.items
    lines = [f"**{evidence.collector}**: {summary.text} [{summary.id}]"]
    lines += [f"- {fact.text} [{fact.id}]" for fact in facts[:most]]
    more = evidence.items_total - min(len(facts), most)
    if more > 0:
        lines.append(f"- ... and {more} more: `cowork evidence run {evidence.collector}`")
    if evidence.status == "partial":
        lines.append(f"- left out: {evidence.reason}")
    return "\n".join(lines)


def _missing(evidence: Evidence) -> str:
    return f"- {evidence.collector}: {evidence.reason}" + (f"; to have it: {evidence.hint}" if evidence.hint else "")
