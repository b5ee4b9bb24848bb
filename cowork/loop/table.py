"""The seats of a run bound to models: every question becomes a prompt, a call, and journal events."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Self

from cowork.core.clock import Clock
from cowork.core.settings import Settings
from cowork.loop.request import LoopRequest, Seating
from cowork.models import catalogue, errors
from cowork.models.chat import ChatModel, ChatReply, ChatRequest, Shape, Usage
from cowork.models.limiter import Limiter
from cowork.models.select import open_model
from cowork.patterns.protocol import Question, Reply, SeatLost, SeatState
from cowork.prompts import templates

Journalled = Callable[[str, dict[str, Any]], object]
Write = Callable[[str, str], None]

_STATES: dict[type[errors.ProviderError], SeatState] = {
    errors.WaitError: "rate_limited",
    errors.DailyQuotaError: "rate_limited",
    errors.FundsError: "out_of_funds",
    errors.ContentError: "refused",
    errors.MalformedError: "invalid",
}


@dataclass
class Spent:
    """What the calls of a run used."""

    calls: int = 0
    usages: list[tuple[Seating, Usage]] = field(default_factory=list)

    def tokens(self) -> tuple[int, int, str]:
        """Input tokens, output tokens, and how far they can be trusted."""
        used = [usage for _, usage in self.usages]
        sources = {usage.source for usage in used}
        unknown = "unknown" in sources or len(used) < self.calls
        source = "unknown" if unknown else "estimated" if "estimated" in sources else "reported"
        return sum(usage.input_tokens for usage in used), sum(usage.output_tokens for usage in used), source

    def usd(self) -> float | None:
        """The cost, or None when any part of it is unknown. Rehearsal costs nothing."""
        total = 0.0
        answered = len(self.usages)
        for seating, usage in self.usages:
            if seating.target.rehearsal:
                continue
            prices = catalogue.find(seating.target.provider).prices
            if prices is None or usage.source != "reported":
                return None
            total += (usage.input_tokens * prices["input"] + usage.output_tokens * prices["output"]) / 1_000_000
        return round(total, 6) if answered == self.calls else None


class ModelSeats:
    """Answers a pattern's questions with real calls; implements `patterns.protocol.Asker`."""

    def __init__(
        self, request: LoopRequest, settings: Settings, clock: Clock, journalled: Journalled, write: Write, limiter: Limiter
    ) -> None:
        self._request = request
        self._settings = settings
        self._clock = clock
        self._journalled = journalled
        self._write = write
        self._limiter = limiter
        self._seats = {seating.name: seating for seating in request.seats}
        self._models: dict[str, ChatModel] = {}
        self._stack = AsyncExitStack()
        self._nonce = secrets.token_hex(6)  # a document cannot close a tag it cannot guess
        self.spent = Spent()

    async def __aenter__(self) -> Self:
        for seating in self._request.seats:
            if seating.target.label not in self._models:
                model = open_model(seating.target, self._settings)
                self._models[seating.target.label] = model
                self._stack.push_async_callback(model.close)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def admit(self, questions: Sequence[Question]) -> int:
        """All of them: no budget is set."""
        return len(questions)

    async def ask(self, question: Question) -> Reply:
        """One question, one call. Raises SeatLost after the limiter has given up."""
        seating = self._seats[question.seat]
        self.spent.calls += 1
        about = {
            "call": self.spent.calls,
            "seat": question.seat,
            "step": question.step,
            "round": question.round,
            "key": question.key,
        }
        self._journalled("call.started", {**about, "provider": seating.target.provider, "model": seating.target.model})
        started = self._clock.monotonic()
        try:
            reply = await self._limiter.reply(
                self._models[seating.target.label],
                self._chat_request(question),
                lambda text: self._write(question.seat, text),
                **about,
            )
        except errors.ProviderError as error:
            seconds = round(self._clock.monotonic() - started, 3)
            self._journalled(
                "call.failed",
                {**about, "code": error.code, "message": error.message, "partial": error.partial, "seconds": seconds},
            )
            raise SeatLost(question.seat, _STATES.get(type(error), "unavailable"), error.message) from error
        self._account(seating, about, reply, self._clock.monotonic() - started)
        return Reply(reply.text)

    def _account(self, seating: Seating, about: dict[str, Any], reply: ChatReply, seconds: float) -> None:
        self.spent.usages.append((seating, reply.usage))
        usage = {"input": reply.usage.input_tokens, "output": reply.usage.output_tokens, "source": reply.usage.source}
        said = {"text": reply.text, "model": reply.model, "stop_reason": reply.stop_reason, "usage": usage}
        self._journalled("call.completed", {**about, **said, "seconds": round(seconds, 3)})

    def _chat_request(self, question: Question) -> ChatRequest:
        position = [seating.name for seating in self._request.seats].index(question.seat)
        prompt = templates.render(
            f"patterns/{'repair' if question.repair else question.step}.j2",
            nonce=self._nonce,
            task=self._request.task,
            documents=self._request.documents,
            **question.view,
        )
        return ChatRequest(
            prompt=prompt,
            system=templates.render("patterns/system.j2", nonce=self._nonce),
            max_tokens=self._request.max_tokens,
            seed=self._request.seed + position,
            shape=Shape(question.form.name, question.form.schema, question.form.whole) if question.form else None,
        )
