"""Which facts are findings, how many of what there are, and which comes first."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from cowork.twins.evidence import finding_kinds
from cowork.twins.evidence.collectors import NAMES
from cowork.twins.evidence.findings import Evidence, Item
from cowork.twins.evidence.urgency import counted, finding_of, findings, ranked_findings


def evidence(collector: str, *facts: dict[str, Any], total: int | None = None) -> Evidence:
    items = [Item(f"{collector}.{number}", f"{collector} fact {number}", data) for number, data in enumerate(({}, *facts))]
    count = len(facts) if total is None else total
    return Evidence(collector, "ok", items[0].text, "", "", {}, tuple(items), count, None, "", 0.0, cached=False)


FAILING, FLAKY = {"kind": "failing"}, {"kind": "flaky"}
GAP = {"kind": "no_test_found"}


def test_findings_come_by_urgency_and_context_is_none() -> None:
    found = findings(evidence("test-reports", {"kind": "slow"}, FLAKY, FAILING, {"kind": "skipped"}, FLAKY))

    assert [one.item.id for one in found] == ["test-reports.3", "test-reports.2", "test-reports.5"]


def test_what_a_task_is_about_leads_among_equals_and_yields_to_nothing_but_more_urgent() -> None:
    gaps, reports = evidence("untested-changes", GAP), evidence("test-reports", FLAKY, FAILING)

    assert [one.item.id for one in ranked_findings([gaps, reports])] == [
        "untested-changes.1",
        "test-reports.2",
        "test-reports.1",
    ]
    least = evidence("coverage-report", {"kind": "least", "line_rate": 10.0})
    assert next(iter(ranked_findings([least, reports]))).item.id == "test-reports.2"


def test_kinds_are_counted_in_their_order_and_the_rest_as_one() -> None:
    gaps, reports = evidence("untested-changes", GAP, GAP), evidence("test-reports", FLAKY, FAILING)
    links = evidence("broken-links", {"why": "missing"}, {"why": "anchor"})

    assert counted([gaps]) == "2 files changed without a test"
    assert counted([gaps, reports]) == "2 files changed without a test, 1 failing test and 1 flaky test"
    assert counted([gaps, reports, links]) == (
        "2 files changed without a test, 1 failing test, 1 flaky test and 2 other findings"
    )
    assert counted([evidence("git-activity", {"area": "src"})]) == ""


def test_what_a_bound_cut_off_is_counted_as_more_only_where_findings_went_on() -> None:
    assert counted([evidence("untested-changes", GAP, total=300)]) == "1 or more files changed without a test"
    assert counted([evidence("test-reports", FAILING, {"kind": "slow"}, total=300)]) == "1 failing test"


@pytest.mark.parametrize(
    ("collector", "data", "said"),
    [
        ("todo-comments", {"kind": "FIXME"}, "FIXME"),
        ("todo-comments", {"kind": "TODO", "new": True}, "new TODO"),
        ("todo-comments", {"kind": "TODO", "new": False}, None),
        ("issues", {"kind": "issue", "stale": True, "urgent": True}, "urgent issue"),
        ("issues", {"kind": "duplicate"}, "likely duplicate"),
        ("issues", {"kind": "issue", "stale": False}, None),
        ("pull-requests", {"traits": ["unreviewed", "stale"]}, "stale pull request"),
        ("pull-requests", {"traits": ["failing"], "draft": True}, None),
        ("pull-requests", {"traits": ["large"]}, None),
        ("coverage-report", {"kind": "least", "line_rate": 80.0}, None),
        ("coverage-report", {"kind": "drift", "points": 2.0}, None),
        ("coverage-report", {"kind": "drift", "points": -2.0}, "fall of coverage"),
        ("open-decisions", {"kind": "open", "days": 121}, "decision open for 30 days or more"),
        ("open-decisions", {"kind": "open", "days": 3}, "open decision"),
        ("changes-since-tag", {"kind": "feat", "breaking": True, "commit": "abc"}, "breaking change"),
        ("changes-since-tag", {"kind": "feat", "breaking": 2}, None),
        ("data-profile", {"kind": "drift", "change": "columns added"}, "added column"),
        ("data-profile", {"kind": "profile"}, None),
        ("untested-changes", {"kind": "other_tests"}, None),
        ("dependency-manifests", {"kind": "manifest"}, None),
    ],
)
def test_what_a_fact_asks_for(collector: str, data: dict[str, Any], said: str | None) -> None:
    found = finding_of(collector, Item(f"{collector}.1", "", data))

    assert (found.one if found else None) == said


def test_every_kind_that_is_known_is_one_that_a_collector_gives() -> None:
    room = Path(finding_kinds.__file__).parent
    code = "\n".join(path.read_text() for path in sorted(room.rglob("*.py")) if path.name != "finding_kinds.py")
    kinds = {kind for known in finding_kinds.KINDS.values() for kind in known}

    assert set(finding_kinds.KINDS) <= set(NAMES)
    assert {kind for kind in kinds if not re.search(f'"{kind}"', code)} == set()
