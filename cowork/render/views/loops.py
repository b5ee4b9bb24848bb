"""Loop runs, for a person."""

from __future__ import annotations

from cowork.core.text import one_line
from cowork.loop.results import Calls, LoopRun, Seat, Verdict
from cowork.loop.session_results import SessionList
from cowork.patterns.answers import body
from cowork.patterns.results import Ballot, Statement
from cowork.render.screen import Screen
from cowork.render.views.loop_details import details

_BY = {
    "agreement": "all said so independently",
    "concession": "one side conceded",
    "vote": "a vote",
    "plurality": "the most votes, of less than half",
    "judge": "the judge, in both orders",
    "tie_break": "the tie-break seat, in both orders",
    "review": "the reviewers",
    "score": "the critic's score",
    "writer": "the seat that concludes",
    "nobody": "nobody",
}
_TIE = {
    "confidence": "higher confidence",
    "pairwise": "wins one against one",
    "last_places": "fewest last places",
    "tie_break_seat": "the tie-break seat",
    "hash": "a hash of the answers, for want of anything better",
}


def run(data: LoopRun, screen: Screen) -> None:
    """The whole run: what was said, the verdict, what it took."""
    if data.dry_run:
        _plan(data, screen)
        return
    screen.title(f"{data.pattern} · {data.status}", "rehearsal: no model was asked" if data.rehearsal else "")
    screen.text(data.task)
    for number in sorted({said.round for said in data.statements}):
        screen.section(_heading(data.pattern, number))
        for said in data.statements:
            if said.round == number:
                statement(said, screen)
    details(data, screen)
    if data.verdict is not None:
        _verdict(data, data.verdict, screen)
    _price(data, screen)


def listing(data: SessionList, screen: Screen) -> None:
    """A table of sessions."""
    if not data.items:
        screen.text('no sessions yet; start one with: cowork loop start "TASK" --pattern debate')
        return
    rows = [
        (item.session_id, item.status + (" (rehearsal)" if item.rehearsal else ""), item.pattern, one_line(item.task, 60))
        for item in data.items
    ]
    screen.table(("SESSION", "STATUS", "PATTERN", "TASK"), rows)


def _heading(pattern: str, number: int) -> str:
    if number == 0:
        return "Round 0: opening statements, blind" if pattern == "debate" else "Round 0, blind"
    return f"Round {number}: rebuttals, at the same time" if pattern == "debate" else f"Round {number}"


def _plan(data: LoopRun, screen: Screen) -> None:
    screen.title(f"{data.pattern} · plan", "nothing is asked, nothing is written")
    screen.table(("STEP", "TARGET", "DETAIL"), [(step.action, step.target, step.detail) for step in data.plan])
    cost = f"${data.cost.usd:.4f}" if data.cost.usd is not None else "unknown: no price is known for these models"
    screen.facts({"output tokens, at most": data.tokens.output, "worst-case cost": cost})


def statement(said: Statement, screen: Screen) -> None:
    """What one seat said, without the JSON object for the engine."""
    screen.text(f"{said.seat}: {said.answer}  ({said.confidence:.0%} sure)", style="bold")
    if text := body(said.text) or said.reason:
        screen.text(text, indent=2)


def _verdict(data: LoopRun, verdict: Verdict, screen: Screen) -> None:
    screen.section("Verdict")
    votes = "; ".join(f"{vote.answer} ({', '.join(vote.seats)})" for vote in data.round0)
    best = data.best_single
    screen.facts(
        {
            "answer": data.answer or "none",
            "outcome": f"{verdict.outcome.replace('_', ' ')}, {verdict.votes_for} of {verdict.votes_of}",
            "decided by": _BY[verdict.decided_by] + (f"; tie: {_TIE[verdict.tie_broken_by]}" if verdict.tie_broken_by else ""),
            "reason": verdict.reason,
            "round-0 votes": votes or "none",
            "best single seat": f"{best.seat}: {best.answer} ({best.confidence:.0%} sure)" if best else "none",
        }
    )
    for ballot in verdict.ballots:
        screen.text(_ballot(ballot), indent=2)
    for text in data.notes:
        screen.text(f"note: {text}")
    for problem in data.problems:
        screen.text(f"problem: {problem}", style="yellow")


def _ballot(ballot: Ballot) -> str:
    shown = f"{ballot.judge}, shown {' then '.join(ballot.order)}"
    if ballot.ranking:
        return f"{shown}, ranks {' > '.join(ballot.ranking)}"
    return f"{shown}: {ballot.winner or 'tie'} ({ballot.confidence:.0%} sure)"


def beside(calls: Calls) -> list[str]:
    """What came on top of the protocol's calls."""
    kinds = (
        (calls.repairs, "repair", "repairs"),
        (calls.retries, "retry", "retries"),
        (calls.extra, "call to a stand-in", "calls to stand-ins"),
    )
    return [f"{number} {one if number == 1 else more}" for number, one, more in kinds if number]


def _price(data: LoopRun, screen: Screen) -> None:
    screen.section("What it took")
    calls = data.calls
    worked = f"{calls.formula} = {calls.worked}" if calls.worked not in ("", calls.formula) else calls.formula
    cost = f"${data.cost.usd:.4f}" if data.cost.usd is not None else "unknown"
    screen.facts(
        {
            "calls": ", ".join([f"{calls.made} of at most {calls.most}  ({worked})", *beside(calls)]),
            "depth": f"{data.depth.made} of at most {data.depth.most}",
            "tokens": f"{data.tokens.input} in, {data.tokens.output} out ({data.tokens.source})",
            "cost": cost + (f" of at most ${data.cost.cap:.4f}" if data.cost.cap is not None else ""),
            "time": f"{data.seconds:.1f} s",
            "seats": "; ".join(_seat(seat) for seat in data.seats),
            "session": data.session_id,
        }
    )


def _seat(seat: Seat) -> str:
    by = f" by {seat.answered_by}" if seat.answered_by else ""
    return f"{seat.name} {seat.provider}/{seat.model} {seat.state}{by}"
