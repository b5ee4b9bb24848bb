"""Seats that rehearsal takes, asked with the real templates: a whole flow without a key."""

from __future__ import annotations

from collections.abc import Sequence

from cowork.models.chat import ChatRequest, Shape
from cowork.models.rehearsal import compose
from cowork.patterns.protocol import Question, Reply
from cowork.prompts.context import Document
from cowork.prompts.templates import render

NONCE = "5f0c9a"


class Rehearsed:
    """An Asker: every question is rendered as a run renders it, and answered by rehearsal with the seat's own seed."""

    def __init__(self, seats: Sequence[str], task: str, *texts: str) -> None:
        self._seats = list(seats)
        self._task = task
        self._documents = [Document(f"notes-{number}.md", text) for number, text in enumerate(texts, 1)]
        self.prompts: list[tuple[Question, str]] = []

    def admit(self, questions: Sequence[Question]) -> int:
        return len(questions)

    async def ask(self, question: Question) -> Reply:
        step = "repair" if question.repair else question.step
        prompt = render(f"patterns/{step}.j2", nonce=NONCE, task=self._task, documents=self._documents, **question.view)
        self.prompts.append((question, prompt))
        form = question.form
        shape = Shape(form.name, form.schema, form.whole) if form else None
        return Reply(compose(ChatRequest(prompt, seed=self._seats.index(question.seat), shape=shape)))
