"""A bench as the command line asks for it, checked before a session exists."""

from __future__ import annotations

from cowork.core.outcome import Notice
from cowork.core.settings import Settings
from cowork.loop.bench.arms import Arm, Asked, arms_of
from cowork.loop.bench.questions import BenchQuestion, read_questions
from cowork.loop.bench.record import Bench
from cowork.loop.bench.report import most_samples, worst_of
from cowork.loop.budget import Budget, require_room
from cowork.loop.worst import require_affordable, unpriced, worst_case


def prepare(
    path: str, asked: Asked, settings: Settings, *, limit: int | None, repeats: int, parallel: int, budget: Budget
) -> tuple[Bench, tuple[Notice, ...]]:
    """A checked bench with notices. Raises what reading questions and seating arms raise, `loop.price_unknown`, and
    `loop.budget_too_small` when the budget has no room for a single run of some arm.
    """
    questions, ignored = read_questions(path, limit)
    arms, notices = arms_of(asked, settings)
    bench = Bench(path, questions, arms, repeats, parallel, budget)
    longest = max(questions, key=lambda question: len(question.question) + len(question.context))
    for arm in arms:
        _require_room(bench, arm, longest)
    return bench, (*ignored, *notices, *_may_stop(bench))


def _require_room(bench: Bench, arm: Arm, longest: BenchQuestion) -> None:
    request = arm.asking(longest, 1, samples=most_samples(bench, arm))
    require_affordable(request)
    formula = request.price.formula
    require_room(
        bench.budget, worst_case(request), pattern=f"one run of {arm.name}", formula=formula, unpriced=unpriced(request)
    )


def _may_stop(bench: Bench) -> tuple[Notice, ...]:
    budget, worst = bench.budget, worst_of(bench)
    enough = (
        (budget.calls is None or worst.calls <= budget.calls)
        and (budget.tokens is None or worst.tokens <= budget.tokens)
        and (budget.usd is None or (worst.usd or 0.0) <= budget.usd)
    )
    if enough:
        return ()
    text = "the budget may end before the bench does: it then stops in order, and can be resumed with a higher cap"
    return (Notice("bench.may_stop", text),)
