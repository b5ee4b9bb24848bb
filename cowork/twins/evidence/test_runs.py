"""What became of each test over several runs of it: those of reports that are here, and those that are remembered."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cowork.twins.evidence.junit import Case, Report

_MARK = 8
_MOST_REMEMBERED = 20_000
_FEWEST_CHANGES = 2
"""A test that changed once was broken or mended; from two changes on it is flaky, or somebody is at work on it."""


@dataclass(frozen=True)
class Run:
    """A report: where, when its tests ran (RFC 3339), its content's digest, what it says, and when it was written."""

    name: str
    at: str
    digest: str
    report: Report
    written: datetime


@dataclass(frozen=True)
class Past:
    """What is remembered of a run: which tests failed, and marks of those that passed."""

    at: str
    failed: frozenset[str]
    passed: frozenset[str]

    def outcome(self, id: str, mark: str) -> bool | None:
        """Whether a test passed; None when it did not run."""
        return False if id in self.failed else True if mark in self.passed else None


@dataclass
class Seen:
    """A test as the latest report tells it that holds it, and how it fared before: True for passed, oldest first."""

    run: Run
    last: Case
    cases: list[Case] = field(default_factory=list)
    series: list[bool] = field(default_factory=list)

    @property
    def fails(self) -> bool:
        """Whether it failed when it ran last."""
        return self.last.outcome == "failed"

    @property
    def changes(self) -> int:
        """How often it changed between passing and failing from one run to the next."""
        return sum(one != other for one, other in zip(self.series, self.series[1:], strict=False))

    @property
    def failed_and_passed(self) -> bool:
        """Whether one report tells of both: it was run again within one build."""
        outcomes = {case.outcome for case in self.cases}
        return {"failed", "passed"} <= outcomes or (self.last.outcome == "passed" and self.last.failed_before > 0)

    @property
    def flaky(self) -> bool:
        """Whether it passes and fails without lasting effect."""
        return self.failed_and_passed or self.changes >= _FEWEST_CHANGES

    @property
    def failing_for(self) -> int:
        """In how many runs up to the last it failed."""
        return next((index for index, passed in enumerate(reversed(self.series)) if passed), len(self.series))


def gather(runs: Sequence[Run], past: Mapping[str, Sequence[Past]]) -> dict[str, Seen]:
    """Every test of the reports that are here. `past` holds for each report's name what is remembered of it, oldest first."""
    seen: dict[str, Seen] = {}
    ordered = sorted(runs, key=lambda run: (run.at, run.name))
    jobs: dict[str, list[dict[str, str]]] = defaultdict(list)
    for run in ordered:
        told: dict[str, list[Case]] = defaultdict(list)
        for case in run.report.cases:
            told[case.id].append(case)
        seen.update((id, Seen(run, cases[-1], cases)) for id, cases in told.items())
        jobs[_shape(run.name)].append({id: cases[-1].outcome for id, cases in told.items()})
    ever = {case.id for run in runs for case in run.report.cases if case.outcome == "failed"}
    ever |= {id for kept in past.values() for before in kept for id in before.failed}
    for id in ever & seen.keys():
        test = seen[id]
        test.series = _remembered(id, past.get(test.run.name, ()))
        if test.series:
            test.series += _decided([test.last.outcome])
        else:
            test.series = _decided(outcomes.get(id) for outcomes in jobs[_shape(test.run.name)])
    return seen


def _remembered(id: str, past: Sequence[Past]) -> list[bool]:
    """How a test fared in former reports of one name.

    Reports of other names are other jobs: that it passes on one system and fails on another does not make it flaky. Only
    names that differ by numbers are taken for runs of one job, as long as nothing else is known.
    """
    own = mark(id)
    return [passed for before in past if (passed := before.outcome(id, own)) is not None]


def _decided(outcomes: Iterable[str | None]) -> list[bool]:
    return [outcome == "passed" for outcome in outcomes if outcome in ("passed", "failed")]


def _shape(name: str) -> str:
    return re.sub(r"\d+", "0", name)


def mark(id: str) -> str:
    """Eight characters that stand for a test."""
    return hashlib.blake2s(id.encode("utf-8", "replace"), digest_size=_MARK // 2).hexdigest()


def entry(run: Run) -> dict[str, Any]:
    """What is remembered of a run."""
    last = {case.id: case.outcome for case in run.report.cases}
    failed = [id for id, outcome in last.items() if outcome == "failed"][:_MOST_REMEMBERED]
    passed = [mark(id) for id, outcome in last.items() if outcome == "passed"][:_MOST_REMEMBERED]
    return {"digest": run.digest, "at": run.at, "failed": failed, "passed": "".join(passed)}


def past_of(stored: Mapping[str, Any]) -> Past:
    """What an entry says; of one that somebody changed, what can still be understood."""
    failed, passed = stored.get("failed"), stored.get("passed")
    marks = passed if isinstance(passed, str) else ""
    return Past(
        str(stored.get("at")),
        frozenset(id for id in failed if isinstance(id, str)) if isinstance(failed, list) else frozenset(),
        frozenset(marks[start : start + _MARK] for start in range(0, len(marks), _MARK)),
    )
