"""Coverage reports of a workspace, by the names that its files have in it, and what is remembered of former ones."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cowork.core.clock import rfc3339
from cowork.twins.evidence import previous
from cowork.twins.evidence.artifacts import Artifact, contents
from cowork.twins.evidence.coverage_formats import parse
from cowork.twins.evidence.covered import Covered, NotCoverage, Report
from cowork.twins.evidence.look import Look

MOST_BYTES = 32 * 1024 * 1024
_LONGEST_PATH = 4000
_MOST_REMEMBERED = 2000


@dataclass(frozen=True)
class Run:
    """A report that is here."""

    name: str
    at: datetime
    digest: str
    report: Report

    @property
    def total(self) -> Covered:
        """All of its files together."""
        return sum(self.report.files.values(), Covered())


def read_runs(look: Look, artifacts: list[Artifact]) -> list[Run]:
    """The reports among the files, the latest first."""
    runs: list[Run] = []
    for artifact, data in contents(look, artifacts, MOST_BYTES):
        try:
            report = parse(data)
        except NotCoverage:
            continue
        report = replace(report, files=_in_workspace(look.root, report))
        written = datetime.fromtimestamp(artifact.mtime, UTC)
        at = report.at if report.at is not None and report.at <= look.now else written
        runs.append(Run(artifact.name, at, previous.digest(data), report))
    return sorted(runs, key=lambda run: run.at, reverse=True)


def _in_workspace(root: Path, report: Report) -> dict[str, Covered]:
    """The files by their names in the workspace, as far as they are in it: tools name one file in several ways."""
    top = str(root)
    sources = [
        "",
        *(source for source in map(os.path.normpath, report.sources) if not source.startswith("/") or source.startswith(top)),
    ]
    found: dict[str, Covered] = {}
    for name, covered in report.files.items():
        places = [os.path.normpath(os.path.join(top, source, name)) for source in sources]  # noqa: PTH118 - as text: hostile
        inside = [place[len(top) + 1 :] for place in places if place.startswith(f"{top}/") and len(place) < _LONGEST_PATH]
        there = next((place for place in inside if os.path.lexists(f"{top}/{place}")), None)
        own = there or name
        found[own] = found[own] + covered if own in found else covered
    return found


def entry(run: Run) -> dict[str, Any]:
    """What is remembered of a report: counts only, of files those with most lines not run first."""
    most = sorted(run.report.files.items(), key=lambda item: -item[1].missed)[:_MOST_REMEMBERED]
    total = run.total
    return {
        "digest": run.digest,
        "at": rfc3339(run.at),
        "total": [total.lines, total.lines_run, total.branches, total.branches_run],
        "files": {name: [covered.lines, covered.lines_run] for name, covered in most},
    }


def last_before(run: Run, entries: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The last entry of another content that is no later than the report."""
    at = rfc3339(run.at)
    return next((entry for entry in reversed(entries) if entry["digest"] != run.digest and entry["at"] <= at), None)


def counts(value: Any) -> Covered:
    """Counts as they are remembered; none for what is none."""
    if not isinstance(value, list) or len(value) > 4 or not all(type(item) is int and item >= 0 for item in value):
        return Covered()
    return Covered(*value)
