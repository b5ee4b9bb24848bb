"""The patterns, as the `loop patterns` verbs answer them."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.patterns import directory
from cowork.patterns.setup import Pattern, Price, Setup
from cowork.patterns.suggest import Suggestion, suggest


@dataclass(frozen=True)
class PatternItem:
    """A pattern in a list; calls and depth are those of its usual table."""

    name: str
    title: str
    summary: str
    formula: str
    calls: int
    depth: int


@dataclass(frozen=True)
class PatternList:
    """The patterns, from the plainest to the most elaborate."""

    items: tuple[PatternItem, ...]
    count: int


@dataclass(frozen=True)
class RoleItem:
    """A role: how many sit in it usually, at least and at most, and what its seats are called."""

    name: str
    help: str
    seats: tuple[str, ...]
    default: int
    least: int
    most: int


@dataclass(frozen=True)
class OptionItem:
    """An option of a pattern, by its flag, with its default and its largest value where it is a number."""

    flag: str
    default: int | bool
    most: int | None


@dataclass(frozen=True)
class PatternPage:
    """A pattern: what it is for, who sits at its table, what it costs."""

    name: str
    title: str
    summary: str
    when: str
    not_when: str
    diagram: str
    roles: tuple[RoleItem, ...]
    options: tuple[OptionItem, ...]
    formula: str
    calls: int
    fewest_calls: int
    depth: int


def list_patterns() -> PatternList:
    """Every pattern."""
    items = []
    for pattern in directory.PATTERNS.values():
        price = usual_price(pattern)
        items.append(PatternItem(pattern.name, pattern.title, pattern.summary, pattern.formula, price.most_calls, price.depth))
    return PatternList(tuple(items), len(items))


def show_pattern(name: str) -> PatternPage:
    """One pattern. Raises `pattern.not_found`."""
    pattern = directory.find(name)
    price = usual_price(pattern)
    return PatternPage(
        name=pattern.name,
        title=pattern.title,
        summary=pattern.summary,
        when=pattern.when,
        not_when=pattern.not_when,
        diagram=pattern.diagram,
        roles=tuple(
            RoleItem(
                role.name,
                role.help,
                tuple(role.seat(number) for number in range(1, role.default + 1)),
                role.default,
                role.least,
                role.most,
            )
            for role in pattern.roles
        ),
        options=tuple(
            OptionItem("--" + name.replace("_", "-"), default, pattern.most.get(name))
            for name, default in pattern.options.items()
        ),
        formula=pattern.formula,
        calls=price.most_calls,
        fewest_calls=price.fewest_calls,
        depth=price.depth,
    )


def suggest_pattern(task: str) -> Suggestion:
    """The pattern that fits a task. Raises `loop.empty_task`."""
    return suggest(task)


def usual_price(pattern: Pattern) -> Price:
    """The price of a pattern's usual table."""
    roles = {role.name: tuple(role.seat(number) for number in range(1, role.default + 1)) for role in pattern.roles}
    return pattern.price(Setup(roles, pattern.defaults, "0"))
