"""A pattern's result as the run reports it, and the plan of a run."""

from __future__ import annotations

from collections.abc import Mapping

from cowork.core.plan import Step
from cowork.loop.request import LoopRequest
from cowork.loop.results import Calls, Cost, Depth, LoopRun, Seat, Tokens, Verdict
from cowork.loop.spending import Spent
from cowork.loop.worst import require_affordable, unpriced, worst_case
from cowork.patterns.protocol import SeatState
from cowork.patterns.results import PatternResult
from cowork.policy import gate
from cowork.policy.actions import Action


def report(session: str, request: LoopRequest, result: PatternResult, spent: Spent, *, seconds: float) -> LoopRun:
    """The finished run."""
    price, usd = request.price, spent.usd()
    return LoopRun(
        session_id=session,
        status=result.outcome if result.outcome in ("degraded", "failed") else "completed",
        pattern=request.pattern.name,
        task=request.task,
        rehearsal=request.rehearsal,
        answer=result.answer,
        verdict=_verdict(result),
        round0=result.round0,
        statements=result.statements,
        seats=_seats(request, result.states, result.substitutes or {}),
        calls=Calls(
            made=result.calls,
            most=price.most_calls,
            fewest=price.fewest_calls,
            formula=price.formula,
            repairs=result.repairs,
            retries=spent.retries,
            extra=result.extra_calls + spent.stand_in_calls,
            worked=price.worked,
        ),
        depth=Depth(result.depth, price.depth),
        tokens=Tokens(*spent.tokens()),
        cost=Cost(usd, usd is not None, request.budget.usd),
        seconds=seconds,
        problems=result.problems,
        dry_run=False,
        plan=(),
        document=result.document,
        best_single=result.best_single,
        dissent=result.dissent,
        findings=result.findings,
        versions=result.versions,
        tasks=result.tasks,
        coverage=result.coverage,
        notes=result.notes,
        options=_options(request),
        steps=request.steps,
        seed=request.seed,
    )


def dry_run(request: LoopRequest, *, verb: str = "loop start") -> LoopRun:
    """What a run would do and cost at the most; nothing is asked and nothing is written. Raises what
    the run itself would refuse: `loop.budget_too_small`, `loop.price_unknown`, `policy.unreadable`.
    """
    require_affordable(request)
    gate.require(Action(verb, what=request.pattern.name), dry_run=True)
    price, worst = request.price, worst_case(request)
    return LoopRun(
        session_id=None,
        status="planned",
        pattern=request.pattern.name,
        task=request.task,
        rehearsal=request.rehearsal,
        answer=None,
        verdict=None,
        round0=(),
        statements=(),
        seats=_seats(request, {}, {}),
        calls=Calls(0, price.most_calls, price.fewest_calls, price.formula, 0, 0, 0, price.worked),
        depth=Depth(0, price.depth),
        tokens=Tokens(0, price.most_calls * request.max_tokens, "estimated"),
        cost=Cost(worst.usd, worst.usd is not None, request.budget.usd),
        seconds=0.0,
        problems=(),
        dry_run=True,
        plan=tuple(_plan(request)),
        options=_options(request),
        steps=request.steps,
        seed=request.seed,
    )


def _plan(request: LoopRequest) -> list[Step]:
    price = request.price
    steps = [Step("read", item.name, f"{len(item.text)} characters of context") for item in request.documents]
    for seat in request.seats:
        stand_in = f"; stands in: {', '.join(item.label for item in seat.fallbacks)}" if seat.fallbacks else ""
        steps.append(Step("seat", seat.name, f"{seat.role}: {seat.target.label}{stand_in}"))
    worked = f"{price.formula} = {price.worked}" if price.worked != price.formula else price.formula
    few = f"{price.fewest_calls} to " if price.fewest_calls != price.most_calls else ""
    calls = f"{few}{price.most_calls} call{'s' if price.most_calls != 1 else ''} ({worked}), depth {price.depth}"
    steps.append(Step("ask", request.pattern.name, calls))
    steps += [Step("check", command, "on every draft") for command in request.checks]
    if missing := unpriced(request):
        steps.append(Step("price", "unknown", f"no price is known for {', '.join(missing)}"))
    steps.append(Step("write", "session", "journal, session.json, output log"))
    return steps


def _seats(request: LoopRequest, states: Mapping[str, SeatState], substitutes: Mapping[str, str]) -> tuple[Seat, ...]:
    return tuple(
        Seat(
            name=seat.name,
            role=seat.role,
            provider=seat.target.provider,
            model=seat.target.model,
            state=states.get(seat.name, "unasked"),
            fallbacks=tuple(target.label for target in seat.fallbacks),
            answered_by=substitutes.get(seat.name),
        )
        for seat in request.seats
    )


def _options(request: LoopRequest) -> dict[str, int | bool]:
    return {name: getattr(request.options, name) for name in request.pattern.options}


def _verdict(result: PatternResult) -> Verdict:
    return Verdict(
        outcome=result.outcome,
        decided_by=result.decided_by,
        reason=result.reason,
        confidence=result.confidence,
        votes_for=result.votes_for,
        votes_of=result.votes_of,
        ballots=result.ballots,
        tie_broken_by=result.tie_broken_by,
    )
