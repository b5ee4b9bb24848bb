"""A pattern's result as the run reports it."""

from __future__ import annotations

from cowork.core.plan import Step
from cowork.loop.request import LoopRequest
from cowork.loop.results import Calls, Cost, Depth, JudgeBallot, LoopRun, Said, Seat, Tokens, Verdict, Vote
from cowork.loop.table import Spent
from cowork.patterns.debate import round_zero
from cowork.patterns.directory import price
from cowork.patterns.protocol import PatternResult
from cowork.policy import gate
from cowork.policy.actions import Action


def report(session: str, request: LoopRequest, result: PatternResult, spent: Spent, *, retries: int, seconds: float) -> LoopRun:
    """The finished run."""
    tie_break = any(seat.role == "tie-break" for seat in request.seats)
    formula = price(request.pattern, rounds=request.rounds, tie_break=tie_break)
    usd = spent.usd()
    return LoopRun(
        session_id=session,
        status=result.outcome if result.outcome in ("degraded", "failed") else "completed",
        pattern=request.pattern.name,
        task=request.task,
        rehearsal=any(seat.target.rehearsal for seat in request.seats),
        answer=result.answer,
        verdict=_verdict(result),
        round0=tuple(Vote(answer, tuple(seats)) for answer, seats in round_zero(result).items()),
        statements=tuple(
            Said(item.round, item.seat, item.answer, item.confidence, item.reason, item.text) for item in result.statements
        ),
        seats=tuple(
            Seat(seat.name, seat.role, seat.target.provider, seat.target.model, result.states[seat.name])
            for seat in request.seats
        ),
        calls=Calls(result.calls, formula.most_calls, formula.fewest_calls, formula.formula, result.repairs, retries),
        depth=Depth(result.depth, formula.depth),
        tokens=Tokens(*spent.tokens()),
        cost=Cost(usd, usd is not None),
        seconds=seconds,
        problems=result.problems,
        dry_run=False,
        plan=(),
    )


def dry_run(request: LoopRequest) -> LoopRun:
    """What a run would do and cost at the most; nothing is asked and nothing is written. Raises `policy.unreadable`."""
    gate.require(Action("loop start", what=request.pattern.name), dry_run=True)
    tie_break = any(seat.role == "tie-break" for seat in request.seats)
    formula = price(request.pattern, rounds=request.rounds, tie_break=tie_break)
    rehearsal = all(seat.target.rehearsal for seat in request.seats)
    steps = [Step("read", item.name, f"{len(item.text)} characters of context") for item in request.documents]
    steps += [Step("seat", seat.name, f"{seat.role}: {seat.target.label}") for seat in request.seats]
    calls = f"{formula.fewest_calls} to {formula.most_calls} calls ({formula.formula}), depth {formula.depth}"
    steps.append(Step("ask", request.pattern.name, calls))
    steps.append(Step("write", "session", "journal, session.json, output log"))
    return LoopRun(
        session_id=None,
        status="planned",
        pattern=request.pattern.name,
        task=request.task,
        rehearsal=any(seat.target.rehearsal for seat in request.seats),
        answer=None,
        verdict=None,
        round0=(),
        statements=(),
        seats=tuple(Seat(s.name, s.role, s.target.provider, s.target.model, "unasked") for s in request.seats),
        calls=Calls(0, formula.most_calls, formula.fewest_calls, formula.formula, 0, 0),
        depth=Depth(0, formula.depth),
        tokens=Tokens(0, formula.most_calls * request.max_tokens, "estimated"),
        cost=Cost(0.0 if rehearsal else None, rehearsal),
        seconds=0.0,
        problems=(),
        dry_run=True,
        plan=tuple(steps),
    )


def _verdict(result: PatternResult) -> Verdict:
    return Verdict(
        outcome=result.outcome,
        decided_by=result.decided_by,
        reason=result.reason,
        confidence=result.confidence,
        votes_for=result.votes_for,
        votes_of=result.votes_of,
        ballots=tuple(
            JudgeBallot(item.judge, item.order, item.winner, item.confidence, item.reason) for item in result.ballots
        ),
    )
