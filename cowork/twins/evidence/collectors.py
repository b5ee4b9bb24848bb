"""The collectors there are, as data: listing them imports none."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Literal, NamedTuple

from cowork.core.errors import NotFound
from cowork.core.text import did_you_mean
from cowork.twins.evidence.findings import Findings
from cowork.twins.evidence.look import Look

Collect = Callable[[Look], Findings]
Basis = Literal["tree", "history", "refs", "day", "ignored", "network"]


class Collector(NamedTuple):
    """A collector: where its code is, what it finds, what it needs, and what its result depends on.

    `basis`: `tree`, the files that are not ignored; `history`, the commits; `refs`, tags and branches; `day`, today's date;
    `ignored`, files that git does not see; `network`, somebody else's answer, which is never kept.
    """

    name: str
    target: str
    help: str
    needs: str
    basis: tuple[Basis, ...]

    def collect(self, look: Look) -> Findings:
        """Look. Raises CannotCollect, OutOfTime and whatever its bugs raise."""
        module, _, name = self.target.partition(":")
        function: Collect = getattr(import_module(f"cowork.twins.evidence.{module}"), name)
        return function(look)


COLLECTORS = (
    Collector("git-activity", "git_activity:collect", "Commits by author and area.", "git", ("history", "refs", "day")),
    Collector(
        "untested-changes", "untested_changes:collect", "Changed files no test changed with.", "git", ("tree", "history", "day")
    ),
    Collector(
        "todo-comments", "todo_comments:collect", "TODO, FIXME and HACK with age and author.", "", ("tree", "history", "day")
    ),
    Collector("dependency-manifests", "manifests:collect", "Declared dependencies, pins, duplicates, licences.", "", ("tree",)),
    Collector("doc-freshness", "doc_freshness:collect", "Documents older than the code they name.", "git", ("tree", "history")),
    Collector("broken-links", "broken_links:collect", "Relative links that lead nowhere.", "", ("tree",)),
    Collector(
        "open-decisions", "open_decisions:collect", "Decision records that are still open.", "", ("tree", "history", "day")
    ),
    Collector(
        "changes-since-tag",
        "changes_since_tag:collect",
        "Changes since the last tag.",
        "git",
        ("tree", "history", "refs", "day"),
    ),
    Collector("pull-requests", "pull_requests:collect", "Open pull requests, reviews and checks.", "gh", ("network",)),
    Collector("issues", "issues:collect", "Open issues.", "gh", ("network",)),
    Collector("ci-runs", "ci_runs:collect", "Latest runs of CI.", "gh", ("network",)),
    Collector("test-reports", "test_reports:collect", "Failing, flaky and slow tests of JUnit reports.", "", ("ignored",)),
    Collector(
        "coverage-report", "coverage_report:collect", "Least covered files of a coverage report.", "", ("ignored", "history")
    ),
    Collector("data-profile", "data_profile:collect", "Nulls, types, outliers and drift of CSV files.", "", ("ignored",)),
)
"""Every collector there is, in the order of `evidence list`."""

NAMES = tuple(collector.name for collector in COLLECTORS)


def find(name: str) -> Collector:
    """The collector with this name. Raises `evidence.not_found` with a suggestion."""
    for collector in COLLECTORS:
        if collector.name == name:
            return collector
    hint = did_you_mean(name, NAMES, f"there are: {', '.join(NAMES)}")
    raise NotFound("evidence.not_found", f"there is no collector '{name}'", hint=hint, details={"collector": name})
