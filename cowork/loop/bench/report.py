"""The numbers of a bench, computed from its rows: how often each arm was right, at what price, and what that shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cowork.core.plan import Step
from cowork.loop.bench.arms import MOST_SAMPLES, Arm
from cowork.loop.bench.cautions import cautions
from cowork.loop.bench.record import Bench, run_id
from cowork.loop.bench.results import ArmReport, BenchReport, Difference, Row
from cowork.loop.bench.statistics import Outcomes, accuracy, difference, latency
from cowork.loop.budget import Charge
from cowork.loop.worst import unpriced, worst_case
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.sessions.places import Workplace


def report(place: Workplace, bench: Bench, rows: Mapping[str, Row], status: str) -> BenchReport:
    """The bench as far as it has come."""
    held = _in_order(bench, rows)
    arms = _arms(bench, held)
    return BenchReport(
        bench_id=place.session_id,
        status=status,
        source=bench.source,
        questions=len(bench.questions),
        repeats=bench.repeats,
        rehearsal=bench.rehearsal,
        done=len(held),
        runs=bench.runs,
        calls=sum(row.calls for row in held),
        tokens=sum(row.input_tokens + row.output_tokens for row in held),
        usd=_usd(held),
        max_usd=bench.budget.usd,
        arms=arms,
        cautions=cautions(bench, arms),
        rows=held,
        dry_run=False,
        plan=(),
        path=str(place.path),
    )


def dry_run(bench: Bench, *, verb: str = "bench run", kept: Sequence[Step] = ()) -> BenchReport:
    """What a bench would do and cost at the most; nothing is asked and nothing is written. Raises `policy.unreadable`."""
    gate.require(Action(verb, what=", ".join(arm.name for arm in bench.arms)), dry_run=True)
    worst = worst_of(bench)
    return BenchReport(
        bench_id=None,
        status="planned",
        source=bench.source,
        questions=len(bench.questions),
        repeats=bench.repeats,
        rehearsal=bench.rehearsal,
        done=0,
        runs=bench.runs,
        calls=worst.calls,
        tokens=worst.tokens,
        usd=None if worst.usd is None else round(worst.usd, 6),
        max_usd=bench.budget.usd,
        arms=_arms(bench, ()),
        cautions=cautions(bench, ()),
        rows=(),
        dry_run=True,
        plan=(*kept, *_plan(bench)),
    )


def worst_of(bench: Bench) -> Charge:
    """What all runs cost at the most, repairs, retries and stand-ins left out; money is None when a price is not known."""
    calls, tokens, usd = 0, 0, 0.0
    known = True
    for arm in bench.arms:
        for question in bench.questions:
            worst = worst_case(arm.asking(question, 1, samples=most_samples(bench, arm))).times(bench.repeats)
            calls, tokens, usd = calls + worst.calls, tokens + worst.tokens, usd + (worst.usd or 0.0)
            known = known and worst.usd is not None
    return Charge(calls, tokens, usd if known else None)


def most_samples(bench: Bench, arm: Arm) -> int | None:
    """How often the single model of an equal-call arm is asked at the most, by the formula of the other arm."""
    if arm.kind != "equal_calls":
        return None
    other = next(item for item in bench.arms if item.name == arm.against)
    return min(MOST_SAMPLES, other.request.price.most_calls)


def _plan(bench: Bench) -> Iterable[Step]:
    times = f" x {bench.repeats}" if bench.repeats > 1 else ""
    yield Step("read", bench.source, f"{len(bench.questions)} question(s){times}")
    for arm in bench.arms:
        price, seats = arm.request.price, ", ".join(_seats(arm))
        calls = f"{price.fewest_calls} to {price.most_calls} calls a question ({price.formula} = {price.worked})"
        if arm.kind == "equal_calls":
            calls = f"as many calls as {arm.against} makes, at most {most_samples(bench, arm)}"
        yield Step("measure", arm.name, f"{calls}; {seats}")
    worst = worst_of(bench)
    yield Step("ask", "models", f"at most {worst.calls} calls and {worst.tokens} tokens, {bench.parallel} run(s) at a time")
    missing = sorted({label for arm in bench.arms for label in unpriced(arm.request)})
    if missing:
        yield Step("price", "unknown", f"no price is known for {', '.join(missing)}")
    yield Step("write", "session", "journal")


def _in_order(bench: Bench, rows: Mapping[str, Row]) -> tuple[Row, ...]:
    runs = (
        run_id(arm.name, number, repeat)
        for arm in bench.arms
        for number in range(1, len(bench.questions) + 1)
        for repeat in range(1, bench.repeats + 1)
    )
    return tuple(rows[run] for run in runs if run in rows)


def _arms(bench: Bench, rows: Sequence[Row]) -> tuple[ArmReport, ...]:
    held = {arm.name: [row for row in rows if row.arm == arm.name] for arm in bench.arms}
    rehearse = {arm.name for arm in bench.arms if arm.request.rehearsal}
    return tuple(_arm(arm, held[arm.name], _difference(arm, held, rehearse)) for arm in bench.arms)


def _difference(arm: Arm, held: Mapping[str, Sequence[Row]], rehearse: set[str]) -> Difference | None:
    """Against the arm with as many calls; a rehearsal is compared with nobody, for it is no model."""
    if arm.kind == "equal_calls" or arm.against is None or {arm.name, arm.against} & rehearse:
        return None
    return difference(_outcomes(held[arm.name]), _outcomes(held[arm.against]), against=arm.against)


def _outcomes(rows: Iterable[Row]) -> Outcomes:
    found: dict[str, dict[int, bool]] = {}
    for row in rows:
        found.setdefault(row.question, {})[row.repeat] = row.right
    return found


def _arm(arm: Arm, rows: Sequence[Row], compared: Difference | None) -> ArmReport:
    sources = {row.tokens_source for row in rows}
    outcomes = [row.outcome for row in rows]
    calls = sum(row.calls for row in rows)
    return ArmReport(
        name=arm.name,
        kind=arm.kind,
        pattern=arm.request.pattern.name,
        seats=_seats(arm),
        rehearsal=arm.request.rehearsal,
        against=arm.against,
        runs=len(rows),
        questions=len({row.question for row in rows}),
        right=sum(row.right for row in rows),
        undecided=outcomes.count("undecided"),
        degraded=outcomes.count("degraded"),
        failed=outcomes.count("failed"),
        accuracy=accuracy(_outcomes(rows)),
        calls=calls,
        calls_per_run=round(calls / len(rows), 3) if rows else None,
        input_tokens=sum(row.input_tokens for row in rows),
        output_tokens=sum(row.output_tokens for row in rows),
        tokens_source="unknown" if "unknown" in sources else "estimated" if "estimated" in sources else "reported",
        usd=_usd(rows),
        latency=latency([row.seconds for row in rows if row.seconds is not None]),
        difference=compared,
    )


def _seats(arm: Arm) -> tuple[str, ...]:
    return tuple(f"{seat.name}={seat.target.label}" for seat in arm.request.seats)


def _usd(rows: Sequence[Row]) -> float | None:
    costs = [row.usd for row in rows if row.usd is not None]
    return round(sum(costs), 6) if len(costs) == len(rows) else None
