"""Loop runs, for a person."""

from __future__ import annotations

from cowork.core.text import one_line
from cowork.loop.results import LoopRun, SessionDetail, SessionList, Verdict
from cowork.patterns.results import Statement
from cowork.render.screen import Screen

_STEP = {0: "Round 0: opening statements, blind"}
_BY = {
    "agreement": "both said so independently",
    "concession": "one side conceded",
    "judge": "the judge, in both orders",
    "tie_break": "the tie-break seat, in both orders",
    "nobody": "nobody",
}


def run(data: LoopRun, screen: Screen) -> None:
    """The whole run: what was said, the verdict, what it took."""
    if data.dry_run:
        _plan(data, screen)
        return
    screen.title(f"{data.pattern} · {data.status}", "rehearsal: no model was asked" if data.rehearsal else "")
    screen.text(data.task)
    for number in sorted({statement.round for statement in data.statements}):
        screen.section(_STEP.get(number, f"Round {number}: rebuttals, at the same time"))
        for statement in data.statements:
            if statement.round == number:
                _statement(statement, screen)
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


def session(data: SessionDetail, screen: Screen) -> None:
    """A session's page; its result when it has one."""
    screen.facts(
        {
            "session": data.session_id,
            "status": data.status,
            "started": data.created_at,
            "last event": data.updated_at,
            "events": data.events,
            "error": data.error,
            "path": data.path,
        }
    )
    screen.blank()
    if data.result is not None:
        run(data.result, screen)
    else:
        screen.text(f"{data.pattern}: {data.task}")


def _plan(data: LoopRun, screen: Screen) -> None:
    screen.title(f"{data.pattern} · plan", "nothing is asked, nothing is written")
    screen.table(("STEP", "TARGET", "DETAIL"), [(step.action, step.target, step.detail) for step in data.plan])
    cost = f"${data.cost.usd:.4f}" if data.cost.usd is not None else "unknown: no price is known for these models"
    screen.facts({"output tokens, at most": data.tokens.output, "worst-case cost": cost})


def _statement(statement: Statement, screen: Screen) -> None:
    screen.text(f"{statement.seat}: {statement.answer}  ({statement.confidence:.0%} sure)", style="bold")
    screen.text(_without_contract(statement.text), indent=2)


def _verdict(data: LoopRun, verdict: Verdict, screen: Screen) -> None:
    screen.section("Verdict")
    votes = "; ".join(f"{vote.answer} ({', '.join(vote.seats)})" for vote in data.round0)
    screen.facts(
        {
            "answer": data.answer or "none",
            "outcome": f"{verdict.outcome}, {verdict.votes_for} of {verdict.votes_of}",
            "decided by": _BY[verdict.decided_by],
            "reason": verdict.reason,
            "round-0 votes": votes or "none",
        }
    )
    for ballot in verdict.ballots:
        order = " then ".join(ballot.order)
        screen.text(f"{ballot.judge}, shown {order}: {ballot.winner or 'tie'} ({ballot.confidence:.0%} sure)", indent=2)
    for problem in data.problems:
        screen.text(f"problem: {problem}", style="yellow")


def _price(data: LoopRun, screen: Screen) -> None:
    screen.section("What it took")
    calls = f"{data.calls.made} of at most {data.calls.most}  ({data.calls.formula})"
    extra = [f"{data.calls.repairs} repairs"] * bool(data.calls.repairs) + [f"{data.calls.retries} retries"] * bool(
        data.calls.retries
    )
    screen.facts(
        {
            "calls": ", ".join([calls, *extra]),
            "depth": f"{data.depth.made} of at most {data.depth.most}",
            "tokens": f"{data.tokens.input} in, {data.tokens.output} out ({data.tokens.source})",
            "cost": f"${data.cost.usd:.4f}" if data.cost.usd is not None else "unknown",
            "time": f"{data.seconds:.1f} s",
            "seats": "; ".join(f"{seat.name} {seat.provider}/{seat.model} {seat.state}" for seat in data.seats),
            "session": data.session_id,
        }
    )


def _without_contract(text: str) -> str:
    body = text.rstrip()
    start = body.rfind("\n{")
    return body[:start].rstrip() if start > 0 else body
