"""Votes: equal answers counted together, and the ladder that breaks a tie and says which rung did."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from cowork.core.ids import seeded
from cowork.patterns.answers import Answer, normalise
from cowork.patterns.pairwise import Side, both_orders
from cowork.patterns.results import Ending, TieBreak
from cowork.patterns.table import Table


@dataclass(frozen=True)
class Candidate:
    """An answer that is voted for: the most confident wording, who gave it, and the confidences added up."""

    key: str
    answer: Answer
    voters: tuple[str, ...]
    confidence: float
    weight: float


def quorum(asked: int) -> int:
    """How many of the seats asked must answer: more than half, and two where there are two."""
    return min(max(asked // 2 + 1, 2), asked)


def weight(accuracy: float | None) -> float:
    """A vote's weight: 1, or the log-odds of a measured accuracy, by which independent votes add up best.

    A seat that is no better than chance weighs nothing.
    """
    if accuracy is None:
        return 1.0
    bounded = min(max(accuracy, 0.01), 0.99)
    return max(0.0, math.log(bounded / (1 - bounded)))


def candidates(answers: Mapping[str, Answer], weights: Callable[[str], float] = lambda _: 1.0) -> list[Candidate]:
    """The answers by their normal form, in the order in which they were given."""
    groups: dict[str, list[tuple[str, Answer]]] = {}
    for voter, answer in answers.items():
        groups.setdefault(normalise(answer.answer), []).append((voter, answer))
    return [
        Candidate(
            key,
            max((answer for _, answer in group), key=lambda answer: answer.confidence),
            tuple(voter for voter, _ in group),
            round(sum(answer.confidence for _, answer in group), 9),
            round(sum(weights(voter) for voter, _ in group), 9),
        )
        for key, group in groups.items()
    ]


def leaders(options: Iterable[Candidate]) -> list[Candidate]:
    """Those with the greatest weight: one, or several that tie."""
    held = list(options)
    most = max(option.weight for option in held)
    return [option for option in held if option.weight == most]


def settled(options: Iterable[Candidate], outstanding: float) -> bool:
    """Whether the leader has more weight than any other could reach: then the decision cannot change.

    Ties are possible up to the last vote, and are settled by more than votes; so equal is not enough.
    """
    weights = sorted((option.weight for option in options), reverse=True)
    if not weights:
        return False
    runner_up = weights[1] if len(weights) > 1 else 0.0
    return weights[0] > runner_up + outstanding


def short_handed(answers: Mapping[str, Answer], asked: int, why: str = "") -> Ending:
    """Below the quorum nothing is decided: the answer most of the few gave is shown, and why it is not a result."""
    if not answers:
        return Ending("failed", "nobody", None, "no member answered", 0, asked)
    best = max(candidates(answers), key=lambda option: (option.weight, option.confidence))
    reason = f"{why or f'only {len(answers)} of {asked} members answered'}: {best.answer.reason}"
    return Ending("degraded", "nobody", best.answer, reason, len(best.voters), asked)


async def break_tie(
    table: Table,
    tied: list[Candidate],
    *,
    wins: Mapping[str, float] | None = None,
    last_places: Mapping[str, float] | None = None,
    extra: bool = False,
) -> tuple[Candidate, TieBreak | None]:
    """One of the tied, and the rung that decided: confidences, pairwise wins, fewest last places, a tie-break seat, a hash.

    `wins` and `last_places` by candidate exist where there were rankings. The seat is asked about two, in both orders; `extra`
    where no formula counts that.
    """
    if len(tied) == 1:
        return tied[0], None
    rungs: list[tuple[TieBreak, Callable[[Candidate], float]]] = [("confidence", lambda option: option.confidence)]
    if wins is not None:
        rungs.append(("pairwise", lambda option: wins[option.key]))
    if last_places is not None:
        rungs.append(("last_places", lambda option: -last_places[option.key]))
    for rung, value in rungs:
        best = max(map(value, tied))
        tied = [option for option in tied if value(option) == best]
        if len(tied) == 1:
            return tied[0], rung
    chosen = await _by_seat(table, tied, extra)
    if chosen is not None:
        return chosen, "tie_break_seat"
    return min(tied, key=lambda option: seeded(table.setup.seed, "tie", option.key)), "hash"


async def _by_seat(table: Table, tied: list[Candidate], extra: bool) -> Candidate | None:
    proposed = {voter for option in tied for voter in option.voters}
    seats = [seat for seat in table.setup.seats("tie-break") if seat not in proposed]
    if not seats or len(tied) != 2:
        return None
    sides = (_side(table, tied[0]), _side(table, tied[1]))
    winner, ballots = await both_orders(table, seats[0], sides, round_number=0, extra=extra)
    table.ballots += ballots
    return next((option for option in tied if option.key == winner), None)


def _side(table: Table, option: Candidate) -> Side:
    return Side(option.key, (table.scrubbed(option.answer.text),))
