"""How much the counts of a bench say: accuracy, paired differences, latencies."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from cowork.loop.bench.results import Difference, Latency, Share
from cowork.patterns.intervals import Z95, wilson

METHOD = "adjusted Wald interval for paired proportions, Bonett and Price 2012; the question is the unit"
NOT_SHOWN = "no difference shown"
SHOWN = "the interval leaves out zero"
_Z80 = 0.8416212335729143  # the power of four in five
Outcomes = Mapping[str, Mapping[int, bool]]
"""By question and repeat whether the answer was right."""


def accuracy(outcomes: Outcomes) -> Share | None:
    """The share of right answers with its Wilson interval, None when there are none.

    Repeats of a question are no further questions: the mean of each counts once, which is the cautious reading.
    """
    means = [sum(repeats.values()) / len(repeats) for repeats in outcomes.values() if repeats]
    if not means:
        return None
    found = wilson(math.fsum(means), len(means))
    return Share(*(round(value, 6) for value in (found.estimate, found.low, found.high)))


def difference(this: Outcomes, other: Outcomes, *, against: str) -> Difference | None:
    """Accuracy of `this` minus that of `other` over the runs that both have made, None when there are none.

    With one repeat the interval is the adjusted Wald interval for paired proportions (Bonett and Price, Journal of Educational
    and Behavioral Statistics 37, 2012): one question is added that only this arm gets right, and one that only the other does.
    With several repeats a question's difference is the mean of its repeats, in the same formula.
    """
    pairs = {
        question: [(repeats[number], other[question][number]) for number in repeats if number in other.get(question, {})]
        for question, repeats in this.items()
    }
    each = [sum(one - two for one, two in both) / len(both) for both in pairs.values() if both]
    if not each:
        return None
    count, total, squares = len(each), math.fsum(each), math.fsum(value * value for value in each)
    centre = total / (count + 2)
    half = Z95 * math.sqrt(max(0.0, (squares + 2) / (count + 2) - centre * centre) / (count + 2))
    low, high = max(-1.0, centre - half), min(1.0, centre + half)
    flat = [pair for both in pairs.values() for pair in both]
    return Difference(
        against=against,
        questions=count,
        estimate=round(total / count, 6),
        low=round(low, 6),
        high=round(high, 6),
        only_this=sum(one and not two for one, two in flat),
        only_other=sum(two and not one for one, two in flat),
        finding=NOT_SHOWN if low <= 0 <= high else SHOWN,
        questions_needed=_needed(total / count, squares / count),
        method=METHOD,
    )


def _needed(gap: float, discordant: float) -> int | None:
    """Questions that show a paired difference of this size with a power of 80 % (Connor, Biometrics 43, 1987)."""
    if abs(gap) < 1e-12:
        return None
    root = Z95 * math.sqrt(discordant) + _Z80 * math.sqrt(max(0.0, discordant - gap * gap))
    return math.ceil((root / gap) ** 2)


def latency(seconds: Sequence[float]) -> Latency | None:
    """Median and 95th percentile by nearest rank, None of nothing."""
    if not seconds:
        return None
    ordered, count = sorted(seconds), len(seconds)
    median = (ordered[(count - 1) // 2] + ordered[count // 2]) / 2
    return Latency(count, round(median, 3), round(ordered[math.ceil(0.95 * count) - 1], 3))
