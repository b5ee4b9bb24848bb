"""What a run can cost at the most, estimated before anything is asked."""

from __future__ import annotations

from cowork.loop.budget import Charge, input_tokens, require_room
from cowork.loop.request import LoopRequest
from cowork.loop.spending import price_of, usd_of
from cowork.models.chat import Usage
from cowork.models.select import Target

_TEMPLATE_TOKENS = 800  # the words of the longest prompt around task and material
_SHOWN = 2  # statements of each seat that the longest prompt shows


def worst_case(request: LoopRequest) -> Charge:
    """Every call of the formula with the longest prompt, the longest answer, at the dearest model.

    Money is None when a price is not known. The estimate leaves out repairs, retries and stand-ins: those are made only where
    the budget has room for them.
    """
    return worst_call(request).times(request.price.most_calls)


def worst_call(request: LoopRequest) -> Charge:
    """The most that one of its calls costs."""
    material = input_tokens(request.task, *(item.text for item in request.documents)) + _TEMPLATE_TOKENS
    usage = Usage(material + _SHOWN * len(request.seats) * request.max_tokens, request.max_tokens)
    costs = [usd_of(target, usage) for target in _targets(request)]
    dearest = None if None in costs else max((cost for cost in costs if cost is not None), default=0.0)
    return Charge(1, usage.input_tokens + usage.output_tokens, dearest)


def unpriced(request: LoopRequest) -> tuple[str, ...]:
    """The models of the run whose price is not known."""
    return tuple(sorted(target.label for target in _targets(request) if price_of(target) is None))


def require_affordable(request: LoopRequest) -> None:
    """Raises `loop.budget_too_small`, naming the formula, or `loop.price_unknown`."""
    price = request.price
    formula = price.formula if price.worked == price.formula else f"{price.formula} = {price.worked}"
    require_room(request.budget, worst_case(request), pattern=request.pattern.name, formula=formula, unpriced=unpriced(request))


def _targets(request: LoopRequest) -> list[Target]:
    return list({target: None for seat in request.seats for target in (seat.target, *seat.fallbacks)})
