"""How much of the code tests run: counts of lines and branches, by file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

MOST_FILES = 50_000
LONGEST_NAME = 300
_MILLISECONDS = 10**11
"""From here on a number counts milliseconds: as seconds it would be the year 5138."""


@dataclass(frozen=True)
class Covered:
    """How much of a file, or of all, was run. Counts; those of branches are 0 where a report does not tell of them."""

    lines: int = 0
    lines_run: int = 0
    branches: int = 0
    branches_run: int = 0

    @property
    def missed(self) -> int:
        """Lines that were not run."""
        return self.lines - self.lines_run

    @property
    def line_rate(self) -> float | None:
        """Per cent of the lines, to a tenth; None without lines."""
        return _rate(self.lines_run, self.lines)

    @property
    def branch_rate(self) -> float | None:
        """Per cent of the branches, to a tenth; None without branches."""
        return _rate(self.branches_run, self.branches)

    def __add__(self, other: Covered) -> Covered:
        return Covered(
            self.lines + other.lines,
            self.lines_run + other.lines_run,
            self.branches + other.branches,
            self.branches_run + other.branches_run,
        )


def _rate(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


@dataclass(frozen=True)
class Report:
    """A report: what it says of each file, when it was made by its own account, and why the rest could not be read, if so.

    `sources` are the directories that the names of its files may start from.
    """

    format: str
    files: Mapping[str, Covered]
    at: datetime | None = None
    broken: str = ""
    sources: tuple[str, ...] = ()


class NotCoverage(Exception):
    """It is no coverage report, or one of a format that is not known here."""


@dataclass
class Lines:
    """The lines and branches of a file, told once or several times: a line that was run anywhere was run."""

    runs: dict[int, bool] = field(default_factory=dict)
    conditions: dict[int, tuple[int, int]] = field(default_factory=dict)
    counted: Covered = field(default_factory=Covered)

    def line(self, number: int, run: bool) -> None:
        """A line, and whether it was run."""
        self.runs[number] = self.runs.get(number, False) or run

    def branch(self, number: int, run: int, whole: int) -> None:
        """How many of the branches of a line were run."""
        before, most = self.conditions.get(number, (0, 0))
        whole = max(whole, most)
        self.conditions[number] = (min(max(run, before), whole), whole)

    def total(self) -> Covered:
        """What was told line by line, and otherwise as counts."""
        lines = (len(self.runs), sum(self.runs.values())) if self.runs else (self.counted.lines, self.counted.lines_run)
        if self.conditions:
            run, whole = zip(*self.conditions.values(), strict=True)
            return Covered(*lines, sum(whole), sum(run))
        return Covered(*lines, self.counted.branches, self.counted.branches_run)


def count_of(value: str | None) -> int:
    """A count, 0 for what is none: gcov writes `-` and sometimes negative ones."""
    try:
        return max(0, int((value or "")[:18]))
    except ValueError:
        return 0


def moment_of(value: str) -> datetime | None:
    """Seconds or milliseconds since 1970 as a moment."""
    number = count_of(value.partition(".")[0])
    seconds = number // 1000 if number >= _MILLISECONDS else number
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _MILLISECONDS else None
