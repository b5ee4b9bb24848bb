"""What a twin says without a model: its evidence, the most urgent first, headed as what it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from cowork.core.text import one_line
from cowork.twins.evidence.findings import Evidence, Item
from cowork.twins.evidence.urgency import Found, counted, findings, ranked_findings
from cowork.twins.evidence.wording import listed

_LONGEST = 160
MOST_FACTS = 6
MOST_FACTS_BESIDE = 3
"""Of the collector that a task names first there is more than of those that only add to it."""


def digest(title: str, evidence: Sequence[Evidence], why: str) -> str:
    """The evidence of one task as Markdown, in the order in which the task names it.

    First one line: how many findings of what, and the most urgent; then per collector its summary and findings, of the first
    also context; last what is not available.
    """
    parts = [f"# {title}", bottom_line(evidence), f"_A digest of the evidence alone: {why}._"]
    for number, item in enumerate(evidence):
        if item.status != "unavailable":
            parts.append(_section(item, main=number == 0))
    missing = [item for item in evidence if item.status == "unavailable"]
    if missing:
        parts.append("\n".join(["**Not available**", *_missing(missing)]))
    return "\n\n".join(parts)


def bottom_line(evidence: Sequence[Evidence]) -> str:
    """One line for who reads no further: how many findings, the first of them, and what is broken elsewhere meanwhile."""
    if not evidence:
        return "Nothing to say without a model: this task names no collectors."
    found = [item for item in evidence if item.status != "unavailable"]
    missing = [item.collector for item in evidence if item.status == "unavailable"]
    if not found:
        return f"Nothing could be collected: {evidence[0].reason}."
    ranked = ranked_findings(evidence)
    if not ranked and evidence[0].status == "unavailable":
        main, others = evidence[0], listed(item.collector for item in found)
        return f"{main.collector} is not available: {main.reason}. No findings in {others}."
    gap = f" Not available: {listed(missing)}." if missing else ""
    if not ranked:
        return f"No findings. {found[0].summary.rstrip('.')} [{found[0].items[0].id}].{gap}"
    broken = [one for one in ranked if one.finding.urgency == 3 and _collector(one) != _collector(ranked[0])]
    also = f" Also now: {_said(broken[0])}" if broken else ""
    return f"**{counted(evidence)}.** First: {_said(ranked[0])}{also}{gap}"


def _collector(found: Found) -> str:
    return found.item.id.rpartition(".")[0]


def _said(found: Found) -> str:
    return f"{one_line(found.item.text, _LONGEST)} [{found.item.id}]."


def _section(evidence: Evidence, *, main: bool) -> str:
    lines = [f"**{evidence.collector}**: {evidence.summary.rstrip('.')} [{evidence.items[0].id}]"]
    urgent = [found.item for found in findings(evidence)]
    shown = urgent[: MOST_FACTS if main else MOST_FACTS_BESIDE]
    if main:
        shown += [item for item in evidence.items[1:] if item not in urgent][: MOST_FACTS - len(shown)]
    lines += [f"- {fact.text} [{fact.id}]" for fact in shown]
    if evidence.status == "partial":
        lines.append(f"- left out: {evidence.reason}")
    lines += _more(evidence, shown, urgent, main=main)
    return "\n".join(lines)


def _more(evidence: Evidence, shown: Sequence[Item], urgent: Sequence[Item], *, main: bool) -> list[str]:
    """How much is not shown, and where it is; context of what only adds to a task is not missed."""
    rest = evidence.items_total - len(shown)
    if rest <= 0 or not (main or len(urgent) > len(shown)):
        return []
    return [f"- ... {rest:,} more: `cowork evidence run {evidence.collector}`"]


def _missing(missing: Sequence[Evidence]) -> list[str]:
    """Those that cannot run for one reason share a line."""
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for item in missing:
        alike[item.reason, item.hint].append(item.collector)
    return [f"- {', '.join(names)}: {reason}" + (f" ({hint})" if hint else "") for (reason, hint), names in alike.items()]
