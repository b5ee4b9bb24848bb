"""An Asker whose seats are all the built-in rehearsal, asked with the real templates."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from cowork.models.chat import ChatRequest, Shape
from cowork.models.rehearsal import compose
from cowork.patterns.protocol import Question, Reply
from cowork.patterns.results import PatternResult
from cowork.patterns.setup import Pattern, Setup
from cowork.prompts.context import Document
from cowork.prompts.templates import render

NONCE = "5f0c9a"


class Rehearsing:
    """Renders each question as the loop does and lets rehearsal answer it; keeps the prompts."""

    def __init__(self, setup: Setup, task: str, *texts: str) -> None:
        self._seats = setup.all_seats
        self._task = task
        self._documents = [Document(f"notes-{number}.md", text) for number, text in enumerate(texts, 1)]
        self.prompts: list[tuple[Question, str]] = []

    def admit(self, questions: Sequence[Question]) -> int:
        return len(questions)

    async def ask(self, question: Question) -> Reply:
        step = "repair" if question.repair else question.step
        prompt = render(f"patterns/{step}.j2", nonce=NONCE, task=self._task, documents=self._documents, **question.view)
        self.prompts.append((question, prompt))
        assert question.form is not None
        shape = Shape(question.form.name, question.form.schema, question.form.whole)
        return Reply(compose(ChatRequest(prompt, seed=self._seats.index(question.seat), shape=shape)))


def rehearse(pattern: Pattern, setup: Setup, task: str, *texts: str) -> tuple[PatternResult, Rehearsing]:
    """Run a pattern to its end on rehearsal."""
    seats = Rehearsing(setup, task, *texts)
    return asyncio.run(pattern.run(seats, setup)), seats
