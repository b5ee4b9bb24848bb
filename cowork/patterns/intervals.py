"""How much a count of right answers says: intervals, and how many independent votes correlated seats are worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Z95 = 1.959963984540054


@dataclass(frozen=True)
class Interval:
    """An estimate, and the bounds between which the true value lies with the chance that was asked for, 95 % unless said."""

    estimate: float
    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def wilson(successes: float, trials: int, z: float = Z95) -> Interval:
    """The Wilson score interval of a share; it holds for few trials and for shares near 0 and 1 too."""
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no share")
    share = successes / trials
    scale = 1 + z * z / trials
    centre = (share + z * z / (2 * trials)) / scale
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / scale
    return Interval(share, max(0.0, centre - half), min(1.0, centre + half))


def mean_interval(values: Sequence[float], z: float = Z95) -> Interval:
    """The interval of a mean by the normal law, for many values."""
    count = len(values)
    if count < 2:
        raise ValueError("a mean of fewer than two values has no interval")
    mean = sum(values) / count
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / (count - 1) / count)
    return Interval(mean, mean - z * spread, mean + z * spread)


def correlation(outcomes: Sequence[Sequence[bool]]) -> float:
    """How alike seats err: the mean correlation of two seats' outcomes, one row a question. 0 where nobody ever differs."""
    seats, questions = len(outcomes[0]) if outcomes else 0, len(outcomes)
    if seats < 2:
        return 0.0
    means = [sum(row[seat] for row in outcomes) / questions for seat in range(seats)]
    found: list[float] = []
    for first in range(seats):
        for second in range(first + 1, seats):
            spread = math.sqrt(means[first] * (1 - means[first]) * means[second] * (1 - means[second]))
            both = sum(row[first] and row[second] for row in outcomes) / questions
            if spread > 0:
                found.append((both - means[first] * means[second]) / spread)
    return sum(found) / len(found) if found else 0.0


def effective_seats(seats: int, correlated: float) -> float:
    """How many independent seats as many correlated ones are worth: N / (1 + (N-1) rho). Negative correlation counts as 0."""
    return seats / (1 + (seats - 1) * max(0.0, correlated))
