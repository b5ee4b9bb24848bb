"""Which facts are findings, what to call them, and how soon they want somebody: what a digest leads with.

Everything else is context: who did what, what a table holds, what is as it should be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from cowork.twins.evidence.findings import Evidence, Item
from cowork.twins.evidence.wording import many

Urgency = Literal[1, 2, 3]
"""3: something is broken, or somebody is held up, now. 2: it will be. 1: it is worth somebody's time."""
OLD_DECISION_DAYS = 30
"""From when on an open decision is one that nobody takes."""
LITTLE_COVERED = 50.0
"""Below which share of its lines, in per cent, a file is little covered."""
_SHOWN = 3


class Finding(NamedTuple):
    """What a fact asks for; `one` and `more` name it, singular and plural."""

    urgency: Urgency
    one: str
    more: str = ""


_KINDS: Mapping[str, Mapping[str, Finding]] = {
    "test-reports": {
        "failing": Finding(3, "failing test"),
        "flaky": Finding(2, "flaky test"),
        "broken": Finding(2, "unreadable test report"),
    },
    "coverage-report": {
        "old": Finding(2, "outdated coverage report"),
        "fell": Finding(2, "file less covered than before", "files less covered than before"),
        "broken": Finding(2, "unreadable coverage report"),
    },
    "untested-changes": {
        "no_test_found": Finding(2, "file changed without a test", "files changed without a test"),
        "test_unchanged": Finding(2, "file changed without its tests", "files changed without their tests"),
    },
    "dependency-manifests": {
        "conflict": Finding(3, "version conflict"),
        "malformed": Finding(3, "unreadable manifest"),
        "lock_disagrees": Finding(
            3, "lockfile that disagrees with its manifest", "lockfiles that disagree with their manifests"
        ),
        "path_outside": Finding(2, "dependency from outside of the repository", "dependencies from outside of the repository"),
        "git_moving": Finding(2, "manifest with unpinned git sources", "manifests with unpinned git sources"),
        "no_lock": Finding(2, "missing lockfile"),
        "several_managers": Finding(2, "directory with several package managers", "directories with several package managers"),
        "copyleft": Finding(2, "manifest with copyleft licences", "manifests with copyleft licences"),
        "several_majors_declared": Finding(1, "package in several major versions", "packages in several major versions"),
        "several_majors_locked": Finding(1, "lockfile with several major versions", "lockfiles with several major versions"),
        "unbounded": Finding(1, "manifest with unbounded versions", "manifests with unbounded versions"),
        "prerelease": Finding(1, "manifest with pre-releases", "manifests with pre-releases"),
        "dev_at_runtime": Finding(1, "manifest with tools among its runtime", "manifests with tools among their runtime"),
        "repeated": Finding(1, "dependency named twice", "dependencies named twice"),
        "untagged": Finding(1, "manifest with commits for versions", "manifests with commits for versions"),
        "url": Finding(1, "manifest with addresses as sources", "manifests with addresses as sources"),
    },
    "doc-freshness": {
        "gone": Finding(2, "name of a file that is gone", "names of files that are gone"),
        "stale": Finding(1, "document older than its code", "documents older than their code"),
    },
    "broken-links": {why: Finding(1, "broken link") for why in ("missing", "case", "anchor", "outside")},
    "open-decisions": {
        "overdue": Finding(3, "overdue decision"),
        "open": Finding(1, "open decision"),
        "superseded_by_nothing": Finding(1, "decision superseded by nothing", "decisions superseded by nothing"),
        "not_marked_superseded": Finding(1, "decision not marked as superseded", "decisions not marked as superseded"),
        "no_status": Finding(1, "decision without a status", "decisions without a status"),
    },
    "changes-since-tag": {
        "untold": Finding(1, "gap in the changelog", "gaps in the changelog"),
        "breaking": Finding(2, "breaking change"),
        "no_changelog": Finding(1, "missing changelog"),
    },
    "ci-runs": {
        "failing": Finding(3, "failing workflow"),
        "flaky": Finding(2, "flaky workflow"),
        "slower": Finding(1, "workflow that grows slower", "workflows that grow slower"),
    },
    "data-profile": {
        "unreadable": Finding(3, "unreadable table"),
        "broken": Finding(3, "table cut short", "tables cut short"),
        "ragged": Finding(3, "table with ragged rows", "tables with ragged rows"),
        "drift": Finding(3, "change since the last profile", "changes since the last profile"),
        "doubled keys": Finding(2, "key with doubled values", "keys with doubled values"),
        "mixed": Finding(2, "column of mixed types", "columns of mixed types"),
        "nulls": Finding(1, "column with many missing values", "columns with many missing values"),
        "empty": Finding(1, "empty column"),
        "doubled rows": Finding(1, "table with doubled rows", "tables with doubled rows"),
        "outliers": Finding(1, "column with outliers", "columns with outliers"),
    },
}
_PULLS = {
    "failing": Finding(2, "pull request with failing checks", "pull requests with failing checks"),
    "conflicts": Finding(2, "pull request with conflicts", "pull requests with conflicts"),
    "security": Finding(3, "security update that waits", "security updates that wait"),
    "ready": Finding(2, "pull request ready to merge", "pull requests ready to merge"),
    "changes requested": Finding(2, "pull request sent back", "pull requests sent back"),
    "stale": Finding(2, "stale pull request"),
    "unreviewed": Finding(1, "pull request that waits for a review", "pull requests that wait for a review"),
}
_ISSUES = {
    "urgent": Finding(3, "urgent issue"),
    "unowned_bug": Finding(2, "bug that nobody has", "bugs that nobody has"),
    "untriaged": Finding(2, "untriaged issue"),
    "duplicate": Finding(1, "likely duplicate"),
    "stale": Finding(1, "stale issue"),
}


@dataclass(frozen=True)
class Found:
    """A fact of some evidence that is a finding."""

    item: Item
    finding: Finding


def finding_of(collector: str, item: Item) -> Finding | None:
    """What a fact asks for; None for context."""
    data = item.data
    if collector == "pull-requests":
        return None if data.get("draft") else _first(_PULLS, data.get("traits") or ())
    if collector == "issues":
        return _first(_ISSUES, [name for name in _ISSUES if data.get(name) or data.get("kind") == name])
    if collector == "todo-comments":
        return _of_marker(data)
    if collector == "changes-since-tag" and data.get("commit"):
        return _KINDS[collector]["breaking"] if data.get("breaking") else None
    kind = str(data.get("why") if collector == "broken-links" else data.get("kind"))
    if collector == "coverage-report" and kind in ("drift", "least"):
        return _of_coverage(kind, data)
    found = _KINDS.get(collector, {}).get(kind)
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
