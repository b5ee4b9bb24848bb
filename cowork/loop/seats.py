"""The seats of a run bound to models: every question becomes a prompt, a call, and journal events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from cowork.core.clock import Clock
from cowork.core.settings import Settings
from cowork.loop.budget import BudgetSpent, Ledger
from cowork.loop.checks import Checks
from cowork.loop.connections import Connections
from cowork.loop.losses import reason_of, state_of
from cowork.loop.rendering import rendered
from cowork.loop.replay import Record, Recorded, asked
from cowork.loop.request import LoopRequest
from cowork.loop.seating import Seating
from cowork.loop.spending import Metered, Spent, charge, worst
from cowork.loop.subagents import command_run
from cowork.loop.worst import worst_call
from cowork.models import errors
from cowork.models.chat import ChatReply, ChatRequest
from cowork.models.select import Target
from cowork.patterns.protocol import Question, Reply, SeatLost, SeatState

Journalled = Callable[[str, dict[str, Any]], object]
Committed = Callable[[str, dict[str, Any]], Awaitable[object]]
Write = Callable[[str, str], None]

_LASTING = (errors.FundsError, errors.AuthError, errors.DailyQuotaError, errors.RegionError, errors.BadModelError)


class ModelSeats:
    """Answers a pattern's questions with real calls; implements `patterns.protocol.Asker`.

    When a seat's model cannot answer, its declared fallbacks are asked in their order, never one that sits at the table already
    or stands in for another seat. What `record` holds of an earlier run of the session is given again, not asked, and has been
    paid for. An answer is given once it was `committed`; of everything else it is enough that it was `journalled`.
    `connections` are those that several runs share; without them the run has its own. Checks run in `directory`, by default
    where we are.
    """

    def __init__(
        self,
        request: LoopRequest,
        settings: Settings,
        clock: Clock,
        journalled: Journalled,
        write: Write,
        record: Record | None = None,
        *,
        committed: Committed,
        connections: Connections | None = None,
        directory: Path | None = None,
    ) -> None:
        self._request = request
        self._clock = clock
        self._journalled = journalled
        self._committed = committed
        self._write = write
        self._connections = connections or Connections(settings, clock)
        self._own = connections is None
        self._limiter = self._connections.limiter(self._retrying)
        self._retried: set[int] = set()  # numbers of calls
        record = record or Record()
        self._recorded = record.answers
        self._not_taken = list(record.paid)
        self._checks = Checks(request.checks, settings["request_timeout_s"], journalled, record.checks, directory)
        self._seats = {seating.name: seating for seating in request.seats}
        self._out: dict[Target, errors.ProviderError] = {}  # models that will not answer in this run, and why
        self._standing_in = {found.target: found.seat for found in self._recorded.values() if found.reply.by}
        self._requests: dict[str, ChatRequest] = {}  # rendered, and not yet answered
        self.ledger = Ledger(request.budget, calls=request.price.most_calls, each=worst_call(request))
        for paid in record.paid:
            self.ledger.settle("", charge(paid.target, paid.usage))
        for wasted in record.wasted:
            self.ledger.settle("", wasted)
        self.spent = Spent()

    async def __aenter__(self) -> Self:
        for seating in self._request.seats:
            for target in (seating.target, *seating.fallbacks):
                self._connections.model(target, command_run(target, self._journalled) if self._own else None)
        return self

    async def __aexit__(self, *_: object) -> None:
        for paid in self._not_taken:  # of no use any more, and yet it was paid
            self.spent.calls += 1
            self.spent.usages.append((paid.target, paid.usage))
        if self._own:
            await self._connections.close()

    def admit(self, questions: Sequence[Question]) -> int:
        """How many of these the budget has room for; answers on record need none."""
        for number, question in enumerate(questions):
            if self._request.budget.unlimited:
                continue
            if asked(question) in self._recorded:
                if not question.extra:
                    self.ledger.came()
                continue
            target = self._seats[question.seat].target
            if not self.ledger.hold(question.key, worst(target, self._chat_request(question)), extra=question.extra):
                return number
        return len(questions)

    async def ask(self, question: Question) -> Reply:
        """One question; the seat's model, or who may stand in for it, answers. Raises SeatLost when nobody does."""
        if (found := self._recorded.get(asked(question))) is not None:
            self._take(found)
            return found.reply
        seating, request = self._seats[question.seat], self._chat_request(question)
        first: errors.ProviderError | None = self._out.get(seating.target)
        try:
            for target in self._line(seating):
                try:
                    return await self._call(question, seating, target, request, first)
                except errors.ProviderError as error:
                    first = first or error
                    if isinstance(error, _LASTING):
                        self._out[target] = error
        except BudgetSpent as error:
            raise SeatLost(question.seat, "skipped_budget", error.message) from error
        finally:
            self.ledger.release(question.key)
            self._requests.pop(question.key, None)
        if first is None:
            raise SeatLost(question.seat, "unavailable", f"nobody may answer for {seating.target.label}")
        raise SeatLost(question.seat, state_of(first), reason_of(first)) from first

    async def check(self, draft: str) -> str | None:
        """What the user's own commands have against a draft."""
        return await self._checks.failure(draft)

    def _line(self, seating: Seating) -> Iterator[Target]:
        """Who may answer, in order: the seat's model, then its fallbacks that are free at the moment they are needed."""
        seated = {other.target for other in self._request.seats}
        for target in dict.fromkeys((seating.target, *seating.fallbacks)):
            barred = target != seating.target and target in seated
            if target not in self._out and not barred and self._standing_in.get(target, seating.name) == seating.name:
                yield target

    async def _call(
        self, question: Question, seating: Seating, target: Target, request: ChatRequest, why: errors.ProviderError | None
    ) -> Reply:
        self.spent.calls += 1
        stand_in = target != seating.target
        if stand_in:
            self._stands_in(question, target, why)
        about: dict[str, Any] = {
            "call": self.spent.calls,
            "seat": question.seat,
            "step": question.step,
            "round": question.round,
        }
        key, saw = asked(question)
        about |= {"key": key, "saw": saw, "provider": target.provider, "asked_model": target.model}
        self._journalled("call.started", {**about, "model": target.model})
        started, number = self._clock.monotonic(), self.spent.calls
        model = Metered(self._connections.model(target), target, self.ledger, question.key)
        try:
            reply = await self._limiter.reply(model, request, lambda text: self._write(question.seat, text), **about)
        except (errors.ProviderError, BudgetSpent) as error:
            failed = {"code": error.code, "message": error.message, "partial": getattr(error, "partial", "")}
            if isinstance(error, errors.ProviderError) and error.retry_after is not None:
                failed["retry_after_s"] = error.retry_after
            self._journalled("call.failed", {**about, **failed, "seconds": self._since(started)})
            raise
        except asyncio.CancelledError:
            self._journalled("call.cancelled", {**about, "seconds": self._since(started)})
            raise
        state: SeatState = "substituted" if stand_in else "retried" if number in self._retried else "ok"
        said = Reply(reply.text, state, target.label if stand_in else "")
        await self._account(target, about, reply, said, self._since(started))
        return said

    def _stands_in(self, question: Question, target: Target, why: errors.ProviderError | None) -> None:
        self.spent.stand_in_calls += 1
        if target not in self._standing_in:
            self._standing_in[target] = question.seat
        reason = why.message if why else ""
        self._journalled("seat.substituted", {"seat": question.seat, "by": target.label, "key": question.key, "reason": reason})

    def _retrying(self, kind: str, data: dict[str, Any]) -> None:
        if kind == "call.retrying":
            self._retried.add(data["call"])
            self.spent.retries += 1
        self._journalled(kind, data)

    async def _account(self, target: Target, about: dict[str, Any], reply: ChatReply, said: Reply, seconds: float) -> None:
        self.spent.usages.append((target, reply.usage))
        usage = {"input": reply.usage.input_tokens, "output": reply.usage.output_tokens, "source": reply.usage.source}
        answer: dict[str, Any] = {"text": reply.text, "model": reply.model, "stop_reason": reply.stop_reason, "usage": usage}
        if reply.notes:
            answer["notes"] = list(reply.notes)
        await self._committed("call.completed", {**about, **answer, "state": said.state, "by": said.by, "seconds": seconds})

    def _take(self, found: Recorded) -> None:
        if found in self._not_taken:
            self._not_taken.remove(found)
        self.spent.calls += 1
        self.spent.stand_in_calls += bool(found.reply.by)
        self.spent.usages.append((found.target, found.usage))

    def _since(self, started: float) -> float:
        return round(self._clock.monotonic() - started, 3)

    def _chat_request(self, question: Question) -> ChatRequest:
        if question.key not in self._requests:
            self._requests[question.key] = rendered(self._request, question)
        return self._requests[question.key]
