"""Steps around a pattern: a plan before it, notes that each seat makes for itself, a review after it.

planning: one seat lays out how to go about the task, and everybody sees it: 1 call, 1 level.
thinking: each of the S seats that answer makes notes for itself first, blind, and nobody else sees them: S calls, 1 level.
review: one seat examines the result; when it asks for changes, whoever wrote the answer revises it once: at most 2 calls, 2
levels. A revision is not voted on again: the notes of the result say so, and behind another answer stands its writer alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from cowork.patterns.answers import Answer, body, normalise
from cowork.patterns.contracts import ANSWER, NOTES, PLAN_NOTES, REVIEW_STEP
from cowork.patterns.protocol import Asker, Question, Reply
from cowork.patterns.results import Outcome, PatternResult, Version
from cowork.patterns.setup import Pattern, Price, Role, Setup
from cowork.patterns.table import Table

StepName = Literal["planning", "thinking", "review"]
STEPS: tuple[StepName, ...] = ("planning", "thinking", "review")
_ROLES = {
    "planning": Role("planning", "plans before the pattern begins", apart=True),
    "review": Role("review", "examines the result", apart=True),
}


def roles_of(steps: Sequence[StepName]) -> tuple[Role, ...]:
    """The seats that the steps add to the table; thinking is done by the seats that are there."""
    return tuple(_ROLES[step] for step in STEPS if step in steps and step in _ROLES)


def priced(pattern: Pattern, setup: Setup, steps: Sequence[StepName]) -> Price:
    """The pattern's price with that of the steps."""
    price = pattern.price(setup)
    most, fewest, depth, formula, worked = price.most_calls, price.fewest_calls, price.depth, price.formula, price.worked
    added = {
        "planning": (1, 1, 1, "1"),
        "thinking": (len(thinkers(pattern, setup)), len(thinkers(pattern, setup)), 1, "S"),
        "review": (2, 1, 2, "2"),
    }
    for step in (step for step in STEPS if step in steps):
        calls, least, levels, letter = added[step]
        most, fewest, depth = most + calls, fewest + least, depth + levels
        formula, worked = f"{formula} + {letter}", f"{worked} + {calls}"
    return Price(formula, worked, most, fewest, depth)


def thinkers(pattern: Pattern, setup: Setup) -> tuple[str, ...]:
    """The seats that answer: all but those that judge or conclude."""
    return tuple(seat for role in pattern.roles if not role.apart for seat in setup.seats(role.name))


async def play(asker: Asker, pattern: Pattern, setup: Setup, steps: Sequence[StepName]) -> PatternResult:
    """Run the pattern with the steps around it."""
    if not steps:
        return await pattern.run(asker, setup)
    table, primed = Table(asker, setup), _Primed(asker)
    if "planning" in steps:
        plan = await table.one(Question(setup.seat("planning"), "step_planning"), PLAN_NOTES)
        primed.common = {"shared_plan": table.scrubbed(plan)} if plan else {}
    if "thinking" in steps:
        seats = thinkers(pattern, setup)
        notes = await table.wave([Question(seat, "step_thinking", view=primed.common) for seat in seats], NOTES)
        primed.own = {seat: {"own_notes": note} for seat, note in zip(seats, notes, strict=True) if note}
    result = await pattern.run(primed, setup)
    if "review" in steps and result.answer is not None:
        result = await _reviewed(table, setup, result, thinkers(pattern, setup)[0])
    return _together(table, result)


class _Primed:
    """An asker whose questions carry the plan, and to each seat its own notes."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self.common: Mapping[str, Any] = {}
        self.own: Mapping[str, Mapping[str, Any]] = {}

    def admit(self, questions: Sequence[Question]) -> int:
        return self._asker.admit([self._primed(question) for question in questions])

    async def ask(self, question: Question) -> Reply:
        return await self._asker.ask(self._primed(question))

    async def check(self, draft: str) -> str | None:
        return await self._asker.check(draft)

    def _primed(self, question: Question) -> Question:
        return replace(question, view={**self.common, **self.own.get(question.seat, {}), **question.view})


async def _reviewed(table: Table, setup: Setup, result: PatternResult, first: str) -> PatternResult:
    shown = {"answer": result.answer, "draft": table.scrubbed(result.document)}
    review = await table.one(Question(setup.seat("review"), "step_review", view=shown), REVIEW_STEP)
    if review is None:
        return result
    if review.approved:
        table.notes.append("the review approved")
        return result
    author = next((item.seat for item in reversed(result.statements) if item.answer == result.answer), first)
    view = {**shown, "findings": [table.scrubbed(text) for text in review.findings]}
    revised = await table.one(Question(author, "step_revision", view=view), ANSWER)
    if revised is None:
        table.notes.append(f"the review asked for changes that nobody made: {'; '.join(review.findings)}")
        return result
    table.notes.append(f"{author} revised the answer after the review; nobody voted on the revision")
    return _replaced(result, author, revised)


def _replaced(result: PatternResult, author: str, revised: Answer) -> PatternResult:
    """The result with a revision in the place of its answer."""
    found = replace(
        result,
        answer=revised.answer,
        document=body(revised.text),
        versions=(
            *(replace(version, chosen=False) for version in result.versions),
            Version(0, author, result.answer or "", result.document, None, chosen=False),
            Version(1, author, revised.answer, body(revised.text), None, chosen=True),
        ),
    )
    if normalise(revised.answer) == normalise(result.answer or ""):
        return found
    alone: Outcome = result.outcome if result.votes_of <= 1 or result.outcome == "degraded" else "no_consensus"
    return replace(found, outcome=alone, reason=revised.reason, confidence=revised.confidence, votes_for=1)


def _together(table: Table, result: PatternResult) -> PatternResult:
    """The result with what the steps' own table knows."""
    lost = bool(table.problems) and result.outcome != "failed"
    asked = {seat: state for seat, state in table.states.items() if state != "unasked"}
    settled = {seat: state for seat, state in result.states.items() if state != "unasked"}
    return replace(
        result,
        outcome="degraded" if lost else result.outcome,
        calls=result.calls + table.calls,
        depth=result.depth + table.depth,
        repairs=result.repairs + table.repairs,
        extra_calls=result.extra_calls + table.extra_calls,
        states={**result.states, **asked, **settled},
        problems=(*table.problems, *result.problems),
        substitutes={**table.substitutes, **(result.substitutes or {})},
        notes=(*result.notes, *table.notes),
    )
