"""Seats that are all rehearsal: the real templates, and the provider that needs no model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from cowork.models.chat import ChatRequest, Shape
from cowork.models.rehearsal import compose
from cowork.patterns.protocol import Question, Reply
from cowork.patterns.results import PatternResult
from cowork.patterns.setup import Pattern
from cowork.prompts.context import Document
from cowork.prompts.templates import render
from tests.patterns.seats import setup


class Rehearsed:
    """An Asker whose seats answer the prompts as users' seats get them. The prompts stay on record."""

    def __init__(self, seats: Sequence[str], task: str, material: str, check: Callable[[str], str | None]) -> None:
        self._seats = list(seats)
        self._task = task
        self._documents = [Document("notes.md", material)]
        self._check = check
        self.prompts: dict[str, str] = {}

    def admit(self, questions: Sequence[Question]) -> int:
        return len(questions)

    async def check(self, draft: str) -> str | None:
        return self._check(draft)

    async def ask(self, question: Question) -> Reply:
        step = "repair" if question.repair else question.step
        given = {"nonce": "5f0c9a", "task": self._task, "documents": self._documents}
        prompt = self.prompts[question.key] = render(f"patterns/{step}.j2", **given, **question.view)
        shape = Shape(question.form.name, question.form.schema, question.form.whole) if question.form else None
        return Reply(compose(ChatRequest(prompt, seed=self._seats.index(question.seat), shape=shape)))


def rehearse(
    pattern: Pattern,
    roles: Mapping[str, Sequence[str]],
    task: str,
    material: str,
    *,
    check: Callable[[str], str | None] = lambda draft: None,
    **options: int | bool,
) -> tuple[PatternResult, Rehearsed]:
    """A run from the first prompt to the result."""
    run = setup(pattern, roles, **options)
    asker = Rehearsed(run.all_seats, task, material, check)
    return asyncio.run(pattern.run(asker, run)), asker
