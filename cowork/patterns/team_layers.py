"""Team with layers, a mixture of agents: candidates are improved on L-1 times, and an aggregator writes the answer.

Members answer blind; in each further layer they see all candidates of the one before, shuffled and unlabelled as to whom,
and are told that candidates may be wrong. Equal blind answers of all members end it. Without an aggregator, or when none is
left, the answers of the last layer vote. `early_stop` and `sequential` change nothing here: every candidate is needed.

Calls: N*L + 1, at best N. Depth: L + 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cowork.patterns.answers import Answer, normalise
from cowork.patterns.ballots import SYNTHESIS
from cowork.patterns.labels import labelled
from cowork.patterns.protocol import Question
from cowork.patterns.results import DecidedBy, Ending, Outcome, PatternResult, TieBreak
from cowork.patterns.setup import Price, Setup
from cowork.patterns.table import Table
from cowork.patterns.votes import break_tie, candidates, leaders, quorum, short_handed
from cowork.patterns.weights import weigh
from cowork.patterns.writing import shown, writers


def price_of_layers(setup: Setup) -> Price:
    """A call a member and layer, and the aggregator, or the tie-break where the last layer votes."""
    members, layers = len(setup.seats("member")), setup.options.layers
    wrote = not setup.options.verbatim and bool(setup.seats("writer"))
    tie = not wrote and bool(setup.seats("tie-break"))
    formula = "N*L" + (" + 1" if wrote else "") + (" + 2 with tie-break" if tie else "")
    worked = f"{members}*{layers}" + (" + 1" if wrote else "") + (" + 2" if tie else "")
    return Price(formula, worked, members * layers + wrote + 2 * tie, members, layers + wrote + tie)


async def layered(table: Table) -> PatternResult:
    """Run the layers to their end. Lost seats degrade the result; they never raise."""
    members = table.setup.seats("member")
    answers: dict[str, Answer] = {}
    for layer in range(table.setup.options.layers):
        before, answers = answers, await _layer(table, layer, answers)
        if len(answers) < quorum(len(members)):
            why = f"only {len(answers)} of {len(members)} members were left in layer {layer + 1}" if layer else ""
            return table.result(short_handed(answers or before, len(members), why), rounds=layer)
        if not layer and len(answers) == len(members) and len(candidates(answers)) == 1:
            return table.result(_ending(candidates(answers)[0].answer, answers, len(members), "agreement"))
    return table.result(await _concluded(table, answers), rounds=table.setup.options.layers - 1)


async def _layer(table: Table, layer: int, before: Mapping[str, Answer]) -> dict[str, Answer]:
    """What the members say in this layer; whoever was lost stays away."""
    seats = tuple(before) if layer else table.setup.seats("member")
    step = "team_layer" if layer else "team_proposal"
    questions = [Question(seat, step, layer, _view(table, seat, layer, before) if layer else {}) for seat in seats]
    found = await table.wave(questions, SYNTHESIS)
    said = {seat: answer for seat, answer in zip(seats, found, strict=True) if answer is not None}
    for seat, answer in said.items():
        table.hear(layer, seat, answer)
    return said


def _view(table: Table, seat: str, layer: int, answers: Mapping[str, Answer]) -> dict[str, Any]:
    labels = labelled(table.setup, seat, layer, tuple(answers))
    return {"candidates": [{"label": label, "text": shown(table, answers[name])} for label, name in labels.items()]}


async def _concluded(table: Table, answers: Mapping[str, Answer]) -> Ending:
    members, layers = table.setup.seats("member"), table.setup.options.layers
    seats = [] if table.setup.options.verbatim else writers(table)
    if seats:
        found = await table.first_of(
            seats, lambda seat: Question(seat, "team_synthesis", layers, _view(table, seat, layers, answers)), SYNTHESIS
        )
        if found is not None:
            table.hear(layers, *found)
            return _ending(found[1], answers, len(members), "writer")
        table.notes.append("no aggregator was left: the answers of the last layer voted")
    winner, rung = await break_tie(table, leaders(candidates(answers, weigh(table.setup, members))), extra=bool(seats))
    return _ending(winner.answer, answers, len(members), "vote", rung)


def _ending(
    answer: Answer, last: Mapping[str, Answer], asked: int, decided_by: DecidedBy, rung: TieBreak | None = None
) -> Ending:
    """Behind the answer stand those who gave it in the last layer."""
    votes = sum(normalise(given.answer) == normalise(answer.answer) for given in last.values())
    outcome: Outcome = "unanimous" if votes == asked else "majority" if votes * 2 > asked else "no_consensus"
    return Ending(outcome, decided_by, answer, answer.reason, votes, asked, rung)
