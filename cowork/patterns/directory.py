"""The patterns that exist, with their formulas."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.errors import NotFound
from cowork.core.text import did_you_mean
from cowork.patterns import debate


@dataclass(frozen=True)
class PatternInfo:
    """A pattern's name, the seats it sits down by default, and its price in calls."""

    name: str
    title: str
    seats: tuple[str, ...]
    optional_seats: tuple[str, ...]
    formula: str


@dataclass(frozen=True)
class Price:
    """Calls and depth of a run: the most it can make, and the fewest. Repairs and retries come on top."""

    formula: str
    most_calls: int
    fewest_calls: int
    depth: int


PATTERNS = {
    "solo": PatternInfo("solo", "Solo query", ("solo",), (), "1"),
    "debate": PatternInfo("debate", "Debate 2v1", ("first", "second", "judge"), ("tie-break",), "2(1+R) + 2"),
}


def find(name: str) -> PatternInfo:
    """The pattern called `name`. Raises `pattern.not_found` with a suggestion."""
    if name in PATTERNS:
        return PATTERNS[name]
    hint = did_you_mean(name, PATTERNS, f"there are: {', '.join(PATTERNS)}")
    raise NotFound("pattern.not_found", f"there is no pattern '{name}'", hint=hint, details={"pattern": name})


def price(info: PatternInfo, *, rounds: int, tie_break: bool) -> Price:
    """What a run of the pattern costs in calls."""
    if info.name == "solo":
        return Price(info.formula, 1, 1, 1)
    formula = info.formula + (" + 2 with tie-break" if tie_break else "")
    calls, depth = debate.full_calls(rounds, tie_break=tie_break), debate.full_depth(rounds, tie_break=tie_break)
    return Price(formula, calls, 2, depth)
