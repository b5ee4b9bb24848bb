"""Coverage reports: how much of the code tests run, where least of it, and what changed since the last report."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cowork.twins.evidence import previous
from cowork.twins.evidence.artifacts import find
from cowork.twins.evidence.coverage_runs import Run, counts, entry, last_before, read_runs
from cowork.twins.evidence.covered import Covered
from cowork.twins.evidence.findings import CannotCollect, Fact, Findings
from cowork.twins.evidence.look import Look
from cowork.twins.evidence.wording import age, hours_since, many, minute, moment, text

NAME = "coverage-report"
MOST_FILES = 50
_MOST_LEAST = 20
_MOST_FELL = 10
_FELL_POINTS, _FELL_LINES = 5.0, 5
"""By how much a file's coverage has to fall to be told: per cent, and lines that are not run now."""
_LARGER = 0.05  # smaller changes of the total are the rounding of tools
_XML = re.compile(r"(?:.*coverage.*|.*cobertura.*|.*jacoco.*)\.xml|lcov.*\.info|.*\.lcov|coverage\.info", re.IGNORECASE)


def collect(look: Look) -> Findings:
    """What fell since the last report, whether a report is older than the code, then the files with most lines not run.

    A file that several reports tell of counts as the latest of them tells it. Raises CannotCollect without a report.
    """
    runs = read_runs(look, find(look, lambda _, name: _XML.fullmatch(name) is not None, MOST_FILES))
    if not runs:
        hint = "write one, for example: coverage xml, or pytest --cov --cov-report=xml"
        raise CannotCollect("there is no Cobertura, JaCoCo or lcov report in the workspace", hint)
    known = previous.recall(look.root, NAME)
    committed = _committed(look)
    previous.remember(look.root, NAME, {run.name: [entry(run)] for run in runs if not run.report.broken})
    files: dict[str, Covered] = {}
    for run in reversed(runs):
        files.update(run.report.files)
    befores = [(run, last_before(run, known.get(run.name, []))) for run in runs]
    fell = [fact for run, before in befores if before for fact in _fell(run, before)]
    old = [fact for run in runs if (fact := _old(run, committed))]
    least = sorted((item for item in files.items() if item[1].missed > 0), key=lambda item: (-item[1].missed, item[0]))
    drift = [fact for run, before in befores if before for fact in _drift(run, before)]
    facts = [*drift, *old, *fell, *map(_broken, (run for run in runs if run.report.broken)), *map(_least, least[:_MOST_LEAST])]
    figures = _figures(runs, files)
    total = len(facts) + max(0, len(least) - _MOST_LEAST)
    return Findings(_summary(figures, runs), tuple(facts), figures, total=total)


def _committed(look: Look) -> datetime | None:
    """When the commit that is checked out was made."""
    if look.head is None:
        return None
    done = look.git("show", "-s", "--format=%cI", look.head)
    return moment(done.text) if done.ok else None


def _drift(run: Run, before: Mapping[str, Any]) -> list[Fact]:
    """One fact when the total changed, worded as what it did."""
    was, now = counts(before.get("total")), run.total
    if was.line_rate is None or now.line_rate is None:
        return []
    points = round(100 * now.lines_run / now.lines - 100 * was.lines_run / was.lines, 2)
    if abs(points) < _LARGER:
        return []
    words = f"line coverage {'fell' if points < 0 else 'rose'} by {abs(points):.1f} points to {now.line_rate} %"
    since = f"since the report of {str(before['at'])[:10]}"
    data = {"kind": "drift", "report": _where(run), "points": points, "line_rate": now.line_rate, "before": was.line_rate}
    return [Fact(f"{words} {since} ({_where(run)})", data)]


def _fell(run: Run, before: Mapping[str, Any]) -> list[Fact]:
    """Files of which clearly less is run than before."""
    known = before.get("files")
    found = []
    for name, now in run.report.files.items():
        was = counts(known.get(name)) if isinstance(known, dict) else Covered()
        if was.line_rate is None or now.line_rate is None:
            continue
        points = round(now.line_rate - was.line_rate, 1)
        if points <= -_FELL_POINTS and now.missed - was.missed >= _FELL_LINES:
            words = f"{_short(name)}: line coverage fell from {was.line_rate} to {now.line_rate} %"
            found.append((now.missed - was.missed, Fact(words, {"kind": "fell", "file": name, "points": points})))
    found.sort(key=lambda item: (-item[0], item[1].text))
    return [fact for _, fact in found[:_MOST_FELL]]


def _old(run: Run, committed: datetime | None) -> Fact | None:
    if committed is None or run.at >= committed:
        return None
    hours = hours_since(run.at, committed)
    return Fact(
        f"{_where(run)} is {age(hours)} older than the last commit: it may not tell of the code as it is",
        {"kind": "old", "report": _where(run), "hours_before_commit": hours},
    )


def _broken(run: Run) -> Fact:
    words = f"{_where(run)} cannot be read to its end ({text(run.report.broken)})"
    return Fact(words, {"kind": "broken", "report": _where(run)})


def _least(item: tuple[str, Covered]) -> Fact:
    name, covered = item
    branches = f", {covered.branch_rate} % of {covered.branches} branches run" if covered.branches else ""
    lines = many(covered.lines, "line")
    return Fact(
        f"{_short(name)}: {covered.missed} of {lines} not run ({covered.line_rate} % run{branches})",
        {"kind": "least", "file": name, **vars(covered), "line_rate": covered.line_rate, "branch_rate": covered.branch_rate},
    )


def _figures(runs: list[Run], files: Mapping[str, Covered]) -> dict[str, Any]:
    total = sum(files.values(), Covered())
    return {
        "reports": len(runs),
        "formats": sorted({run.report.format for run in runs}),
        "files": len(files),
        "lines": total.lines,
        "lines_run": total.lines_run,
        "line_rate": total.line_rate,
        "branches": total.branches,
        "branches_run": total.branches_run,
        "branch_rate": total.branch_rate,
        "files_not_run": sum(covered.lines > 0 and covered.lines_run == 0 for covered in files.values()),
    }


def _summary(figures: dict[str, Any], runs: list[Run]) -> str:
    lines = f"{figures['line_rate']} % of {many(figures['lines'], 'line')}" if figures["lines"] else "no lines"
    branches = (
        f" and {figures['branch_rate']} % of {many(figures['branches'], 'branch', 'branches')}" if figures["branches"] else ""
    )
    known = f"{lines}{branches} run in {many(figures['files'], 'file')}"
    return f"{known}; {figures['files_not_run']} not at all; the latest report is of {minute(runs[0].at)}"


def _where(run: Run) -> str:
    return text(run.name, 80)


def _short(name: str) -> str:
    """A file's name, of a long one its end."""
    return name if len(name) <= 120 else f"…{name[-119:]}"
