"""Digests: one line that says what is up, then the evidence, then what is missing."""

from __future__ import annotations

from typing import Any

from cowork.twins.beats.digest import bottom_line, digest
from cowork.twins.evidence.findings import Evidence, Item
from cowork.twins.results import bottom_line as listed_as


def evidence(collector: str, *facts: tuple[str, dict[str, Any]]) -> Evidence:
    items = [Item(f"{collector}.{number}", text, data) for number, (text, data) in enumerate((("Summed up.", {}), *facts))]
    return Evidence(collector, "ok", "Summed up.", "", "", {}, tuple(items), len(facts), None, "", 0.0, cached=False)


def missing(collector: str, reason: str = "there is no remote", hint: str = "add one") -> Evidence:
    return Evidence(collector, "unavailable", "", reason, hint, {}, (), 0, None, "", 0.0, cached=False)


FAILS = ("t::a fails", {"kind": "failing"})
SLOW = ("t::b is slow", {"kind": "slow"})
GAP = ("a.py: no test", {"kind": "no_test_found"})
LEAST = ("b.py: 1 of 9 lines not run", {"kind": "least", "line_rate": 88.8})


def test_it_begins_with_what_was_found_and_the_first_of_it_and_ends_with_what_is_missing() -> None:
    text = digest("Tests", [evidence("untested-changes", GAP), missing("ci-runs"), missing("issues")], "there is no model")

    assert text.split("\n\n") == [
        "# Tests",
        "**1 file changed without a test.** First: a.py: no test [untested-changes.1]. Not available: ci-runs, issues.",
        "_A digest of the evidence alone: there is no model._",
        "**untested-changes**: Summed up [untested-changes.0]\n- a.py: no test [untested-changes.1]",
        "**Not available**\n- ci-runs, issues: there is no remote (add one)",
    ]


def test_what_is_broken_elsewhere_is_told_beside_the_first_of_the_task() -> None:
    line = bottom_line([evidence("untested-changes", GAP), evidence("test-reports", SLOW, FAILS)])

    assert line == (
        "**1 file changed without a test and 1 failing test.** First: a.py: no test [untested-changes.1]. "
        "Also now: t::a fails [test-reports.2]."
    )
    assert "Also" not in bottom_line([evidence("test-reports", FAILS, FAILS)])
    flaky = ("t::c is flaky", {"kind": "flaky"})
    assert "Also" not in bottom_line([evidence("untested-changes", GAP), evidence("test-reports", flaky)])


def test_without_findings_the_summary_is_the_bottom_line() -> None:
    assert bottom_line([evidence("coverage-report", LEAST)]) == "No findings. Summed up [coverage-report.0]."


def test_what_a_task_is_about_being_missing_is_the_bottom_line() -> None:
    assert bottom_line([missing("pull-requests"), evidence("git-activity")]) == (
        "pull-requests is not available: there is no remote. No findings in git-activity."
    )
    assert bottom_line([missing("issues"), missing("ci-runs")]) == "Nothing could be collected: there is no remote."
    assert bottom_line([]).startswith("Nothing to say")


def test_findings_come_before_context_which_only_the_first_collector_shows() -> None:
    main, beside = evidence("test-reports", SLOW, FAILS), evidence("coverage-report", LEAST)

    lines = digest("Tests", [main, beside], "x").splitlines()

    assert [line for line in lines if line.startswith("- ")] == [
        "- t::a fails [test-reports.2]",
        "- t::b is slow [test-reports.1]",
    ]


def test_what_is_not_shown_is_counted_with_the_way_to_see_it() -> None:
    text = digest("Tests", [evidence("untested-changes", *[GAP] * 9), evidence("test-reports", *[FAILS] * 5)], "x")

    assert text.count("a.py: no test [") == 6 + 1
    assert "- ... 3 more: `cowork evidence run untested-changes`" in text
    assert "- ... 2 more: `cowork evidence run test-reports`" in text


def test_lists_show_the_bottom_line_of_a_digest_and_of_an_answer() -> None:
    assert listed_as(digest("T", [missing("issues")], "x")) == "Nothing could be collected: there is no remote."
    assert listed_as("# Brief\n\n1. **Bottom line:** all is well [issues.1]\n2. Next") == "all is well [issues.1]"
    assert listed_as("## Title\n\n_so it was made_\n\n- **one** thing") == "one thing"
    assert listed_as("# Only a title") == "# Only a title"
