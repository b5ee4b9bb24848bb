"""Which facts are findings, what to call them, and how soon they want somebody: what a digest leads with.

Everything else is context: who did what, what a table holds, what is as it should be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cowork.twins.evidence.finding_kinds import ISSUES, KINDS, PULLS, Finding
from cowork.twins.evidence.findings import Evidence, Item
from cowork.twins.evidence.wording import many

OLD_DECISION_DAYS = 30
"""From when on an open decision is one that nobody takes."""
LITTLE_COVERED = 50.0
"""Below which share of its lines, in per cent, a file is little covered."""
_SHOWN = 3


@dataclass(frozen=True)
class Found:
    """A fact of some evidence that is a finding."""

    item: Item
    finding: Finding


def finding_of(collector: str, item: Item) -> Finding | None:
    """What a fact asks for; None for context."""
    data = item.data
    if collector == "pull-requests":
        return None if data.get("draft") else _first(PULLS, data.get("traits") or ())
    if collector == "issues":
        return _first(ISSUES, [name for name in ISSUES if data.get(name) or data.get("kind") == name])
    if collector == "todo-comments":
        return _of_marker(data)
    if collector == "changes-since-tag" and data.get("commit"):
        return KINDS[collector]["breaking"] if data.get("breaking") else None
    kind = str(data.get("why") if collector == "broken-links" else data.get("kind"))
    if collector == "coverage-report" and kind in ("drift", "least"):
        return _of_coverage(kind, data)
    found = KINDS.get(collector, {}).get(kind)
    if collector == "open-decisions" and kind == "open" and _number(data.get("days")) >= OLD_DECISION_DAYS:
        return Finding(
            2, f"decision open for {OLD_DECISION_DAYS} days or more", f"decisions open for {OLD_DECISION_DAYS} days or more"
        )
    if collector == "data-profile" and data.get("change") == "columns added":
        return Finding(1, "added column")
    return found


def findings(evidence: Evidence) -> list[Found]:
    """The findings among its facts, the most urgent first, and among equals as their collector ranks them."""
    told = ((item, finding_of(evidence.collector, item)) for item in evidence.items[1:])
    return sorted((Found(item, finding) for item, finding in told if finding), key=lambda found: -found.finding.urgency)


def ranked_findings(every: Sequence[Evidence]) -> list[Found]:
    """The findings of a task's evidence: those of its first collector, which it is about, count one step more than others.

    Among equals the order of the collectors decides, and then that of their facts.
    """
    weighed = [
        (found.finding.urgency + (number == 0), found) for number, evidence in enumerate(every) for found in findings(evidence)
    ]
    return [found for _, found in sorted(weighed, key=lambda pair: -pair[0])]


def counted(every: Sequence[Evidence]) -> str:
    """How many findings of what there are, as they rank: "1 failing test, 2 flaky tests and 1 broken link"; empty without any.

    Facts that a bound cut off are not known: then it is "40 or more", if what is known ends in findings.
    """
    counts = Counter(found.finding for found in ranked_findings(every))  # in the order in which they come
    beyond = {
        last
        for evidence in every
        if evidence.items and evidence.items_total > len(evidence.items) - 1
        if (last := finding_of(evidence.collector, evidence.items[-1])) is not None
    }
    words = [_count(finding, count, finding in beyond) for finding, count in list(counts.items())[:_SHOWN]]
    if rest := sum(list(counts.values())[_SHOWN:]):
        words.append(many(rest, "other finding"))
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _count(finding: Finding, count: int, more: bool) -> str:
    return f"{count} or more {finding.more or finding.one + 's'}" if more else many(count, finding.one, finding.more)


def _first(named: Mapping[str, Finding], traits: Sequence[str]) -> Finding | None:
    return next((finding for name, finding in named.items() if name in traits), None)


def _of_marker(data: Mapping[str, Any]) -> Finding | None:
    kind = str(data.get("kind"))
    if kind in ("FIXME", "XXX"):
        return Finding(2, kind)
    if kind == "HACK":
        return Finding(1, kind)
    return Finding(1, f"new {kind}") if data.get("new") else None


def _of_coverage(kind: str, data: Mapping[str, Any]) -> Finding | None:
    if kind == "drift":
        return Finding(2, "fall of coverage", "falls of coverage") if _number(data.get("points")) < 0 else None
    rate = data.get("line_rate")
    little = isinstance(rate, (int, float)) and rate < LITTLE_COVERED
    return Finding(1, "file that tests hardly run", "files that tests hardly run") if little else None


def _number(value: Any) -> float:
    return value if isinstance(value, (int, float)) else 0
