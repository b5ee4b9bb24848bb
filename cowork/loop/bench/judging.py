"""Whether an answer is right: compared in normal form, numbers with the tolerance that the question allows."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING

from cowork.patterns.answers import normalise

if TYPE_CHECKING:
    from cowork.loop.bench.questions import BenchQuestion

_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d{1,3})?|[+-]?\.\d+")


def is_right(question: BenchQuestion, answer: str | None) -> bool:
    """Whether an answer is one of the accepted ones; no answer never is."""
    if answer is None:
        return False
    said = normalise(answer)
    if any(normalise(accepted) == said for accepted in question.answers):
        return True
    number = number_in(answer)
    if question.tolerance is None or number is None:
        return False
    wanted = [value for value in map(number_in, question.answers) if value is not None]
    slack = 1e-12 * max(1.0, abs(number))  # 0.3 is within 0.1 of 0.2 whatever binary fractions make of it
    return any(abs(value - number) <= question.tolerance + slack for value in wanted)


def number_in(text: str) -> float | None:
    """The number that a text consists of, signs of money and percent aside; None when it is something else."""
    bare = unicodedata.normalize("NFKC", text).casefold().replace("\u2212", "-").strip(" \t\n$€£%*`\"'").rstrip(".")
    if len(bare) > 60 or not _NUMBER.fullmatch(bare):
        return None
    value = float(bare.replace(",", ""))
    return value if math.isfinite(value) else None
