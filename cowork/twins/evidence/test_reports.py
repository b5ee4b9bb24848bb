"""Reports of tests as JUnit XML: what fails, what is flaky, what is slow, what is skipped."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from cowork.core.clock import rfc3339
from cowork.twins.evidence import previous
from cowork.twins.evidence.artifacts import Artifact, contents, find
from cowork.twins.evidence.findings import CannotCollect, Fact, Findings
from cowork.twins.evidence.junit import NotJunit, parse
from cowork.twins.evidence.look import Look
from cowork.twins.evidence.test_runs import Run, Seen, entry, gather, past_of
from cowork.twins.evidence.wording import day, duration, listed, many, minute, quoted, text

NAME = "test-reports"
MOST_FILES = 400
MOST_BYTES = 16 * 1024 * 1024
MOST_FACTS = 100
_SLOW_SECONDS = 1.0
_MOST_SLOW = 5
_FILE = re.compile(
    r"(?:.*junit.*|.*xunit.*|tests?[-_.].*|.*[-_.]tests?|.*test[-_]?(?:results?|reports?).*|nosetests|rspec.*|pytest.*)\.xml",
    re.I,
)
_PLACE = re.compile(r"(?:junit|(?:test|surefire|failsafe)[-_]?(?:results?|reports?)|reports?)", re.I)


def collect(look: Look) -> Findings:
    """Failing tests, those that began to fail last first; then flaky, unreadable reports, slow and skipped tests.

    Flaky is what failed and passed in one report, or changed at least twice from one report to the next. Raises CannotCollect
    when there is no report.
    """
    artifacts = find(look, _may_be_report, MOST_FILES)
    runs = _runs(look, artifacts)
    if not runs:
        raise CannotCollect(
            "there is no JUnit report in the workspace", "write one, for example: pytest --junitxml=test-results/junit.xml"
        )
    known = previous.recall(look.root, NAME)
    here = {run.name: run for run in runs}
    past = {
        name: [past_of(stored) for stored in entries if stored["digest"] != here[name].digest and stored["at"] <= here[name].at]
        for name, entries in known.items()
        if name in here
    }
    tests = gather(runs, past)
    previous.remember(look.root, NAME, {run.name: [entry(run)] for run in runs if not run.report.broken})
    return _findings(runs, tests)


def _may_be_report(directories: tuple[str, ...], name: str) -> bool:
    if not name.casefold().endswith(".xml"):
        return False
    return _FILE.fullmatch(name) is not None or any(_PLACE.fullmatch(part) for part in directories)


def _runs(look: Look, artifacts: list[Artifact]) -> list[Run]:
    """The reports among the files, as many as time and bounds allow, the latest first."""
    runs: list[Run] = []
    for artifact, data in contents(look, artifacts, MOST_BYTES):
        try:
            report = parse(data)
        except NotJunit:
            continue
        written = datetime.fromtimestamp(artifact.mtime, UTC)
        at = rfc3339(report.at or written)
        runs.append(Run(artifact.name, at, previous.digest(data), report, written))
    return runs


def _findings(runs: list[Run], tests: dict[str, Seen]) -> Findings:
    failing = sorted((test for test in tests.values() if test.fails), key=lambda test: (test.failing_for, test.last.id))
    flaky = sorted((test for test in tests.values() if test.flaky), key=lambda test: (-test.changes, test.last.id))
    skipped = [test for test in tests.values() if test.last.outcome == "skipped"]
    slow = sorted((test for test in tests.values() if test.last.seconds >= _SLOW_SECONDS), key=lambda test: -test.last.seconds)
    broken = [run for run in runs if run.report.broken]
    facts = [
        *map(_failing, failing[:MOST_FACTS]),
        *map(_flaky, [test for test in flaky if not test.fails][:MOST_FACTS]),
        *map(_broken, broken),
        *map(_slow, slow[:_MOST_SLOW]),
        *_skipped(skipped),
    ]
    latest = max(run.written for run in runs)
    total = len(facts) + max(0, len(failing) - MOST_FACTS)
    figures = {
        "reports": len(runs),
        "broken_reports": len(broken),
        "tests": len(tests),
        "passed": sum(test.last.outcome == "passed" for test in tests.values()),
        "failed": len(failing),
        "skipped": len(skipped),
        "flaky": len(flaky),
        "seconds": round(sum(test.last.seconds for test in tests.values()), 3),
        "latest": rfc3339(latest),
    }
    return Findings(_summary(figures, minute(latest)), tuple(facts[:MOST_FACTS]), figures, total=total)


def _failing(test: Seen) -> Fact:
    last = test.last
    since = ""
    if len(test.series) > 1:
        passed_before = test.failing_for < len(test.series)
        since = " in the latest report" if test.failing_for == 1 else f" in the last {test.failing_for} reports"
        since += ", having passed before" if passed_before else ""
    flaky = f", flaky: {_changes(test)}" if test.flaky else ""
    again = f", {many(last.failed_before, 'more attempt')} failed too" if last.failed_before else ""
    message = quoted(last.message, 200)
    why = message or "it does not say why"
    words = f"{_named(test)} fails{since}{again}{flaky} ({_where(test.run)}): {why}"
    return Fact(words, {"kind": "failing", **_data(test), "message": message, "failing_for": test.failing_for})


def _flaky(test: Seen) -> Fact:
    return Fact(f"{_named(test)} is flaky: {_changes(test)} ({_where(test.run)})", {"kind": "flaky", **_data(test)})


def _changes(test: Seen) -> str:
    if test.failed_and_passed:
        failures = test.last.failed_before or sum(case.outcome == "failed" for case in test.cases)
        return f"it failed {many(failures, 'time')} and passed in one report"
    return f"it passed in {sum(test.series)} of the last {len(test.series)} reports and changed {test.changes} times"


def _broken(run: Run) -> Fact:
    kept = many(len(run.report.cases), "test")
    words = f"{_where(run)} cannot be read to its end ({text(run.report.broken)}); {kept} before that {_are(run)} counted"
    return Fact(words, {"kind": "broken", "report": text(run.name, 300), "tests": len(run.report.cases)})


def _are(run: Run) -> str:
    return "is" if len(run.report.cases) == 1 else "are"


def _slow(test: Seen) -> Fact:
    return Fact(f"{_named(test)} takes {duration(test.last.seconds)}", {"kind": "slow", **_data(test)})


def _skipped(tests: list[Seen]) -> list[Fact]:
    """One fact, with the most frequent reasons."""
    if not tests:
        return []
    told = Counter(test.last.message for test in tests if test.last.message).most_common(3)
    reasons = [(quoted(reason, 80), number) for reason, number in told]
    why = f": {listed(f'{reason} ({number})' for reason, number in reasons)}" if reasons else ""
    return [
        Fact(f"{many(len(tests), 'test')} skipped{why}", {"kind": "skipped", "tests": len(tests), "reasons": dict(reasons)})
    ]


def _data(test: Seen) -> dict[str, Any]:
    return {
        "test": test.last.id,
        "report": text(test.run.name, 300),
        "seconds": test.last.seconds,
        "runs": len(test.series) or 1,
        "changes": test.changes,
        "flaky": test.flaky,
    }


def _named(test: Seen) -> str:
    return text(test.last.id, 120)


def _where(run: Run) -> str:
    return f"{text(run.name, 80)} of {day(run.written)}"


def _summary(figures: dict[str, Any], latest: str) -> str:
    parts = [f"{figures['failed']} failing", f"{figures['flaky']} flaky", f"{figures['skipped']} skipped"]
    if figures["broken_reports"]:
        parts.append(f"{many(figures['broken_reports'], 'report')} cannot be read to the end")
    known = f"{many(figures['tests'], 'test')} in {many(figures['reports'], 'report')}"
    took = f"{duration(figures['seconds'])} together"
    return f"{known}: {', '.join(parts)}; {took}; the latest report is of {latest}"
