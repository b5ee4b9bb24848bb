"""How a run that is over is reported: its report, or the error and exit code that go with its end."""

from __future__ import annotations

from cowork.core.errors import CoworkError, Degraded, LimitReached, Unavailable
from cowork.loop.engine.results import LoopReport


def resumed_by_hand(session: str) -> str:
    """What to type to go on."""
    return f"go on where it stood with: cowork loop resume {session}"


def require_completed(report: LoopReport) -> LoopReport:
    """The report of a run that is done. Raises the error that goes with any other end, and carries it."""
    if report.status == "completed":
        return report
    session, why = report.session_id or "", report.message or None
    hint = resumed_by_hand(session)
    if report.status == "limit":
        what = f"the run reached its limit of {_LIMITS.get(report.reason, report.reason)}"
        raise LimitReached("loop.limit", what, cause=why, hint=f"{hint} {_FLAGS.get(report.reason, '')}".rstrip(), data=report)
    if report.status == "blocked":
        asked = next(task for task in report.tasks if task.question)
        said = f'cowork loop answer {session} {asked.id} "..." and then: cowork loop resume {session}'
        raise LimitReached("loop.blocked", "the run waits for an answer", cause=asked.question, hint=said, data=report)
    if report.status == "interrupted":
        raise LimitReached("loop.stopped", "the run was stopped before it was done", cause=why, hint=hint, data=report)
    if report.status == "rate-limited":
        raise Unavailable("loop.rate_limited", "every agent is rate limited", cause=why, hint=hint, data=report)
    if report.status == "failed" and report.done:
        done = f"{report.done} of {report.total} tasks are done"
        raise Degraded("loop.unfinished", done, cause=why, hint=f"{hint} --again", data=report)
    what = {"stagnated": "the run came to a standstill", "aborted": "the run was aborted"}.get(report.status, "the run failed")
    again = "" if report.status == "aborted" else " --again"
    raise CoworkError(f"loop.{report.status}", what, cause=why, hint=hint + again, data=report)


_LIMITS = {
    "iterations": "iterations",
    "time": "time",
    "tokens": "tokens",
    "cost": "money",
    "cost_unknown": "money",
    "failures": "failures in a row",
}
_FLAGS = {
    "iterations": "--max-iterations N",
    "time": "--max-time SECONDS",
    "tokens": "--max-tokens N",
    "cost": "--max-cost USD",
    "failures": "--again",
}
