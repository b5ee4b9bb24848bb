"""Solo query: one seat answers, or answers several times and the samples vote (self-consistency).

Calls: k. Depth: 1; with `sequential` the samples are drawn one after the other, and no more of them than can still change
the decision. This is the baseline that every other pattern must beat at equal calls.
"""

from __future__ import annotations

from collections.abc import Mapping

from cowork.patterns.answers import Answer
from cowork.patterns.contracts import ANSWER
from cowork.patterns.protocol import Asker, Question
from cowork.patterns.results import Ending, PatternResult
from cowork.patterns.setup import Pattern, Price, Role, Setup
from cowork.patterns.table import Table
from cowork.patterns.votes import break_tie, candidates, leaders, quorum, settled


def price(setup: Setup) -> Price:
    """One call a sample; at best as many as make a majority, when they are drawn in turn."""
    samples = setup.options.samples
    fewest = samples // 2 + 1 if setup.options.sequential else samples
    return Price("k", str(samples), samples, fewest, samples if setup.options.sequential else 1)


async def solo(asker: Asker, setup: Setup) -> PatternResult:
    """The seat's answer, or the vote of its samples; a failed result says why there is none."""
    table, seat, asked = Table(asker, setup), setup.seat("solo"), setup.options.samples
    questions = [Question(seat, "solo", item=str(number)) for number in range(1, asked + 1)]

    def enough(heard: Mapping[str, Answer]) -> bool:
        return settled(candidates(heard), asked - len(heard))

    if setup.options.sequential:
        found = await table.in_turn(questions, ANSWER, enough=enough)
    else:
        found = await table.wave(questions, ANSWER, enough=enough if setup.options.early_stop else None)
    answers = {question.key: answer for question, answer in zip(questions, found, strict=True) if answer is not None}
    for answer in answers.values():
        table.hear(0, seat, answer)
    return table.result(await _voted(table, answers, asked))


async def _voted(table: Table, answers: Mapping[str, Answer], asked: int) -> Ending:
    if not answers:
        return Ending("failed", "nobody", None, "the seat gave no answer", 0, asked)
    options = candidates(answers)
    winner, rung = await break_tie(table, leaders(options))
    votes, answer = len(winner.voters), winner.answer
    if len(answers) < quorum(asked) and not settled(options, asked - len(answers)):
        return Ending("degraded", "nobody", answer, f"only {len(answers)} of {asked} samples: {answer.reason}", votes, asked)
    if votes == asked:
        return Ending("unanimous", "agreement", answer, answer.reason, votes, asked)
    if votes * 2 > asked:
        return Ending("majority", "vote", answer, answer.reason, votes, asked)
    return Ending("no_consensus", "plurality", answer, answer.reason, votes, asked, rung)


PATTERN = Pattern(
    name="solo",
    title="Solo query",
    summary="One model answers; with --samples it answers several times and the answers vote.",
    when="The task is clear and cheap to check, or you want the baseline that other patterns must beat.",
    not_when="A wrong answer is expensive and nobody will check it.",
    diagram="""\
 task --> [solo] --> answer

 --samples k:
          +-> [solo] -+
 task ----+-> [solo] -+--> vote --> answer
          +-> [solo] -+""",
    roles=(Role("solo", "answers"),),
    options={"samples": 1, "sequential": False, "early_stop": False},
    most={"samples": 40},
    formula="k",
    price=price,
    run=solo,
)
