"""Questions as the requests that models get."""

from __future__ import annotations

import secrets

from cowork.loop.request import LoopRequest
from cowork.models.chat import ChatRequest, Shape
from cowork.patterns.protocol import Question
from cowork.prompts import templates


def rendered(request: LoopRequest, question: Question) -> ChatRequest:
    """The prompt of a question, with the task and the material of the run."""
    form = question.form
    nonce = secrets.token_hex(6)  # nobody can close a tag without it: no document, and no seat, for it is another each time
    prompt = templates.render(
        f"patterns/{'repair' if question.repair else question.step}.j2",
        nonce=nonce,
        task=request.task,
        documents=request.documents,
        **question.view,
    )
    return ChatRequest(
        prompt=prompt,
        system=templates.render("patterns/system.j2", nonce=nonce),
        max_tokens=request.max_tokens,
        seed=request.seed + _position(request, question),
        shape=Shape(form.name, form.schema, form.whole) if form else None,
    )


def _position(request: LoopRequest, question: Question) -> int:
    """What makes a rehearsal's seats, and the samples of one seat, see things differently."""
    seat = [seating.name for seating in request.seats].index(question.seat)
    return seat + (int(question.item) - 1 if question.step == "solo" and question.item else 0)
