"""What a pattern is told: roles, options, and the price that follows from them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, fields

from cowork.patterns.protocol import Asker
from cowork.patterns.results import PatternResult


@dataclass(frozen=True)
class Role:
    """A role at the table, how many seats may take it, and how many do when nobody says.

    `apart` marks a role that judges or concludes: no seat with a name of its own is put there.
    Where one is usual the first seat has the role's name, the next ones a number: judge, judge-2. Where several are, all
    have one: expert-1, expert-2.
    """

    name: str
    help: str
    default: int = 1
    least: int = 1
    most: int = 1
    apart: bool = False

    def seat(self, number: int) -> str:
        """The name of its seat with this number, counted from 1."""
        return self.name if number == 1 and self.default <= 1 else f"{self.name}-{number}"


@dataclass(frozen=True)
class Options:
    """The knobs of all patterns; a pattern names those that it takes, with their defaults."""

    rounds: int = 0
    samples: int = 1
    layers: int = 0
    levels: int = 1
    tasks: int = 8
    sequential: bool = False
    early_stop: bool = False
    verbatim: bool = False
    separate: bool = False
    judge_speaks: bool = False


OPTION_NAMES = tuple(field.name for field in fields(Options))


@dataclass(frozen=True)
class Setup:
    """One run: seats by role, options, the seed, and the names that no seat may learn about another.

    `accuracies` are the shares of right answers that the user has measured for seats; only they justify unequal votes.
    """

    roles: Mapping[str, tuple[str, ...]]
    options: Options
    seed: str
    names: tuple[str, ...] = ()
    accuracies: Mapping[str, float] = field(default_factory=dict)

    def seats(self, role: str) -> tuple[str, ...]:
        """The seats of a role, none when it is left empty."""
        return self.roles.get(role, ())

    def seat(self, role: str) -> str:
        """The first seat of a role that must be taken."""
        return self.roles[role][0]

    @property
    def all_seats(self) -> tuple[str, ...]:
        """Every seat at the table."""
        return tuple(seat for seats in self.roles.values() for seat in seats)


@dataclass(frozen=True)
class Price:
    """Calls and depth of a run: the most it can make, and the fewest. Repairs, retries and stand-ins come on top.

    `formula` is in the pattern's letters, `worked` the same with this run's numbers.
    """

    formula: str
    worked: str
    most_calls: int
    fewest_calls: int
    depth: int


Run = Callable[[Asker, Setup], Awaitable[PatternResult]]


@dataclass(frozen=True)
class Pattern:
    """A pattern: what it is called, who sits at its table, which knobs it has, what it costs, and how it runs.

    `most` and `least` bound options that count: rounds, samples and so on. `checks`: its drafts are given to the user's own
    check.
    """

    name: str
    title: str
    summary: str
    when: str
    not_when: str
    diagram: str
    roles: tuple[Role, ...]
    options: Mapping[str, int | bool]
    formula: str
    price: Callable[[Setup], Price] = field(repr=False)
    run: Run = field(repr=False)
    most: Mapping[str, int] = field(default_factory=dict)
    least: Mapping[str, int] = field(default_factory=dict)
    checks: bool = False

    @property
    def defaults(self) -> Options:
        """Its options when nobody says otherwise."""
        return Options(**dict(self.options))  # type: ignore[arg-type]

    def role(self, name: str) -> Role:
        """The role of this name."""
        return next(role for role in self.roles if role.name == name)
