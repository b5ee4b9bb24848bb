"""What a reader of a bench must know before believing its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cowork.loop.bench.arms import MOST_SAMPLES, Arm
from cowork.loop.bench.record import Bench
from cowork.loop.bench.results import ArmReport, Caution, Difference
from cowork.loop.bench.statistics import NOT_SHOWN
from cowork.patterns.steps import thinkers
from cowork.patterns.weights import about

FEW_QUESTIONS = 30


def cautions(bench: Bench, arms: Sequence[ArmReport]) -> tuple[Caution, ...]:
    """Everything that makes the numbers say less than they seem to."""
    return (*_rehearsal(bench), *_few(bench), *_seats(bench), *_shown(arms), *_lost(arms), *_repeats(bench))


def _rehearsal(bench: Bench) -> Iterator[Caution]:
    names = [arm.name for arm in bench.arms if arm.request.rehearsal]
    if names:
        said = "they show that the bench works and nothing about models, so they are compared with nobody"
        yield Caution("bench.rehearsal", f"no model was asked by {', '.join(names)}: {said}")


def _few(bench: Bench) -> Iterator[Caution]:
    count = len(bench.questions)
    if count < FEW_QUESTIONS:
        yield Caution(
            "bench.few_questions", f"{count} question(s) are few: only a very large difference could be told from chance"
        )


def _seats(bench: Bench) -> Iterator[Caution]:
    for arm in bench.arms:
        labels = [seat.target.label for seat in arm.request.seats if not seat.target.rehearsal]
        shared = sorted({label for label in labels if labels.count(label) > 1})
        if shared:
            said = "its errors are not independent"
            yield Caution("bench.same_model", f"{arm.name}: {', '.join(shared)} sits on several seats: {said}")
        for note in about(arm.request.setup, thinkers(arm.request.pattern, arm.request.setup)):
            yield Caution("bench.votes", f"{arm.name}: {note}")
        if _beyond(arm):
            said = f"it may make more calls than the {MOST_SAMPLES} samples that one model is asked for at the most"
            yield Caution("bench.more_calls", f"{arm.name}: {said}, so the comparison may favour it")


def _beyond(arm: Arm) -> bool:
    return arm.kind != "equal_calls" and arm.against is not None and arm.request.price.most_calls > MOST_SAMPLES


def _shown(arms: Sequence[ArmReport]) -> Iterator[Caution]:
    compared = [(arm, arm.difference) for arm in arms if arm.difference is not None]
    for arm, found in compared:
        if found.finding == NOT_SHOWN:
            yield Caution("bench.not_shown", f"{arm.name}: {_not_shown(found)}")
    if len(compared) > 1:
        chance = 1 - 0.95 ** len(compared)
        yield Caution(
            "bench.many_comparisons",
            f"{len(compared)} comparisons at 95 % each: with no difference at all, one of them still leaves out zero in up to "
            f"{chance:.0%} of benches",
        )


def _not_shown(found: Difference) -> str:
    points = (found.high - found.low) / 2 * 100
    text = f"no difference shown by {found.questions} question(s): the interval reaches {points:.0f} points to either side"
    if found.questions_needed is None or found.questions_needed <= found.questions:
        return text
    return f"{text}; a difference like the one seen, were it real, would take about {found.questions_needed} questions"


def _lost(arms: Sequence[ArmReport]) -> Iterator[Caution]:
    for arm in arms:
        if arm.failed or arm.degraded:
            yield Caution(
                "bench.lost_runs",
                f"{arm.name}: {arm.failed} run(s) without an answer count as wrong, {arm.degraded} went on without a seat",
            )


def _repeats(bench: Bench) -> Iterator[Caution]:
    if bench.repeats > 1:
        said = "intervals are over questions, for repeats are not new questions"
        yield Caution("bench.repeats", f"each question is asked {bench.repeats} times; {said}")
