"""Verdicts between two sides, asked in both orders: a judge that is swayed by position decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cowork.core.ids import seeded
from cowork.patterns.contracts import VERDICT
from cowork.patterns.identity import unstyled
from cowork.patterns.protocol import Question
from cowork.patterns.results import Ballot
from cowork.patterns.table import Table


@dataclass(frozen=True)
class Side:
    """One of two sides: what it is called on record, and its statements, already scrubbed."""

    name: str
    statements: tuple[str, ...]


async def both_orders(
    table: Table, judge: str, sides: tuple[Side, Side], *, round_number: int, extra: bool = False
) -> tuple[str | None, list[Ballot]]:
    """The side that both orders agree on, if any, and the ballots cast: two calls, one level. One order decides nothing.

    Which order comes first is drawn for each judge; style is taken out, for it sways judges more than position does.
    """
    drawn = sides if seeded(table.setup.seed, "labels", judge) % 2 == 0 else sides[::-1]
    orders = (drawn, drawn[::-1])
    questions = [
        Question(judge, "judge", round_number, {"sides": _labelled(order)}, item=f"order-{number}", extra=extra)
        for number, order in enumerate(orders, 1)
    ]
    verdicts = await table.wave(questions, VERDICT)
    ballots = []
    for order, verdict in zip(orders, verdicts, strict=True):
        if verdict is not None:
            names = tuple(side.name for side in order)
            winner = {"A": names[0], "B": names[1]}.get(verdict.winner)
            ballots.append(Ballot(judge, names, winner, verdict.confidence, verdict.reason))
    agreed = len(ballots) == 2 and ballots[0].winner == ballots[1].winner
    return (ballots[0].winner if agreed else None), ballots


async def judged(
    table: Table, judges: Sequence[str], sides: tuple[Side, Side], *, round_number: int
) -> tuple[str | None, list[Ballot]]:
    """The verdict of the first judge that gives one in both orders; a judge that is lost hands over to the next.

    The ballots of those who did not finish are on record too; what is returned are the last judge's.
    """
    winner, ballots = None, list[Ballot]()
    for number, judge in enumerate(judges):
        winner, ballots = await both_orders(table, judge, sides, round_number=round_number, extra=number > 0)
        table.ballots += ballots
        if len(ballots) == 2:
            break
    return winner, ballots


def why_undecided(ballots: Sequence[Ballot]) -> str:
    """Why a judge's ballots decide nothing."""
    if len(ballots) < 2:
        return "the judge did not give both verdicts, and one order alone decides nothing"
    if ballots[0].winner is None and ballots[1].winner is None:
        return f"the judge found neither side better supported: {ballots[0].reason}"
    return "the judge's verdict changed when the sides were swapped, so it decides nothing"


def _labelled(order: tuple[Side, Side]) -> list[dict[str, object]]:
    return [
        {"label": label, "statements": [unstyled(text) for text in side.statements]}
        for label, side in zip("AB", order, strict=True)
    ]
