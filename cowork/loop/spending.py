"""What the calls of a run used, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass, field

from cowork.loop.budget import BudgetSpent, Charge, Ledger, input_tokens
from cowork.models import catalogue
from cowork.models.chat import ChatModel, ChatReply, ChatRequest, OnText, Usage
from cowork.models.errors import ProviderError
from cowork.models.price import FREE, Price
from cowork.models.select import Target


@dataclass
class Spent:
    """Usage by call; calls that failed have none. `retries` and `stand_in_calls` came on top of the protocol's."""

    calls: int = 0
    retries: int = 0
    stand_in_calls: int = 0
    usages: list[tuple[Target, Usage]] = field(default_factory=list)

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
        for target, usage in self.usages:
            cost = usd_of(target, usage)
            if cost is None or (usage.source != "reported" and cost_matters(target)):
                return None
            total += cost
        return round(total, 6) if len(self.usages) == self.calls else None


def cost_matters(target: Target) -> bool:
    """Whether tokens of a target cost anything, as far as is known."""
    return price_of(target) not in (FREE, Price(0.0, 0.0))


def price_of(target: Target) -> Price | None:
    """What a target's tokens cost, None when that is not known. Rehearsal is free."""
    return FREE if target.rehearsal else catalogue.find(target.provider).price(target.model)


def usd_of(target: Target, usage: Usage) -> float | None:
    """What a usage costs at a target, None when its price is not known."""
    price = price_of(target)
    return None if price is None else price.usd(usage)


def usd_reported(target: Target, usage: Usage) -> float | None:
    """What a usage costs, None when the price or the usage is not known for sure. Also for who is in no catalogue."""
    if not target.rehearsal and all(provider.id != target.provider for provider in catalogue.providers()):
        return None
    if usage.source != "reported" and cost_matters(target):
        return None
    return usd_of(target, usage)


def worst(target: Target, request: ChatRequest) -> Charge:
    """The most that one attempt can cost."""
    asked = input_tokens(request.system, *(message.text for message in request.conversation))
    return charge(target, Usage(asked, request.max_tokens))


def charge(target: Target, usage: Usage) -> Charge:
    """What one call with this usage costs."""
    return Charge(1, usage.input_tokens + usage.output_tokens, usd_of(target, usage))


class Metered:
    """A model whose every attempt is paid from a ledger: what it may cost is set aside first, what it did cost is settled.

    A failed attempt is charged for what was asked and came when anything came; a cancelled one for the worst.
    """

    def __init__(self, model: ChatModel, target: Target, ledger: Ledger, key: str) -> None:
        self.provider = model.provider
        self.model = model.model
        self.rehearsal = model.rehearsal
        self._model = model
        self._target = target
        self._ledger = ledger
        self._key = key

    async def reply(self, request: ChatRequest, on_text: OnText) -> ChatReply:
        """Ask once. Raises BudgetSpent when there is no room for another attempt, ProviderError."""
        most = worst(self._target, request)
        if not self._ledger.covers(self._key, most):  # a retry, or a stand-in that is dearer than the seat's own model
            self._ledger.release(self._key)
            if not self._ledger.hold(self._key, most, extra=True):
                raise BudgetSpent
        cost = most
        try:
            reply = await self._model.reply(request, on_text)
            known = reply.usage.source != "unknown"
            cost = charge(self._target, reply.usage) if known else self._estimated(request, reply.text)
            return reply
        except ProviderError as error:
            cost = self._estimated(request, error.partial) if error.partial else Charge(1, 0, 0.0)
            raise
        finally:
            self._ledger.settle(self._key, cost)

    async def close(self) -> None:
        """Let go of the model's connections."""
        await self._model.close()

    def _estimated(self, request: ChatRequest, text: str) -> Charge:
        asked = input_tokens(request.system, *(message.text for message in request.conversation))
        return charge(self._target, Usage(asked, input_tokens(text)))
