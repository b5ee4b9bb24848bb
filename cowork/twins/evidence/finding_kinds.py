"""What each collector may find: what each kind of finding is called, and how soon it wants somebody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

Urgency = Literal[1, 2, 3]
"""3: something is broken, or somebody is held up, now. 2: it will be. 1: it is worth somebody's time."""


class Finding(NamedTuple):
    """What a fact asks for; `one` and `more` name it, singular and plural."""

    urgency: Urgency
    one: str
    more: str = ""


KINDS: Mapping[str, Mapping[str, Finding]] = {
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
PULLS = {
    "failing": Finding(2, "pull request with failing checks", "pull requests with failing checks"),
    "conflicts": Finding(2, "pull request with conflicts", "pull requests with conflicts"),
    "security": Finding(3, "security update that waits", "security updates that wait"),
    "ready": Finding(2, "pull request ready to merge", "pull requests ready to merge"),
    "changes requested": Finding(2, "pull request sent back", "pull requests sent back"),
    "stale": Finding(2, "stale pull request"),
    "unreviewed": Finding(1, "pull request that waits for a review", "pull requests that wait for a review"),
}
ISSUES = {
    "urgent": Finding(3, "urgent issue"),
    "unowned_bug": Finding(2, "bug that nobody has", "bugs that nobody has"),
    "untriaged": Finding(2, "untriaged issue"),
    "duplicate": Finding(1, "likely duplicate"),
    "stale": Finding(1, "stale issue"),
}
