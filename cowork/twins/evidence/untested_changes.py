"""Source files that changed lately while no test of theirs did.

By names, imports and history: this is not measured coverage.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from cowork.twins.evidence.findings import Fact, Findings
from cowork.twins.evidence.history import Commit, recent
from cowork.twins.evidence.imports import Imports
from cowork.twins.evidence.look import Look
from cowork.twins.evidence.pairing import Pairing, family, is_source, is_test
from cowork.twins.evidence.phrases import ago, lines, many, some

TOGETHER = timedelta(days=1)
"""A test that changed at most this long before the code was written first."""


@dataclass
class _File:
    """A source file and the commits in which it changed, the newest first."""

    path: str
    commits: list[Commit] = field(default_factory=list)
    added: int = 0
    removed: int = 0


@dataclass(frozen=True)
class _Gap:
    """A file that changed without its `tests`; `near` are others of its directory that changed in the same commits."""

    file: _File
    tests: tuple[str, ...]
    near: tuple[str, ...]

    @property
    def rank(self) -> tuple[bool, int, str]:
        """The most churn first; after all others what some test nearby changed with."""
        return bool(self.near), -(self.file.added + self.file.removed), self.file.path


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
    counted = {
        "source_files_changed": len(files),
        "without_test_change": len(gaps),
        "without_any_test": sum(not gap.tests for gap in gaps),
        "tests_inside": len(inline),
        "period": seen.words,
    }
    summary = (
        f"{len(gaps):,} of {many(len(files), 'source file')} changed in {seen.words} without a change of a test of theirs"
        " (by names, imports and history; this is not measured coverage)"
    )
    cut = (f"commits beyond the last {len(seen.commits):,}",) if seen.cut else ()
    beside = (f"tests inside source files, whose changes names do not show ({len(inline)})",) if inline else ()
    return Findings(summary, tuple(_fact(gap, look) for gap in gaps), counted, None, (*cut, *beside))


def _changed_at(commits: tuple[Commit, ...]) -> dict[str, list[Commit]]:
    found: dict[str, list[Commit]] = defaultdict(list)
    for commit in commits:
        for change in commit.changes:
            found[change.path].append(commit)
    return found


def _gap(path: str, tests: Pairing, imports: Imports, changed_at: dict[str, list[Commit]]) -> _Gap | None:
    """The changes of a file after which no test of it changed, and none did shortly before; None when there are none."""
    about = tuple(dict.fromkeys([*tests.of(path), *imports.of(path)]))
    latest = max((commit.at for test in about for commit in changed_at.get(test, ())), default=None)
    file = _File(path)
    for commit in changed_at[path]:
        if latest is not None and commit.at <= latest + TOGETHER:
            break
        change = next(change for change in commit.changes if change.path == path)
        if change.lines:  # a mere move, or a change of mode, needs no test
            file.commits.append(commit)
            file.added += change.added or 0
            file.removed += change.removed or 0
    if not file.commits:
        return None
    places = set(tests.near(path))
    near = {
        change.path for commit in file.commits for change in commit.changes if change.path in places and is_test(change.path)
    }
    return _Gap(file, about, tuple(sorted(near)))


def _fact(gap: _Gap, look: Look) -> Fact:
    file, last = gap.file, gap.file.commits[0]
    why = f"{some(gap.tests)} did not change with it" if gap.tests else "no test found"
    if gap.near:
        why += f", though {some(gap.near)} changed in the same commits"
    size = f"{lines(file.added, file.removed)} in {many(len(file.commits), 'commit')}"
    text = f"{file.path}: {size}, last {ago(last.at, look.now)} by {last.author} ({last.subject}); {why}"
    data = {
        "path": file.path,
        "kind": "test_unchanged" if gap.tests else "no_test_found",
        "tests": list(gap.tests[:5]),
        "near": list(gap.near[:5]),
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
