"""Rankings counted by Copeland's rule: whoever is preferred to more of the others, pair by pair, stands higher."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from cowork.patterns.results import Ballot


@dataclass(frozen=True)
class Standing:
    """How one of the ranked came off: a point for a pair won and half of one for a pair tied, pairs won, last places.

    Who shares the last place with others has a share of it.
    """

    score: float
    wins: int
    last_places: float


def ranks(ballot: Ballot) -> dict[str, float]:
    """The rank of each name on a ballot, from 1; names that were not ranked share the mean of the ranks that remain."""
    given = {name: float(rank) for rank, name in enumerate(ballot.ranking, 1)}
    shared = (len(given) + 1 + len(ballot.order)) / 2
    return {name: given.get(name, shared) for name in ballot.order}


def standings(
    names: Sequence[str], ballots: Iterable[Ballot], weight: Callable[[str], float] = lambda _: 1.0
) -> dict[str, Standing]:
    """Each name's standing. A ballot says nothing about names that were not on it, and counts with its voter's weight."""
    counted = [(ranks(ballot), weight(ballot.judge)) for ballot in ballots]
    points, wins, last = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0), dict.fromkeys(names, 0.0)
    for first, second in combinations(names, 2):
        margin = sum(_preference(held, first, second) * votes for held, votes in counted)
        if abs(margin) < 1e-9:
            points[first] += 0.5
            points[second] += 0.5
        else:
            preferred = first if margin > 0 else second
            points[preferred] += 1
            wins[preferred] += 1
    for held, _ in counted:
        for name in (lowest := [name for name, rank in held.items() if rank == max(held.values())]):
            last[name] += 1 / len(lowest)
    return {name: Standing(points[name], wins[name], round(last[name], 9)) for name in names}


def _preference(held: dict[str, float], first: str, second: str) -> int:
    """1 when a ballot ranks the first of two higher, -1 when the second, 0 when neither or when one is not on it."""
    if first not in held or second not in held:
        return 0
    return (held[first] < held[second]) - (held[first] > held[second])
