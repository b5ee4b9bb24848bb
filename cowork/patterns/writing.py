"""The writer at the end of a vote: it words the result, and may not change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cowork.patterns.answers import Answer, body
from cowork.patterns.ballots import merged
from cowork.patterns.identity import unstyled
from cowork.patterns.labels import labelled
from cowork.patterns.protocol import Question
from cowork.patterns.results import Ending
from cowork.patterns.table import Table


def shown(table: Table, answer: Answer, *, styled: bool = True) -> str:
    """An answer as others get to see it: nothing of who gave it or how sure it is, and unstyled where it is to be judged."""
    text = table.scrubbed(body(answer.text) or answer.reason)
    return f"{text if styled else unstyled(text)}\n\nAnswer: {table.scrubbed(answer.answer)}".strip()


def writers(table: Table) -> list[str]:
    """The seats that may write: whoever proposed does not conclude."""
    members = table.setup.seats("member")
    free = [seat for seat in table.setup.seats("writer") if seat not in members]
    if len(free) < len(table.setup.seats("writer")):
        table.notes.append("a seat that proposed was not asked to write as well")
    return free


async def written(table: Table, ending: Ending, others: Sequence[Answer], step: str, round_number: int) -> Ending:
    """`ending` with the first writer's text. Verbatim, or without a writer left, the winner's own text stands.

    A writer that changes the answer is asked once to keep to it, and is lost when it does not.
    """
    answer = ending.answer
    seats = [] if table.setup.options.verbatim else writers(table)
    if answer is None or not seats:
        return ending
    numbered = {str(number): other for number, other in enumerate(others)}

    def question(seat: str) -> Question:
        labels = labelled(table.setup, seat, round_number, list(numbered))
        candidates = [{"label": label, "text": shown(table, numbered[number])} for label, number in labels.items()]
        chosen = {
            "chosen": table.scrubbed(answer.answer),
            "draft": table.scrubbed(body(answer.text) or answer.reason),
            "candidates": candidates,
        }
        return Question(seat, step, round_number, chosen)

    found = await table.first_of(seats, question, merged(table.scrubbed(answer.answer)))
    if found is None:
        table.notes.append("no writer was left: the winner's text stands as it was")
        return ending
    seat, text = found
    table.hear(round_number, seat, text)
    return replace(ending, answer=replace(answer, text=text.text))
