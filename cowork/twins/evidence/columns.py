"""Profiles of columns: types, missing values, distinct ones, numbers and their outliers."""

from __future__ import annotations

import statistics
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cowork.twins.evidence.cells import Kind, is_personal, names_personal, read

MOST_DISTINCT = 10_000
FEWEST_FOR_OUTLIERS = 20
_MODIFIED_Z, _NORMAL = 3.5, 0.6745
_FAR = 3.0
_LOOKED_AT = 1000
_NUMBERS = ("integer", "number")
_MOSTLY, _NEARLY_ALL = 0.5, 0.9


@dataclass
class Column:
    """A column while its cells are added. Texts are not kept: only hashes of them, to tell them apart."""

    name: str
    comma: bool = False
    kinds: Counter[Kind] = field(default_factory=Counter)
    numbers: array[float] = field(default_factory=lambda: array("d"))
    personal_cells: int = 0
    _seen: set[int] = field(default_factory=set)
    _looked_at: int = 0

    def add(self, cells: Iterable[str]) -> None:
        """Count cells: what is the same among them is looked at once."""
        for cell, times in Counter(map(str.strip, cells)).items():
            kind, value = read(cell, comma=self.comma)
            self.kinds[kind] += times
            if kind == "null":
                continue
            if len(self._seen) <= MOST_DISTINCT:
                self._seen.add(hash(cell))
            if kind in _NUMBERS:
                self.numbers.extend([value] * times)
            if self._looked_at < _LOOKED_AT:
                self._looked_at += 1
                self.personal_cells += is_personal(cell)

    def profile(self) -> Profile:
        """What is known of the column when all cells were added."""
        rows, nulls = self.kinds.total(), self.kinds["null"]
        personal = names_personal(self.name) or (self.personal_cells > 0 and self.personal_cells >= _MOSTLY * self._looked_at)
        kind = _type_of(self.kinds)
        counts = not personal and len(self.numbers) >= _NEARLY_ALL * (rows - nulls)
        return Profile(
            name=self.name,
            type=kind,
            rows=rows,
            nulls=nulls,
            distinct=min(len(self._seen), MOST_DISTINCT),
            distinct_is_bound=len(self._seen) > MOST_DISTINCT,
            shares=_shares(self.kinds),
            personal=personal,
            spread=Spread.of(self.numbers) if counts and self.numbers else None,
        )


def _shares(kinds: Counter[Kind]) -> dict[str, float]:
    """The share of each kind among the values, 0 to 1; integers are numbers."""
    merged: Counter[str] = Counter()
    for kind, number in kinds.items():
        if kind != "null":
            merged["number" if kind == "integer" else str(kind)] += number
    return {kind: round(number / merged.total(), 4) for kind, number in sorted(merged.items())}


def _type_of(kinds: Counter[Kind]) -> str:
    """The type of a column: `mixed` when values of another type stand among numbers, booleans or dates; else text is text."""
    there = {kind for kind, count in kinds.items() if count and kind != "null"}
    if not there:
        return "empty"
    if there <= {"integer", "number"}:
        return "number" if "number" in there else "integer"
    if len(there) == 1:
        return there.pop()
    values = kinds.total() - kinds["null"]
    return "text" if kinds["text"] > _MOSTLY * values else "mixed"


@dataclass(frozen=True)
class Spread:
    """Numbers of a column: bounds, mean, standard deviation, median, median distance from it (MAD), and what lies far out."""

    least: float
    most: float
    mean: float
    deviation: float
    median: float
    distance: float
    outliers: int
    outliers_least: float | None
    outliers_most: float | None

    @classmethod
    def of(cls, numbers: Sequence[float]) -> Spread:
        """Of at least one number."""
        mean = min(max(statistics.fmean(numbers), min(numbers)), max(numbers))  # rounding may leave the bounds
        out = outliers(numbers)
        return cls(
            min(numbers),
            max(numbers),
            mean,
            _deviation(numbers, mean),
            (middle := statistics.median(numbers)),
            statistics.median([abs(value - middle) for value in numbers]),
            len(out),
            min(out, default=None),
            max(out, default=None),
        )


def _deviation(numbers: Sequence[float], mean: float) -> float:
    return float(statistics.fmean((value - mean) ** 2 for value in numbers) ** 0.5)


def outliers(numbers: Sequence[float]) -> list[float]:
    """The numbers that lie far from the middle of the others; none among fewer than FEWEST_FOR_OUTLIERS.

    Those whose modified z-score, 0.6745 (x - median) / MAD, is beyond 3.5: Iglewicz and Hoaglin, *How to Detect and Handle
    Outliers* (1993). Where more than half of all are equal the MAD is 0; then those beyond Tukey's outer fences, three times
    the distance of the quartiles (*Exploratory Data Analysis*, 1977). Where that is 0 as well nothing can be said.
    """
    if len(numbers) < FEWEST_FOR_OUTLIERS:
        return []
    middle = statistics.median(numbers)
    deviation = statistics.median([abs(value - middle) for value in numbers])
    if deviation > 0:
        far = _MODIFIED_Z * deviation / _NORMAL
        return [value for value in numbers if abs(value - middle) > far]
    lower, _, upper = statistics.quantiles(numbers, n=4, method="inclusive")
    fence = _FAR * (upper - lower)
    return [value for value in numbers if value < lower - fence or value > upper + fence] if fence > 0 else []


@dataclass(frozen=True)
class Profile:
    """A column's profile. `shares` are of each kind among the values, 0 to 1. Only nearly all numbers have a `spread`, and only
    those that do not look as if they were about persons.
    """

    name: str
    type: str
    rows: int
    nulls: int
    distinct: int
    distinct_is_bound: bool
    shares: dict[str, float]
    personal: bool
    spread: Spread | None

    @property
    def values(self) -> int:
        """Cells that are not missing."""
        return self.rows - self.nulls

    @property
    def null_share(self) -> float:
        """Missing cells, 0 to 1."""
        return round(self.nulls / self.rows, 4) if self.rows else 0.0

    @property
    def is_constant(self) -> bool:
        """Whether all of its values are the same, and none is missing."""
        return self.distinct == 1 and self.nulls == 0

    @property
    def data(self) -> dict[str, Any]:
        """As plain data; of a personal column no value."""
        found: dict[str, Any] = {"name": self.name, "type": self.type, "nulls": self.nulls, "null_share": self.null_share}
        found |= {"distinct": self.distinct, "distinct_is_bound": self.distinct_is_bound, "personal": self.personal}
        if self.spread:
            found |= {"min": self.spread.least, "max": self.spread.most, "mean": self.spread.mean, "median": self.spread.median}
            found |= {"deviation": self.spread.deviation, "outliers": self.spread.outliers}
        return found
