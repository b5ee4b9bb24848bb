"""Source files that changed lately while no test of theirs did.

By names, imports and history: this is not measured coverage.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cowork.core.text import one_line
from cowork.twins.evidence.findings import Fact, Findings
from cowork.twins.evidence.history import Commit, recent
from cowork.twins.evidence.imports import Imports
from cowork.twins.evidence.look import Look
from cowork.twins.evidence.pairing import Pairing, family, is_source, is_test
from cowork.twins.evidence.wording import ago, lines, listed, many

_SUBJECT = 60
TOGETHER = timedelta(days=1)
"""A test that changed at most this long before the code was written first; one nearby that did so also after it counts, too."""


@dataclass
class _File:
    """A source file and the commits in which it changed, the newest first."""

    path: str
    commits: list[Commit] = field(default_factory=list)
    added: int = 0
    removed: int = 0


@dataclass(frozen=True)
class _Gap:
    """A file whose own `tests` did not change with it; `beside` are others that did, in each of its commits.

    The commits of the file are those that no test changed beside; all of them where there is no such commit.
    """

    file: _File
    tests: tuple[str, ...]
    beside: tuple[str, ...]

    @property
    def rank(self) -> tuple[bool, int, str]:
        """The most churn first; after all others what some test changed with."""
        return bool(self.beside), -(self.file.added + self.file.removed), self.file.path


def collect(look: Look) -> Findings:
    """Of the last two weeks, else of the last fifty commits. Raises CannotCollect without commits."""
    seen = recent(look)
    present = set(look.files)
    tests = Pairing(sorted(present))
    imports = Imports(look, tests.paths)
    changed_at = _changed_at(seen.commits)
    files = {change.path for commit in seen.commits for change in commit.changes if is_source(change.path)} & present
    inline = _tested_inside(look, files)
    gaps = []
    for path in look.in_time(sorted(files - inline), "source files"):
        gap = _gap(path, tests, imports, changed_at)
        if gap is not None:
            gaps.append(gap)
    gaps.sort(key=lambda gap: gap.rank)
    alone = sum(not gap.beside for gap in gaps)
    counted = {
        "source_files_changed": len(files),
        "without_test_change": alone,
        "with_other_tests_only": len(gaps) - alone,
        "without_own_test": sum(not gap.tests for gap in gaps),
        "tests_inside": len(inline),
        "period": seen.words,
    }
    cut = (f"commits beyond the last {len(seen.commits):,}",) if seen.cut else ()
    beside = (f"tests inside source files, whose changes names do not show ({len(inline)})",) if inline else ()
    return Findings(_summary(counted), tuple(_fact(gap, look) for gap in gaps), counted, None, (*cut, *beside))


def _changed_at(commits: tuple[Commit, ...]) -> dict[str, list[Commit]]:
    found: dict[str, list[Commit]] = defaultdict(list)
    for commit in commits:
        for change in commit.changes:
            found[change.path].append(commit)
    return found


def _summary(counted: dict[str, Any]) -> str:
    files, period = many(counted["source_files_changed"], "source file"), counted["period"]
    if not counted["source_files_changed"]:
        return f"No source file changed in {period}"
    text = f"{counted['without_test_change']:,} of {files} changed in {period} without a change of any test"
    if counted["with_other_tests_only"]:
        text += f", {counted['with_other_tests_only']:,} more only beside other tests"
    return f"{text} (by names, imports and history; this is not measured coverage)"


def _gap(path: str, tests: Pairing, imports: Imports, changed_at: dict[str, list[Commit]]) -> _Gap | None:
    """The changes of a file after which no test of it changed, and none did shortly before; None when there are none."""
    about = tuple(dict.fromkeys([*tests.of(path), *imports.of(path)]))
    latest = max((commit.at for test in about for commit in changed_at.get(test, ())), default=None)
    later = [commit for commit in changed_at[path] if latest is None or commit.at > latest + TOGETHER]
    sizes = {commit.hash: change for commit in later for change in commit.changes if change.path == path}
    later = [commit for commit in later if sizes[commit.hash].lines]  # a mere move, or a change of mode, needs no test
    if not later:
        return None
    near = [(commit.at, test) for test in tests.near(path) for commit in changed_at.get(test, ())]
    beside = {commit.hash: _beside(commit, family(path), near) for commit in later}
    alone = [commit for commit in later if not beside[commit.hash]]
    file = _File(path)
    for commit in alone or later:
        file.commits.append(commit)
        file.added += sizes[commit.hash].added or 0
        file.removed += sizes[commit.hash].removed or 0
    return _Gap(file, about, () if alone else tuple(dict.fromkeys(name for names in beside.values() for name in names)))


def _beside(commit: Commit, kind: str, near: list[tuple[datetime, str]]) -> list[str]:
    """The tests in the language of a file that changed in a commit, and those `near` it that did within a day of it."""
    with_it = {change.path for change in commit.changes if family(change.path) == kind and is_test(change.path)}
    return sorted(with_it | {test for at, test in near if abs(at - commit.at) <= TOGETHER})


def _fact(gap: _Gap, look: Look) -> Fact:
    file, last = gap.file, gap.file.commits[0]
    why = f"{listed(gap.tests, 3)} did not change with it" if gap.tests else "no test is named after it or imports it"
    if gap.beside:
        why += f"; {listed(gap.beside, 2)} changed beside it"
    size = f"{lines(file.added, file.removed)} in {many(len(file.commits), 'commit')}"
    text = f"{file.path}: {size}, last {ago(last.at, look.now)} by {last.author} ({one_line(last.subject, _SUBJECT)}); {why}"
    data = {
        "path": file.path,
        "kind": "other_tests" if gap.beside else "test_unchanged" if gap.tests else "no_test_found",
        "tests": list(gap.tests[:5]),
        "beside": list(gap.beside[:5]),
        "added": file.added,
        "removed": file.removed,
        "commits": [commit.hash for commit in file.commits[:10]],
        "commits_total": len(file.commits),
        "last_at": last.at.isoformat(),
        "fixes": [commit.subject for commit in file.commits if commit.subject.lower().startswith(("fix", "bug", "hotfix"))][:3],
    }
    return Fact(text, data)


def _tested_inside(look: Look, files: set[str]) -> set[str]:
    """Rust files that hold their own tests, as is the custom there."""
    rust = sorted(path for path in files if family(path) == "rust")
    return {path for path in rust if "#[cfg(test)]" in (look.read(path) or "")}
